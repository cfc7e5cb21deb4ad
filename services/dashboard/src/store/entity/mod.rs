//! Rows of this service's own tables: primitives only, private to the store.

pub mod history;
pub mod line_view;
pub mod offering_view;
pub mod projection;
pub mod rebuild;
pub mod reservation_view;
pub mod review_view;
pub mod ticket_view;
