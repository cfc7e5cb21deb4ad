//! Answers: an offering as everybody sees it, and every refusal as a problem.

use super::tag;
use crate::events;
use crate::service::Answer;
use crate::store::Activity;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use catalog_domain::{Invalid, Offering, Refusal, Status};
use choreography::Unavailable;
use runtime::http::made;
use runtime::problem::Problem;
use serde_json::{Value, json};

/// An offering's public state, with its id where a client looks for it, and what guests do with it.
pub fn offering(offering: &Offering, activity: Activity) -> Value {
    let mut view = serde_json::to_value(events::state(offering)).unwrap_or_else(|_| json!({}));
    if let Some(object) = view.as_object_mut() {
        object.remove("offering_id");
        object.insert("id".into(), json!(offering.id.0));
        object.insert("review_count".into(), json!(activity.ratings.count));
        object.insert("rating_average".into(), json!(activity.ratings.average()));
        object.insert("live_bookings".into(), json!(activity.held + activity.booked));
        object.insert("availability".into(), json!(availability(offering.status, activity)));
    }
    view
}

/// In a word: no longer offered; somebody has a confirmed booking of it or is there; or neither. What is free on a day is
/// reservation's to say.
const fn availability(status: Status, activity: Activity) -> &'static str {
    match status {
        Status::Retired => "retired",
        Status::Open if activity.booked > 0 => "booked",
        Status::Open => "open",
    }
}

/// 200, with the version as the tag.
pub fn found(offering: &Offering, activity: Activity) -> Response {
    let view = self::offering(offering, activity);
    tag(Json(&view).into_response(), &view)
}

/// 201, with its place and the version as the tag. Nobody has reviewed or booked it yet.
pub fn published(offering: &Offering) -> Response {
    created(StatusCode::CREATED, &self::offering(offering, Activity::default()))
}

/// The offering that a host's command is told.
pub fn told(answer: Answer) -> Result<Offering, Problem> {
    match answer {
        Ok(Some(offering)) => Ok(offering),
        Ok(None) => Err(faulty("a host's command is told an offering")),
        Err(refused) => Err(refusal(&refused)),
    }
}

/// An answer that made an offering, now or when its idempotency key came first.
pub fn created(status: StatusCode, view: &Value) -> Response {
    tag(made(status, view, "/offerings"), view)
}

fn tag(mut response: Response, view: &Value) -> Response {
    if let Some(tag) = view.get("version").and_then(Value::as_i64).and_then(tag::of) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Every refusal of the domain, as a problem.
pub fn refusal(refusal: &Refusal) -> Problem {
    let told = |status, slug| Problem::new(status, slug, refusal.to_string());
    match refusal {
        Refusal::NotFound => told(StatusCode::NOT_FOUND, "offering-not-found"),
        Refusal::Retired => told(StatusCode::GONE, "offering-retired"),
        Refusal::Stale { current } => told(StatusCode::PRECONDITION_FAILED, "stale-version").with("version", *current),
        Refusal::Immutable { field } => told(StatusCode::UNPROCESSABLE_ENTITY, "immutable-field").with("field", *field),
        Refusal::Invalid(broken) => invalid(broken),
    }
}

/// A rule that the values break; the slug names it.
pub fn invalid(broken: &Invalid) -> Problem {
    let slug = match broken {
        Invalid::Business(_) => "invalid-business",
        Invalid::Name => "invalid-name",
        Invalid::Description => "invalid-description",
        Invalid::Place => "invalid-place",
        Invalid::Kind(_) => "invalid-kind",
        Invalid::Units => "invalid-units",
        Invalid::Timezone => "invalid-timezone",
        Invalid::SlotMinutes => "invalid-slot-minutes",
        Invalid::StartsAt => "invalid-starts-at",
        Invalid::Price(_) => "invalid-price",
        Invalid::Payment(_) | Invalid::LinePayment => "invalid-payment",
        Invalid::Outage(_) | Invalid::OutageWithoutPrepay => "invalid-on-payment-outage",
        Invalid::LateMoney(_) => "invalid-late-money",
        Invalid::HoldSeconds => "invalid-hold-seconds",
        Invalid::Cancellation(_) => "invalid-cancellation",
        Invalid::Rules(_) => "invalid-rules",
        Invalid::Line(_) => "invalid-line",
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
