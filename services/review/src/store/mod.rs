//! Loads the reservations and reviews that a batch names and saves what it changed, in a constant number of statements.

mod convert;
mod entity;
mod read;

pub use read::{Place, list, ratings, review, reviews};

use choreography::{Migration, in_chunks, key_chunks};
use entity::{booking, review as row};
use review_domain::{Booking, Command, Review, Working};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[Migration { name: "review-0001", sql: include_str!("migration/0001.sql") }];

/// Columns of a row; each is a bound parameter.
const BOOKING_COLUMNS: usize = 7;
const REVIEW_COLUMNS: usize = 12;

/// Loads what `commands` name, locked: reservations in key order, then reviews in key order. Who posts holds the lock of
/// the reservation, so that of two replicas the later sees the review of the earlier.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    insert_unknown(tx, commands).await?;
    let mut working = Working::default();
    let ids: BTreeSet<_> = commands.iter().filter_map(|command| command.reservation()).map(|id| id.0).collect();
    for ids in key_chunks(ids.into_iter().collect()) {
        let rows = booking::Entity::find()
            .filter(booking::Column::ReservationId.is_in(ids))
            .order_by_asc(booking::Column::ReservationId)
            .lock_exclusive()
            .all(tx)
            .await?;
        rows.into_iter().for_each(|row| working.load_booking(row.into()));
    }
    let ids: BTreeSet<_> = commands.iter().filter_map(|command| command.review()).map(|id| id.0).collect();
    for ids in key_chunks(ids.into_iter().collect()) {
        let rows = row::Entity::find()
            .filter(row::Column::ReviewId.is_in(ids))
            .order_by_asc(row::Column::ReviewId)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            working.load_review(Review::try_from(row)?);
        }
    }
    Ok(working)
}

/// Inserts reservations that the store does not hold: a row that is not there cannot be locked, and two replicas that
/// both bring its first would each believe theirs is the newest.
async fn insert_unknown(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<(), DbErr> {
    let mut newest = BTreeMap::<_, &Booking>::new();
    for command in commands {
        if let Command::Note(booking) = command {
            let known = newest.entry(booking.reservation).or_insert(booking);
            if known.version < booking.version {
                *known = booking;
            }
        }
    }
    let rows = newest.into_values().map(|booking| booking::Model::from(booking).into_active_model()).collect();
    for rows in in_chunks::<booking::ActiveModel>(rows, BOOKING_COLUMNS) {
        booking::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([booking::Column::ReservationId])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Saves what the decisions changed.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let rows = working.noted().map(|booking| booking::Model::from(booking).into_active_model()).collect();
    for rows in in_chunks::<booking::ActiveModel>(rows, BOOKING_COLUMNS) {
        let changing = booking::Column::iter().filter(|column| !matches!(column, booking::Column::ReservationId));
        booking::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(booking::Column::ReservationId).update_columns(changing).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    let rows = working.changed().map(|review| row::Model::from(review).into_active_model()).collect();
    for rows in in_chunks::<row::ActiveModel>(rows, REVIEW_COLUMNS) {
        let changing = row::Column::iter().filter(|column| !matches!(column, row::Column::ReviewId));
        row::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(row::Column::ReviewId).update_columns(changing).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
