//! Rows of this service's own tables: primitives only, private to the store.

pub mod history;
pub mod offering_view;
pub mod projection;
pub mod rebuild;
pub mod reservation_view;
