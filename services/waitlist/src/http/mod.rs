//! REST: bodies become commands, answers become responses.

mod allowed;
mod change;
mod join;
mod line;
pub(crate) mod view;

use crate::claim::Claimer;
use crate::service::Waitlist;
use axum::Router;
use axum::routing::{get, post};
use choreography::Engine;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Waitlist>,
    pub claimer: Claimer,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/tickets", post(join::post))
        .route("/tickets/{id}", get(change::get))
        .route("/tickets/{id}/cancel", post(change::cancel))
        .route("/tickets/{id}/defer", post(change::defer))
        .route("/tickets/{id}/seat", post(change::seat))
        .route("/lines/{offering_id}", get(line::get))
        .route("/lines/{offering_id}/pause", post(line::pause))
        .route("/lines/{offering_id}/resume", post(line::resume))
        .with_state(desk)
}
