//! The tables that every service's database has beside its own.

pub mod idempotency;
pub mod inbox;
pub mod lease;
pub mod outbox;
pub mod parked;

use crate::store::Migration;

/// Their schema, applied before the service's own.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "choreography-0001", sql: include_str!("0001.sql") },
    Migration { name: "choreography-0002", sql: include_str!("0002.sql") },
];
