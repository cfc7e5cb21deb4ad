//! REST: a request for money becomes a command, its outcome a response.

mod capture;
mod look_up;
mod view;

use crate::service::Payments;
use axum::Router;
use axum::routing::{get, post};
use choreography::Engine;
use runtime::http::not_found;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Payments>,
}

/// What guests and hosts may ask; that money is asked for elsewhere is not shown.
pub fn public(desk: Desk) -> Router {
    Router::new().route("/payments", get(look_up::get).post(not_found)).with_state(desk)
}

/// What other services may ask.
pub fn internal(desk: Desk) -> Router {
    Router::new().route("/payments", post(capture::post)).with_state(desk)
}
