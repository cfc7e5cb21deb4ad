//! Stores what events tell, each row by the version of its aggregate, in a constant number of statements.

#[cfg(test)]
mod concurrency;
mod convert;
mod entity;
mod generation;
#[cfg(test)]
mod permutations;
mod read;
mod table;

pub use generation::{
    Rebuild, Stage, VIEW_TABLES, begin, clear, copy, current, extend, generations, read_out, switch, take_in,
    unfinished,
};
pub use read::{
    Board, Counted, Offer, OfferingRow, Page, Place, Queue, Rated, ReservationRow, ReviewRow, Sold, Span, TICKETS_MAX,
    TicketRow, Told, Total, View, Wanted, Whose,
};

use crate::working::{Batch, Case, Visit};
use choreography::{Migration, in_chunks};
use entity::{history, line_view, offering_view, reservation_view, review_view, ticket_view};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};
use table::write;
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "dashboard-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "dashboard-0002", sql: include_str!("migration/0002.sql") },
];

/// Columns of an event, each a bound parameter.
const HISTORY_COLUMNS: usize = 9;

/// Stores a batch: its events in the one history, its views in each of `generations`.
pub async fn save(tx: &DatabaseTransaction, generations: &[i64], batch: Batch) -> Result<(), DbErr> {
    let Batch { records, offerings, cases, visits, lines, reviews } = batch;
    let rows = records.into_values().map(|record| history::Model::from(record).into_active_model()).collect();
    for rows in in_chunks::<history::ActiveModel>(rows, HISTORY_COLUMNS) {
        history::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([history::Column::Id])
            .exec_without_returning(tx)
            .await?;
    }
    // Every transaction takes the tables in this order, and in each its rows in the order of their keys.
    write::<offering_view::Entity>(tx, each(generations, offerings.values().flatten(), convert::offering)).await?;
    let of_case = |generation, (id, case): (&Uuid, &Case)| convert::reservation(generation, *id, case);
    write::<reservation_view::Entity>(tx, each(generations, cases.iter(), of_case)).await?;
    let of_visit = |generation, (id, visit): (&Uuid, &Visit)| convert::ticket(generation, *id, visit);
    write::<ticket_view::Entity>(tx, each(generations, visits.iter(), of_visit)).await?;
    write::<line_view::Entity>(tx, each(generations, lines.values().flatten(), convert::line)).await?;
    write::<review_view::Entity>(tx, each(generations, reviews.values().flatten(), convert::review)).await
}

/// The rows of some values in each generation.
fn each<T, R>(generations: &[i64], values: impl Iterator<Item = T> + Clone, row: impl Fn(i64, T) -> R) -> Vec<R> {
    let of = |generation: &i64| {
        values.clone().map({
            let row = &row;
            let generation = *generation;
            move |value| row(generation, value)
        })
    };
    generations.iter().flat_map(of).collect()
}
