//! Loads what a batch of commands names and saves what it changed, in a constant number of statements.

mod availability;
#[cfg(test)]
mod ceiling;
mod convert;
mod entity;
mod load;
mod read;
mod runs;
mod save;

pub use availability::{Availability, AvailabilityError, BucketView, availability, business_of};
pub(crate) use convert::span_texts;
pub use load::{Present, load};
pub use read::{due_intents, due_to_complete, expired, first_deadline, held_count, reservation, reservations};
pub use save::save;

use choreography::Migration;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "reservation-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "reservation-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "reservation-0003", sql: include_str!("migration/0003.sql") },
];
