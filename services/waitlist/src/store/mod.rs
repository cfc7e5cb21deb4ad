//! Loads what a batch of commands names and saves what it changed, in a constant number of statements.

mod convert;
mod entity;
mod load;
mod read;
mod save;

pub use load::load;
pub use read::{
    Board, Owners, TICKETS_MAX, board, business_of, due_tickets, lines, lines_to_look_at, owners, standing, tickets,
};
pub use save::save;

use choreography::Migration;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "waitlist-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "waitlist-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "waitlist-0003", sql: include_str!("migration/0003.sql") },
];
