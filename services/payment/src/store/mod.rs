//! Loads the payments a batch of commands names and saves what it changed, in a constant number of statements.

mod convert;
mod entity;

use choreography::{Migration, Store, in_chunks, insert_new, key_chunks};
use entity::payment::{ActiveModel, Column, Entity, Model};
use jiff::Timestamp;
use kernel::ReservationId;
use payment_domain::{Command, Payment, Working};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "payment-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "payment-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "payment-0003", sql: include_str!("migration/0003.sql") },
];

/// Most cases of one sweep.
pub const SWEEP_MAX: usize = 256;
/// Columns of a row, each a bound parameter.
const COLUMNS: usize = 20;

/// Loads the working set of `commands`, locked in key order.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let named: BTreeSet<Uuid> = commands.iter().map(|command| command.reservation().0).collect();
    let mut working = Working::default();
    for ids in key_chunks(named.into_iter().collect()) {
        let query = Entity::find().filter(Column::ReservationId.is_in(ids)).order_by_asc(Column::ReservationId);
        for row in query.lock_exclusive().all(tx).await? {
            working.load(Payment::try_from(row)?);
        }
    }
    Ok(working)
}

/// Saves what the decisions changed.
///
/// A payment that is not there cannot be locked: where another replica created one of these meanwhile, the batch has
/// met its transaction and is decided again, on what it finds then.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let created = rows(working.created());
    let expected = created.len();
    if insert_new(tx, created).await?.len() != expected {
        return Err(DbErr::RecordNotInserted);
    }
    // Every row is there and locked, so the insert only ever updates.
    for rows in in_chunks(rows(working.changed()), COLUMNS) {
        let columns = Column::iter().filter(|column| !matches!(column, Column::ReservationId));
        Entity::insert_many(rows)
            .on_conflict(OnConflict::column(Column::ReservationId).update_columns(columns).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn rows<'p>(payments: impl Iterator<Item = &'p Payment>) -> Vec<ActiveModel> {
    payments.map(|payment| Model::from(payment).into_active_model()).collect()
}

/// The payment of a reservation.
pub async fn payment(store: &Store, reservation: ReservationId) -> Result<Option<Payment>, DbErr> {
    Entity::find_by_id(reservation.0).one(store.read()).await?.map(Payment::try_from).transpose()
}

/// What a sweep may take up, of each status the longest due first; at most [`SWEEP_MAX`] in all. What nobody has asked
/// for is due only until `begin_until`.
pub async fn due(store: &Store, now: Timestamp, begin_until: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let mut found = Vec::new();
    for (status, until) in [("requested", now), ("refunding", now), ("unasked", begin_until)] {
        let room = (SWEEP_MAX - found.len()) as u64;
        let ids: Vec<Uuid> = due_of(status, until).limit(room).into_tuple().all(store.read()).await?;
        found.extend(ids.into_iter().map(ReservationId));
    }
    Ok(found)
}

fn due_of(status: &str, until: Timestamp) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::ReservationId)
        .filter(Column::Status.eq(status))
        .filter(Column::DueUs.lte(until.as_microsecond()))
        .order_by_asc(Column::DueUs)
}

/// The payments behind `after` in the order of their reservations, of which anything was ever told.
pub async fn payments(store: &Store, after: Uuid, count: u64) -> Result<Vec<Payment>, DbErr> {
    let query = Entity::find().filter(Column::ReservationId.gt(after)).filter(Column::Version.gt(0));
    let page = query.order_by_asc(Column::ReservationId).limit(count).all(store.read()).await?;
    page.into_iter().map(Payment::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Clock;
    use sea_orm::QueryTrait;

    testing::on_every_backend! {
        async fn what_is_due_is_looked_up(db: Db) {
            let store = Store::open(&db.url, Clock::system()).await.unwrap();
            store.migrate(MIGRATIONS).await.unwrap();
            let (read, due) = (store.read(), due_of("unasked", Timestamp::UNIX_EPOCH).limit(SWEEP_MAX as u64));
            let question = due.build(read.get_database_backend());
            testing::assert_looked_up(read, question, "payment_of_status_due", "due_us").await;
        }
    }
}
