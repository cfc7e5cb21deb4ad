//! Stores what events tell, each row by the version of its aggregate, in a constant number of statements.

#[cfg(test)]
mod concurrency;
mod convert;
mod entity;
mod generation;
#[cfg(test)]
mod permutations;
mod read;
mod upsert;

pub use generation::{
    Rebuild, Stage, begin, clear, copy_offerings, copy_reservations, current, extend, generations, read_out, switch,
    take_in, unfinished,
};
pub use read::{OfferingRow, Page, Place, ReservationRow, Told, Total, View, Whose};

use crate::working::Batch;
use choreography::{Migration, in_chunks};
use entity::history;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[Migration { name: "dashboard-0001", sql: include_str!("migration/0001.sql") }];

/// Columns of an event, each a bound parameter.
const HISTORY_COLUMNS: usize = 9;

/// Stores a batch: its events in the one history, its views in each of `generations`.
pub async fn save(tx: &DatabaseTransaction, generations: &[i64], batch: Batch) -> Result<(), DbErr> {
    let Batch { records, offerings, cases } = batch;
    let rows = records.into_values().map(|record| history::Model::from(record).into_active_model()).collect();
    for rows in in_chunks::<history::ActiveModel>(rows, HISTORY_COLUMNS) {
        history::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([history::Column::Id])
            .exec_without_returning(tx)
            .await?;
    }
    let mut of_offerings = Vec::new();
    let mut of_cases = Vec::new();
    for generation in generations {
        of_offerings.extend(offerings.values().map(|told| convert::offering(*generation, told)));
        of_cases.extend(cases.iter().map(|(id, case)| convert::reservation(*generation, *id, case)));
    }
    upsert::offerings(tx, of_offerings).await?;
    upsert::reservations(tx, of_cases).await
}
