//! REST: a claim or a leave becomes a command, its outcome a response.

mod claim;
mod floor;
mod leave;
mod view;

use crate::service::Seating;
use axum::Router;
use axum::routing::{get, post, put};
use choreography::{Engine, Reply, Request};
use runtime::problem::Problem;
use seating_domain::{Command, Standing, Told};

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Seating>,
}

/// What hosts and guests may ask.
pub fn public(desk: Desk) -> Router {
    Router::new()
        .route("/floors/{offering_id}", get(floor::get))
        .route("/floors/{offering_id}/parties/{ticket_id}/leave", post(leave::post))
        .with_state(desk)
}

/// What other services may ask.
pub fn internal(desk: Desk) -> Router {
    Router::new().route("/floors/{offering_id}/parties/{ticket_id}", put(claim::put)).with_state(desk)
}

/// How the party stands after a command, and whether it stood so already.
async fn ask(desk: &Desk, command: Command) -> Result<(Standing, bool), Problem> {
    match desk.engine.writer().ask(Request::own(command)).await.map_err(view::unavailable)? {
        Reply::Decided(Ok(Told::Stands { standing, repeated })) => Ok((standing, repeated)),
        Reply::Decided(Ok(Told::NoRoom { free, floor_version })) => Err(view::no_room(free, floor_version)),
        Reply::Decided(Ok(Told::Noted)) => Err(view::faulty("a party that was asked for was not told of")),
        Reply::Decided(Err(refusal)) => Err(view::refusal(refusal)),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
