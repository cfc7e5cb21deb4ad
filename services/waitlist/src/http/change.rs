//! One ticket: read it, cancel it, defer, sit down.

use super::{Desk, allowed, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use choreography::{Key, KeyUse, Reply, Request};
use kernel::TicketId;
use runtime::auth::Caller;
use runtime::http::{Path, idempotency_key};
use runtime::problem::Problem;
use serde_json::Value;
use uuid::Uuid;
use waitlist_domain::{Command, Refusal, Told};

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::party(&desk, &caller, id).await?;
    let found = store::standing(desk.engine.store(), TicketId(id)).await;
    let standing = found.map_err(|fault| Problem::unanswered(&fault))?;
    Ok(Json(view::ticket(&standing.ok_or_else(|| view::refusal(&Refusal::TicketNotFound))?)))
}

pub async fn cancel(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::party(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Cancel { ticket: TicketId(id) }, None).await
}

/// Once per idempotency key: a party that defers again goes back another place.
pub async fn defer(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let key = idempotency_key(&headers)?;
    allowed::party(&desk, &caller, id).await?;
    let key = key.map(|key| Key::new(&id.to_string(), "POST /tickets/{id}/defer", &key, &[], id));
    ask(&desk, &caller, Command::Defer { ticket: TicketId(id) }, key).await
}

pub async fn seat(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Seat { ticket: TicketId(id) }, None).await
}

async fn ask(desk: &Desk, caller: &Caller, command: Command, key: Option<Key>) -> Result<Json<Value>, Problem> {
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    let request = Request { actor: caller.actor(), key: claim, ..Request::own(command) };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(Ok(Told::Stands(standing))) => Ok(Json(view::ticket(&standing))),
        Reply::Decided(Ok(Told::Line(_) | Told::Resting)) => Err(view::faulty("a ticket's command told of no ticket")),
        Reply::Decided(Err(refusal)) => Err(view::refusal(&refusal)),
        Reply::Repeat(repeat) => {
            let key = key.ok_or_else(|| view::faulty("a request without a key cannot be a repeat"))?;
            // A ticket is kept as its joining is answered, with 201; here nothing was made.
            let (_, body) = desk.engine.repeated(&key, repeat).await?.answer()?;
            Ok(Json(body))
        }
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
