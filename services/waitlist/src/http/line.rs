//! A store's line: its board, and whether it takes parties.

use super::{Desk, allowed, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use choreography::{Reply, Request};
use kernel::OfferingId;
use runtime::auth::Caller;
use runtime::http::Path;
use runtime::problem::Problem;
use serde_json::Value;
use uuid::Uuid;
use waitlist_domain::{Command, Refusal, Told};

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let found = store::board(desk.engine.store(), OfferingId(id)).await;
    let board = found.map_err(|fault| Problem::unanswered(&fault))?;
    Ok(Json(view::board(&board.ok_or_else(|| view::refusal(&Refusal::OfferingNotFound))?, &caller)))
}

pub async fn pause(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host_of_line(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Pause { line: OfferingId(id) }).await
}

pub async fn resume(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host_of_line(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Resume { line: OfferingId(id) }).await
}

async fn ask(desk: &Desk, caller: &Caller, command: Command) -> Result<Json<Value>, Problem> {
    let request = Request { actor: caller.actor(), ..Request::own(command) };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(Ok(Told::Line(line))) => Ok(Json(view::line(&line))),
        Reply::Decided(Ok(Told::Stands(_) | Told::Resting)) => Err(view::faulty("a line's command told of no line")),
        Reply::Decided(Err(refusal)) => Err(view::refusal(&refusal)),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
