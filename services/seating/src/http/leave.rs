//! `POST /floors/{offering_id}/parties/{ticket_id}/leave`: the party stood up, its seats are free.

use super::{Desk, ask, host, view};
use axum::Json;
use axum::extract::State;
use runtime::auth::Caller;
use runtime::http::Path;
use runtime::problem::Problem;
use seating_domain::Command;
use serde_json::Value;
use uuid::Uuid;

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    Path((offering, ticket)): Path<(Uuid, Uuid)>,
) -> Result<Json<Value>, Problem> {
    host(&desk, &caller, offering).await?;
    let command = Command::Leave { offering: offering.into(), ticket: ticket.into() };
    let (standing, _) = ask(&desk, &caller, command).await?;
    Ok(view::party(&standing))
}
