//! REST: bodies become commands, answers become responses.

mod body;
mod change;
mod publish;
mod search;
mod tag;
pub(crate) mod view;

use crate::service::Catalog;
use axum::Router;
use axum::routing::get;
use choreography::Engine;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Catalog>,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/offerings", get(search::get).post(publish::post))
        .route("/offerings/{id}", get(change::get).patch(change::patch).delete(change::delete))
        .with_state(desk)
}
