//! REST: a reader's messages.

mod cursor;
mod list;

use axum::Router;
use axum::routing::get;
use choreography::Store;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct Desk {
    pub store: Store,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new().route("/notifications", get(list::get)).with_state(desk)
}
