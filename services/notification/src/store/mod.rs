//! Learns whom a batch concerns and stores its messages, in a constant number of statements.

mod convert;
pub(crate) mod entity;
mod read;

pub use read::{Place, Told, list};

use crate::command::{Command, Refund};
use crate::working::{Addressee, Working};
use choreography::{Migration, in_chunks, key_chunks, upsert_where};
use entity::{addressee, notification, pending};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "notification-0001", sql: include_str!("migration/0001.sql") }];

/// Columns of a message, of an addressee and of a waiting refund; each is a bound parameter.
const MESSAGE_COLUMNS: usize = 11;
const ADDRESSEE_COLUMNS: usize = 5;
const PENDING_COLUMNS: usize = 5;

/// Notes whom the batch's reservations concern, then reads who its refunds concern and what waited for it.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let mut cases: BTreeMap<Uuid, Option<Addressee>> = BTreeMap::new();
    let mut refunded = Vec::new();
    for command in commands {
        let case = cases.entry(command.reservation_id()).or_default();
        match command {
            Command::Transition(told) if case.is_none() => *case = Some(Addressee::from(&told.reservation)),
            Command::Transition(_) => {}
            Command::Refund(refund) => refunded.push(refund.reservation_id),
        }
    }
    let named: Vec<Uuid> = cases.iter().filter_map(|(id, addressee)| addressee.is_some().then_some(*id)).collect();
    note(tx, cases).await?;
    Ok(Working { known: known(tx, refunded).await?, waiting: waiting(tx, named).await?, ..Working::default() })
}

/// A case that is known by its refund only gets an empty row, so that of two replicas, one with the refund and one
/// with the reservation, the later waits for the earlier and sees what it wrote.
async fn note(tx: &DatabaseTransaction, cases: BTreeMap<Uuid, Option<Addressee>>) -> Result<(), DbErr> {
    let rows = cases.into_iter().map(|case| addressee::Model::from(case).into_active_model()).collect();
    for rows in in_chunks::<addressee::ActiveModel>(rows, ADDRESSEE_COLUMNS) {
        use addressee::Column::{Business, GuestId, Language, OfferingName, ReservationId};
        let blank = Expr::col((addressee::Entity, GuestId)).is_null();
        addressee::Entity::insert_many(rows)
            .on_conflict(upsert_where(tx, [ReservationId], [Business, Language, OfferingName, GuestId], blank))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn known(tx: &DatabaseTransaction, cases: Vec<Uuid>) -> Result<HashMap<Uuid, Addressee>, DbErr> {
    let mut known = HashMap::new();
    for ids in key_chunks(cases) {
        let rows = addressee::Entity::find().filter(addressee::Column::ReservationId.is_in(ids)).all(tx).await?;
        known.extend(rows.into_iter().filter_map(|row| Some((row.reservation_id, row.known()?))));
    }
    Ok(known)
}

async fn waiting(tx: &DatabaseTransaction, cases: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Refund>>, DbErr> {
    let mut waiting = HashMap::<Uuid, Vec<Refund>>::new();
    for ids in key_chunks(cases) {
        for row in pending::Entity::find().filter(pending::Column::ReservationId.is_in(ids)).all(tx).await? {
            waiting.entry(row.reservation_id).or_default().push(row.into());
        }
    }
    Ok(waiting)
}

/// Stores the messages, and what waits or waits no longer.
pub async fn save(tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
    let Working { known: _, waiting: _, messages, deferred, completed } = working;
    let rows = messages.into_iter().map(|message| notification::Model::from(message).into_active_model()).collect();
    for rows in in_chunks::<notification::ActiveModel>(rows, MESSAGE_COLUMNS) {
        notification::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([notification::Column::Id])
            .exec_without_returning(tx)
            .await?;
    }
    let rows = deferred.into_iter().map(|refund| pending::Model::from(refund).into_active_model()).collect();
    for rows in in_chunks::<pending::ActiveModel>(rows, PENDING_COLUMNS) {
        pending::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([pending::Column::EventId])
            .exec_without_returning(tx)
            .await?;
    }
    for ids in key_chunks(completed) {
        pending::Entity::delete_many().filter(pending::Column::EventId.is_in(ids)).exec(tx).await?;
    }
    Ok(())
}
