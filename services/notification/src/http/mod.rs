//! REST: a reader's messages, where it is reached, and what became of its deliveries.

mod cursor;
mod delivery;
mod list;
mod paging;
mod recipient;
pub(crate) mod view;

use crate::service::Notification;
use axum::Router;
use axum::routing::{get, post};
use choreography::Engine;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Notification>,
}

/// The public routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/notifications", get(list::get))
        .route("/recipients/{recipient}", get(recipient::get).put(recipient::put).delete(recipient::delete))
        .route("/deliveries", get(delivery::list))
        .route("/deliveries/{id}", get(delivery::get))
        .route("/deliveries/{id}/redeliver", post(delivery::redeliver))
        .with_state(desk)
}
