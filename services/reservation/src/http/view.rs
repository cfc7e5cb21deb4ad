//! Answers: a reservation as guests see it, and every refusal as a problem.

use crate::events;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use choreography::Unavailable;
use kernel::SpanError;
use reservation_domain::{Reason, Refusal, Reservation, RuleRefusal, SpanRefusal, State};
use runtime::http::made;
use runtime::problem::Problem;
use serde_json::{Value, json};

/// A reservation's public state, with its id where a client looks for it.
pub fn reservation(reservation: &Reservation) -> Value {
    let mut view = serde_json::to_value(events::state(reservation)).unwrap_or_else(|_| json!({}));
    if let Some(object) = view.as_object_mut() {
        object.remove("reservation_id");
        object.insert("id".into(), json!(reservation.id.0));
    }
    view
}

/// What the request that placed a reservation is told about how it stands.
pub fn placed(reservation: &Reservation) -> Response {
    match reservation.state {
        State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => {
            standing(StatusCode::CREATED, reservation)
        }
        State::Held { .. } => standing(StatusCode::ACCEPTED, reservation),
        State::Rejected { reason: Reason::PaymentDeclined } => declined(reservation).into_response(),
        State::Rejected { reason: Reason::PaymentUnavailable } => refusal(&Refusal::PaymentUnavailable).into_response(),
        State::Rejected { reason: Reason::SoldMeanwhile } | State::Expired { .. } | State::Cancelled { .. } => {
            refusal(&Refusal::WrongState { status: reservation.state.status() }).into_response()
        }
    }
}

fn standing(status: StatusCode, reservation: &Reservation) -> Response {
    made(status, &self::reservation(reservation), "/reservations")
}

/// The payment was declined, so nothing is booked.
pub fn declined(reservation: &Reservation) -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "payment-declined", "the payment was declined, so nothing was booked")
        .with("id", reservation.id.to_string())
        .with("reservation_status", reservation.state.status())
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: &Refusal) -> Problem {
    let (status, slug) = match refusal {
        Refusal::PaymentUnavailable => return Problem::unavailable(refusal.to_string()),
        Refusal::OfferingNotFound => (StatusCode::NOT_FOUND, "offering-not-found"),
        Refusal::OfferingRetired => (StatusCode::GONE, "offering-retired"),
        Refusal::Quantity => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-quantity"),
        Refusal::Span(span) => (StatusCode::UNPROCESSABLE_ENTITY, span_slug(*span)),
        Refusal::Rule(rule) => (StatusCode::UNPROCESSABLE_ENTITY, rule_slug(rule)),
        Refusal::Amount(_) => (StatusCode::UNPROCESSABLE_ENTITY, "amount-too-large"),
        Refusal::MethodMissing => (StatusCode::UNPROCESSABLE_ENTITY, "payment-method-missing"),
        Refusal::SoldOut { .. } => (StatusCode::CONFLICT, "sold-out"),
        Refusal::ReservationNotFound => (StatusCode::NOT_FOUND, "reservation-not-found"),
        Refusal::WrongState { .. } => (StatusCode::CONFLICT, "wrong-state"),
        Refusal::IsBlock => (StatusCode::CONFLICT, "is-a-block"),
        Refusal::NotDue => (StatusCode::CONFLICT, "not-due"),
    };
    let problem = Problem::new(status, slug, refusal.to_string());
    match refusal {
        Refusal::SoldOut { bucket } => problem.with("bucket", bucket.clone()),
        Refusal::Rule(RuleRefusal::OutsideOpeningHours { bucket }) => problem.with("bucket", bucket.clone()),
        Refusal::Rule(RuleRefusal::TooShortNotice { minutes }) => problem.with("minimum_notice_minutes", *minutes),
        Refusal::Rule(RuleRefusal::StayTooShort { least }) => problem.with("stay_min", *least),
        Refusal::Rule(RuleRefusal::StayTooLong { most }) => problem.with("stay_max", *most),
        Refusal::WrongState { status } => problem.with("reservation_status", *status),
        Refusal::OfferingNotFound
        | Refusal::OfferingRetired
        | Refusal::Quantity
        | Refusal::Span(_)
        | Refusal::Amount(_)
        | Refusal::MethodMissing
        | Refusal::PaymentUnavailable
        | Refusal::ReservationNotFound
        | Refusal::IsBlock
        | Refusal::NotDue => problem,
    }
}

/// The slug of a rule that the booking breaks.
fn rule_slug(refusal: &RuleRefusal) -> &'static str {
    match refusal {
        RuleRefusal::OutsideOpeningHours { .. } => "outside-opening-hours",
        RuleRefusal::TooShortNotice { .. } => "too-short-notice",
        RuleRefusal::StayTooShort { .. } => "stay-too-short",
        RuleRefusal::StayTooLong { .. } => "stay-too-long",
    }
}

/// The slug of a span that cannot be one of the offering's.
pub fn span_slug(refusal: SpanRefusal) -> &'static str {
    match refusal {
        SpanRefusal::Span(SpanError::TooLong { .. }) => "span-too-long",
        SpanRefusal::IsLine => "offering-is-a-line",
        SpanRefusal::WantsDates
        | SpanRefusal::WantsInstants
        | SpanRefusal::WantsNothing
        | SpanRefusal::Span(SpanError::Empty | SpanError::OutOfCalendar | SpanError::OffGrid) => "invalid-span",
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
