//! One reservation: read it, cancel it, say what became of the visit.

use super::{Desk, allowed, view};
use crate::capture::told;
use axum::Json;
use axum::extract::State;
use choreography::{KeyUse, Reply, Request};
use kernel::ReservationId;
use reservation_domain::Command;
use runtime::auth::Caller;
use runtime::http::Path;
use runtime::problem::Problem;
use serde_json::Value;
use uuid::Uuid;

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    Ok(Json(view::reservation(&allowed::read(&desk, &caller, id).await?)))
}

pub async fn cancel(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::party(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Cancel { reservation: ReservationId(id) }).await
}

pub async fn check_in(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::CheckIn { reservation: ReservationId(id) }).await
}

pub async fn no_show(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::NoShow { reservation: ReservationId(id) }).await
}

pub async fn complete(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    allowed::host(&desk, &caller, id).await?;
    ask(&desk, &caller, Command::Complete { reservation: ReservationId(id) }).await
}

async fn ask(desk: &Desk, caller: &Caller, command: Command) -> Result<Json<Value>, Problem> {
    let request = Request { command, key: KeyUse::Without, cause: None, actor: caller.actor() };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => {
            let reservation = told(answer).map_err(|refusal| view::refusal(&refusal))?;
            Ok(Json(view::reservation(&reservation)))
        }
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
