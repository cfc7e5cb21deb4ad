//! Rows of this service's own tables: primitives only, private to the store.

pub mod addressee;
pub mod notification;
pub mod pending;
