//! REST: bodies become commands, answers become responses.

mod allowed;
mod availability;
mod block;
mod cancellation;
mod change;
mod place;
pub(crate) mod view;
mod when;

use crate::admission::Admission;
use crate::capture::Capturer;
use crate::hint::ByCall;
use crate::service::Reservations;
use axum::Router;
use axum::routing::{get, post};
use choreography::Engine;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Reservations>,
    pub capturer: Capturer,
    pub admission: Admission,
    pub by_call: ByCall,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/availability", get(availability::get))
        .route("/blocks", post(block::post))
        .route("/reservations", post(place::post))
        .route("/reservations/{id}", get(change::get))
        .route("/reservations/{id}/cancel", post(change::cancel))
        .route("/reservations/{id}/cancellation", get(cancellation::get))
        .route("/reservations/{id}/check-in", post(change::check_in))
        .route("/reservations/{id}/no-show", post(change::no_show))
        .route("/reservations/{id}/complete", post(change::complete))
        .with_state(desk)
}
