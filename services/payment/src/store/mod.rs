//! Loads the payments a batch of commands names and saves what it changed, in a constant number of statements.

mod convert;
mod entity;

use choreography::{Migration, Store, in_chunks, key_chunks};
use entity::payment::{ActiveModel, Column, Entity, Model};
use jiff::Timestamp;
use kernel::ReservationId;
use payment_domain::{Command, Payment, Terms, Working};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[Migration { name: "payment-0001", sql: include_str!("migration/0001.sql") }];

/// Most cases of one sweep.
pub const SWEEP_MAX: usize = 256;
/// Columns of a row, each a bound parameter.
const COLUMNS: usize = 18;

/// Loads the working set of `commands`, locked in key order.
///
/// What a command may create is inserted first: a row that is not there cannot be locked, and two replicas that both
/// found none would overwrite each other.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let mut blank: BTreeMap<Uuid, &Terms> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for command in commands {
        named.insert(command.reservation().0);
        match command {
            Command::Follow(snapshot) => {
                blank.entry(snapshot.reservation.0).or_insert(&snapshot.terms);
            }
            Command::Request(ask) => {
                blank.entry(ask.reservation.0).or_insert(&ask.terms);
            }
            Command::Settle { .. } | Command::Give { .. } | Command::TakeUp { .. } => {}
        }
    }
    insert_blank(tx, blank).await?;
    let mut working = Working::default();
    for ids in key_chunks(named.into_iter().collect()) {
        let query = Entity::find().filter(Column::ReservationId.is_in(ids)).order_by_asc(Column::ReservationId);
        for row in query.lock_exclusive().all(tx).await? {
            working.load(Payment::try_from(row)?);
        }
    }
    Ok(working)
}

async fn insert_blank(tx: &DatabaseTransaction, blank: BTreeMap<Uuid, &Terms>) -> Result<(), DbErr> {
    let rows: Vec<ActiveModel> = blank
        .into_iter()
        .map(|(id, terms)| Model::from(&Payment::unasked(id.into(), terms.clone())).into_active_model())
        .collect();
    for rows in in_chunks(rows, COLUMNS) {
        Entity::insert_many(rows).on_conflict_do_nothing_on([Column::ReservationId]).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Saves what the decisions changed. Every row is there and locked, so the insert only ever updates.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let rows: Vec<ActiveModel> = working.changed().map(|payment| Model::from(payment).into_active_model()).collect();
    for rows in in_chunks(rows, COLUMNS) {
        let columns = Column::iter().filter(|column| !matches!(column, Column::ReservationId));
        Entity::insert_many(rows)
            .on_conflict(OnConflict::column(Column::ReservationId).update_columns(columns).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The payment of a reservation.
pub async fn payment(store: &Store, reservation: ReservationId) -> Result<Option<Payment>, DbErr> {
    Entity::find_by_id(reservation.0).one(store.read()).await?.map(Payment::try_from).transpose()
}

/// What a sweep may take up, the longest due first; at most [`SWEEP_MAX`].
pub async fn due(store: &Store, now: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .filter(Column::DueUs.lte(now.as_microsecond()))
        .order_by_asc(Column::DueUs)
        .limit(SWEEP_MAX as u64)
        .select_only()
        .column(Column::ReservationId)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(ids.into_iter().map(ReservationId).collect())
}
