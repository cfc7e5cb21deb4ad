//! REST: bodies become commands, answers become responses.

mod body;
mod change;
mod cursor;
mod list;
mod post;
pub(crate) mod view;

use crate::service::Reviews;
use axum::Router;
use axum::routing::get;
use choreography::Engine;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Reviews>,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/reviews", get(list::get).post(post::post))
        .route("/reviews/{id}", get(change::get).patch(change::patch).delete(change::delete))
        .with_state(desk)
}
