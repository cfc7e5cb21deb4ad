//! Rows of this service's own tables: primitives only, private to the store.

pub mod floor;
pub mod party;
