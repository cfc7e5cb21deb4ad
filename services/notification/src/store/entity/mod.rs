//! Rows of this service's own tables: primitives only, private to the store.

pub mod addressee;
pub mod delivery;
pub mod notification;
pub mod pending;
pub mod reader;
