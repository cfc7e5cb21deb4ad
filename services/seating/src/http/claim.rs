//! `PUT /floors/{offering_id}/parties/{ticket_id}` on the internal port: claims a party's seats, all or none.

use super::{Desk, ask, view};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use runtime::auth::Caller;
use runtime::http::{Body, Path};
use runtime::problem::Problem;
use seating_domain::{Claim, Command};
use serde::Deserialize;
use uuid::Uuid;

/// The request's body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    party_size: i64,
    /// The number of this claim: the line's are counted 1, 2, 3 …
    claim: i64,
}

pub async fn put(
    State(desk): State<Desk>,
    caller: Caller,
    Path((offering, ticket)): Path<(Uuid, Uuid)>,
    Body(Wish { party_size, claim }): Body<Wish>,
) -> Result<Response, Problem> {
    caller.service()?;
    let claim = Claim { offering: offering.into(), ticket: ticket.into(), party_size, number: claim };
    let (standing, repeated) = ask(&desk, &caller, Command::Claim(claim)).await?;
    let status = if repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, view::party(&standing)).into_response())
}
