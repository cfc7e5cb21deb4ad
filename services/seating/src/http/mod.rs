//! REST: a claim or a leave becomes a command, its outcome a response.

mod claim;
mod floor;
mod leave;
mod view;

use crate::service::Seating;
use crate::store;
use axum::Router;
use axum::routing::{get, post, put};
use choreography::{Engine, Reply, Request};
use runtime::auth::Caller;
use runtime::problem::Problem;
use seating_domain::{Command, Refusal, Standing, Told};
use uuid::Uuid;

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

/// Lets a host of the store through, or an operator. Owners never change, so that a read before a command is enough.
async fn host(desk: &Desk, caller: &Caller, offering: Uuid) -> Result<(), Problem> {
    caller.staff()?;
    if caller.may_all() {
        return Ok(());
    }
    let found = store::business_of(desk.engine.store(), offering.into()).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    let business = found.ok_or_else(|| view::refusal(Refusal::FloorNotFound))?;
    // A floor that has not heard yet whose it is has no host; no business is called nothing.
    caller.host(business.as_deref().unwrap_or_default())
}

/// How the party stands after a command, and whether it stood so already.
async fn ask(desk: &Desk, caller: &Caller, command: Command) -> Result<(Standing, bool), Problem> {
    let request = Request { actor: caller.actor(), ..Request::own(command) };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(Ok(Told::Stands { standing, repeated })) => Ok((standing, repeated)),
        Reply::Decided(Ok(Told::NoRoom { free, floor_version })) => Err(view::no_room(free, floor_version)),
        Reply::Decided(Ok(Told::Noted)) => Err(view::faulty("a party that was asked for was not told of")),
        Reply::Decided(Err(refusal)) => Err(view::refusal(refusal)),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
