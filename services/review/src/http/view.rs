//! Answers: a review as its author or anybody sees it, and every refusal as a problem.

use crate::events;
use crate::service::Answer;
use axum::http::StatusCode;
use axum::response::Response;
use choreography::Unavailable;
use review_domain::{Invalid, Refusal, Review};
use runtime::auth::Caller;
use runtime::http::made;
use runtime::problem::Problem;
use serde_json::{Value, json};

/// A review as this caller sees it: what was said is everybody's; who said it, of which booking, is known to its author,
/// hosts of the business and operators.
pub fn shown(review: &Review, caller: &Caller) -> Value {
    let mut view = self::review(review);
    if let (Err(_), Some(object)) = (caller.party(review.guest.as_str(), &review.business), view.as_object_mut()) {
        object.retain(|field, _| !["guest_id", "reservation_id"].contains(&field.as_str()));
    }
    view
}

/// A review's whole state, with its id where a client looks for it.
pub fn review(review: &Review) -> Value {
    let mut view = serde_json::to_value(events::state(review)).unwrap_or_else(|_| json!({}));
    if let Some(object) = view.as_object_mut() {
        object.remove("review_id");
        object.insert("id".into(), json!(review.id.0));
    }
    view
}

/// 201, with its place.
pub fn posted(review: &Review) -> Response {
    made(StatusCode::CREATED, &self::review(review), "/reviews")
}

/// The review that a guest's command is told.
pub fn told(answer: Answer) -> Result<Review, Problem> {
    match answer {
        Ok(Some(review)) => Ok(review),
        Ok(None) => Err(faulty("a guest's command is told a review")),
        Err(refused) => Err(refusal(&refused)),
    }
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: &Refusal) -> Problem {
    let told = |status, slug| Problem::new(status, slug, refusal.to_string());
    match refusal {
        Refusal::UnknownReservation => told(StatusCode::NOT_FOUND, "reservation-not-found"),
        Refusal::NotAGuest | Refusal::NotTheAuthor => told(StatusCode::FORBIDDEN, "not-a-guest"),
        Refusal::AlreadyReviewed { review } => {
            told(StatusCode::CONFLICT, "already-reviewed").with("review_id", review.to_string())
        }
        Refusal::NotFound => told(StatusCode::NOT_FOUND, "review-not-found"),
    }
}

/// A rule that the values break; the slug names it.
pub fn invalid(broken: &Invalid) -> Problem {
    let slug = match broken {
        Invalid::Rating => "invalid-rating",
        Invalid::Text => "invalid-text",
        Invalid::Guest(_) => "invalid-guest",
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, broken.to_string())
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
