//! Answers: a party and a floor as others see them, and every refusal as a problem.

use crate::store::Page;
use axum::Json;
use axum::http::StatusCode;
use choreography::Unavailable;
use runtime::problem::Problem;
use seating_domain::{Party, Refusal, Standing};
use serde_json::{Value, json};

/// A party and what its store has free after its change.
pub fn party(standing: &Standing) -> Json<Value> {
    let Standing { party, free, floor_version } = standing;
    Json(json!({
        "ticket_id": party.ticket.0,
        "offering_id": party.offering.0,
        "status": party.state.status(),
        "party_size": party.party_size,
        "free": free,
        "floor_version": floor_version,
    }))
}

/// A floor with a page of its seated parties.
pub fn floor(page: &Page) -> Json<Value> {
    let Page { floor, parties, next } = page;
    let parties: Vec<Value> = parties.iter().map(seated).collect();
    Json(json!({
        "offering_id": floor.store.offering.0,
        "units": floor.store.units,
        "free": floor.free(),
        "taken": floor.taken,
        "version": floor.version(),
        "status": if floor.store.open { "open" } else { "retired" },
        "parties": parties,
        "next_cursor": next.map(|ticket| ticket.0),
    }))
}

fn seated(party: &Party) -> Value {
    json!({ "ticket_id": party.ticket.0, "party_size": party.party_size, "since": party.since.to_string() })
}

/// A claim that found too few seats free.
pub fn no_room(free: i64, floor_version: i64) -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "no-room", "too few seats are free");
    problem.with("free", free).with("floor_version", floor_version)
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: Refusal) -> Problem {
    let (status, slug) = match refusal {
        Refusal::FloorNotFound => (StatusCode::NOT_FOUND, "floor-not-found"),
        Refusal::PartyNotFound => (StatusCode::NOT_FOUND, "party-not-found"),
        Refusal::PartySize => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-party-size"),
        Refusal::ClaimNumber => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-claim"),
        Refusal::ClaimSuperseded => (StatusCode::CONFLICT, "claim-superseded"),
        Refusal::PartyEnded => (StatusCode::CONFLICT, "party-ended"),
        Refusal::Mismatch => (StatusCode::CONFLICT, "party-mismatch"),
        Refusal::WrongState { .. } => (StatusCode::CONFLICT, "wrong-state"),
    };
    let problem = Problem::new(status, slug, refusal.to_string());
    match refusal {
        Refusal::WrongState { status } => problem.with("party_status", status),
        Refusal::FloorNotFound
        | Refusal::PartyNotFound
        | Refusal::PartySize
        | Refusal::ClaimNumber
        | Refusal::ClaimSuperseded
        | Refusal::PartyEnded
        | Refusal::Mismatch => problem,
    }
}

/// The writer cannot take or finish the command.
pub fn unavailable(why: Unavailable) -> Problem {
    why.into()
}

/// A command that could not be decided or stored: told to the log, not to the caller.
pub fn faulty(reason: &str) -> Problem {
    tracing::error!(reason, "a request failed");
    Problem::internal()
}
