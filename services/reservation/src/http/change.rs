//! One reservation: read it, cancel it, say what became of the visit.

use super::{Desk, view};
use crate::capture::told;
use crate::store;
use axum::Json;
use axum::extract::State;
use choreography::{KeyUse, Reply, Request};
use kernel::ReservationId;
use reservation_domain::{Command, Refusal};
use runtime::http::Path;
use runtime::problem::Problem;
use serde_json::Value;
use uuid::Uuid;

pub async fn get(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let found = store::reservation(desk.engine.store(), ReservationId(id))
        .await
        .map_err(|fault| Problem::unanswered(&fault))?;
    let reservation = found.ok_or_else(|| view::refusal(&Refusal::ReservationNotFound))?;
    Ok(Json(view::reservation(&reservation)))
}

pub async fn cancel(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    ask(&desk, Command::Cancel { reservation: ReservationId(id) }).await
}

pub async fn check_in(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    ask(&desk, Command::CheckIn { reservation: ReservationId(id) }).await
}

pub async fn no_show(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    ask(&desk, Command::NoShow { reservation: ReservationId(id) }).await
}

pub async fn complete(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    ask(&desk, Command::Complete { reservation: ReservationId(id) }).await
}

async fn ask(desk: &Desk, command: Command) -> Result<Json<Value>, Problem> {
    let request = Request { command, key: KeyUse::Without, cause: None, actor: None };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => {
            let reservation = told(answer).map_err(|refusal| view::refusal(&refusal))?;
            Ok(Json(view::reservation(&reservation)))
        }
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
