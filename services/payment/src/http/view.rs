//! Answers: a payment as others see it, and every refusal as a problem.

use crate::events;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use choreography::Unavailable;
use payment_domain::{Payment, Refusal, State};
use runtime::problem::Problem;
use serde_json::{Value, json};

/// A payment's public state.
pub fn payment(payment: &Payment) -> Value {
    serde_json::to_value(events::state(payment)).unwrap_or_else(|_| json!({}))
}

/// What whoever asked for the money is told.
pub fn outcome(payment: &Payment) -> Result<Response, Problem> {
    match &payment.state {
        State::Captured { .. } => Ok((StatusCode::CREATED, Json(self::payment(payment))).into_response()),
        State::Declined { reason } => Err(Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "payment-declined",
            "the payment was declined; nothing was charged",
        )
        .with("payment_id", payment.id().to_string())
        .with("reason", reason.clone())),
        State::Voided | State::Refunding { .. } | State::Refunded { .. } => {
            Err(refusal(Refusal::ClaimEnded).with("status", payment.status()))
        }
        State::Unasked { .. } | State::Requested { .. } => {
            Err(Problem::unavailable("the payment's outcome is not known yet; ask again shortly"))
        }
    }
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: Refusal) -> Problem {
    let (status, slug) = match refusal {
        Refusal::Mismatch => (StatusCode::CONFLICT, "payment-mismatch"),
        Refusal::ClaimEnded => (StatusCode::CONFLICT, "payment-voided"),
        Refusal::PaymentNotFound => (StatusCode::NOT_FOUND, "payment-not-found"),
        Refusal::NotDue => (StatusCode::CONFLICT, "not-due"),
    };
    Problem::new(status, slug, refusal.to_string())
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
