//! Answers: a ticket as guests see it, a line as its host does, and every refusal as a problem.

use crate::events;
use crate::store::{Board, TICKETS_MAX};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use choreography::Unavailable;
use runtime::auth::Caller;
use runtime::http::made;
use runtime::problem::Problem;
use serde_json::{Map, Value, json};
use waitlist_domain::{Line, Quote, Refusal, Standing, State};

/// What a store's wall shows of a party: enough to find one's own place by one's number, and nothing about whose it is.
const SHOWN_TO_ALL: [&str; 5] = ["number", "status", "party_size", "ahead", "wait_seconds"];

/// A ticket's whole state, with its id where a client looks for it, who is before it and how long it may take.
pub fn ticket(standing: &Standing) -> Value {
    let mut view = serde_json::to_value(events::state(&standing.ticket)).unwrap_or_else(|_| json!({}));
    if let Some(object) = view.as_object_mut() {
        object.remove("ticket_id");
        object.insert("id".into(), json!(standing.ticket.id.0));
        if standing.ticket.state.is_queued() {
            object.insert("ahead".into(), json!(standing.ahead));
        }
        if let Some(wait) = standing.wait {
            object.insert("wait_seconds".into(), quote(wait));
        }
    }
    view
}

fn quote(quote: Quote) -> Value {
    json!({ "p50": quote.p50, "p90": quote.p90 })
}

/// What the request that joined is told about how its party stands.
pub fn joined(standing: &Standing) -> Response {
    let status = match standing.ticket.state {
        State::Waiting | State::Called { .. } | State::Seated => StatusCode::CREATED,
        // Its outcome could not be written yet; it has its place, and a sweep goes on.
        State::Joining { .. } => StatusCode::ACCEPTED,
        State::Left | State::Cancelled | State::NoShow => {
            return refusal(&Refusal::WrongState { status: standing.ticket.state.status() }).into_response();
        }
    };
    made(status, &ticket(standing), "/tickets")
}

/// A line without its parties.
pub fn line(line: &Line) -> Value {
    json!({
        "offering_id": line.id().0,
        "version": line.version,
        "business": line.shop.business.as_str(),
        "name": line.shop.name,
        "status": line.status(),
        "units": line.shop.units,
        "free": line.free(),
    })
}

/// A line with its parties in order, how many there are of each status, and how its quotes turned out. A party is shown
/// as a whole only to its guest, its hosts and operators.
pub fn board(board: &Board, caller: &Caller) -> Value {
    let mut view = line(&board.line);
    let business = board.line.shop.business.as_str();
    let mut ahead = 0;
    let parties = board.tickets.iter().map(|party| {
        let is_queued = party.state.is_queued();
        let wait = (party.state == State::Waiting).then(|| board.line.history.quote(ahead));
        let standing =
            Standing { ticket: party.clone(), ahead, wait, next: waitlist_domain::Next::Nothing, within: None };
        ahead += i64::from(is_queued);
        let mut view = ticket(&standing);
        if let (Err(_), Some(object)) = (caller.party(party.party.guest.as_str(), business), view.as_object_mut()) {
            object.retain(|field, _| SHOWN_TO_ALL.contains(&field.as_str()));
        }
        view
    });
    let parties: Vec<Value> = parties.collect();
    let counts: Map<String, Value> =
        board.counts.iter().map(|(status, parties)| (status.clone(), json!(parties))).collect();
    let history = &board.line.history;
    let scored = history.within + history.beyond;
    #[expect(clippy::cast_precision_loss, reason = "a share is shown to a person")]
    let share = (scored > 0).then(|| history.within as f64 / scored as f64);
    if let Some(object) = view.as_object_mut() {
        object.insert("tickets".into(), parties.into());
        object.insert("tickets_max".into(), TICKETS_MAX.into());
        object.insert("counts".into(), counts.into());
        let scores = json!({ "within_p90": history.within, "beyond_p90": history.beyond, "share_within_p90": share });
        object.insert("quotes".into(), scores);
    }
    view
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: &Refusal) -> Problem {
    let (status, slug) = match refusal {
        Refusal::OfferingNotFound => (StatusCode::NOT_FOUND, "offering-not-found"),
        Refusal::OfferingRetired => (StatusCode::GONE, "offering-retired"),
        Refusal::LinePaused => (StatusCode::CONFLICT, "line-paused"),
        Refusal::LineFull => (StatusCode::CONFLICT, "line-full"),
        Refusal::PartySize => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-party-size"),
        Refusal::PartyTooLarge { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "party-too-large"),
        Refusal::TicketNotFound => (StatusCode::NOT_FOUND, "ticket-not-found"),
        Refusal::WrongState { .. } => (StatusCode::CONFLICT, "wrong-state"),
        Refusal::DeferralsUsed => (StatusCode::CONFLICT, "deferrals-used"),
        Refusal::NobodyBehind => (StatusCode::CONFLICT, "nobody-behind"),
        Refusal::BeingCalled => (StatusCode::CONFLICT, "being-called"),
        Refusal::NotDue => (StatusCode::CONFLICT, "not-due"),
    };
    let problem = Problem::new(status, slug, refusal.to_string());
    match refusal {
        Refusal::PartyTooLarge { units } => problem.with("units", *units),
        Refusal::WrongState { status } => problem.with("ticket_status", *status),
        Refusal::OfferingNotFound
        | Refusal::OfferingRetired
        | Refusal::LinePaused
        | Refusal::LineFull
        | Refusal::PartySize
        | Refusal::TicketNotFound
        | Refusal::DeferralsUsed
        | Refusal::NobodyBehind
        | Refusal::BeingCalled
        | Refusal::NotDue => problem,
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
