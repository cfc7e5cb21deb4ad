//! One review: read it, change it, remove it.

use super::body::Patch;
use super::{Desk, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choreography::{KeyUse, Reply, Request};
use kernel::{Label, ReviewId};
use review_domain::{Command, Invalid, Refusal, Remove, Review};
use runtime::auth::Caller;
use runtime::http::{Body, Path, Query};
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// Query of `DELETE /reviews/{id}`: who asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    guest_id: String,
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let found = store::review(desk.engine.store(), id.into()).await.map_err(|fault| Problem::unanswered(&fault))?;
    let review = found.ok_or_else(|| view::refusal(&Refusal::NotFound))?;
    Ok(Json(view::shown(&review, &caller)))
}

pub async fn patch(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(patch): Body<Patch>,
) -> Result<Json<Value>, Problem> {
    let change = patch.change(id.into()).map_err(|broken| view::invalid(&broken))?;
    caller.guest(change.guest.as_str())?;
    let guest = change.guest.clone();
    let review = ask(&desk, Command::Change(Box::new(change)), (&caller, guest)).await?;
    Ok(Json(view::review(&review)))
}

pub async fn delete(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(asking): Query<Asking>,
) -> Result<StatusCode, Problem> {
    let guest = Label::try_from(asking.guest_id).map_err(|broken| view::invalid(&Invalid::Guest(broken)))?;
    caller.guest(guest.as_str())?;
    let remove = Remove { request: Uuid::now_v7(), review: ReviewId(id), guest: guest.clone() };
    ask(&desk, Command::Remove(remove), (&caller, guest)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ask(desk: &Desk, command: Command, (caller, guest): (&Caller, Label)) -> Result<Review, Problem> {
    let actor = caller.actor().or_else(|| Some(guest.into_string()));
    let request = Request { command, key: KeyUse::Without, cause: None, actor };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => view::told(answer),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
