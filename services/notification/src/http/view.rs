//! Answers: a recipient, a delivery, and every refusal as a problem.

use crate::delivery::{Delivery, Refusal, Status};
use crate::recipient::{Invalid, Recipient};
use axum::http::StatusCode;
use choreography::Unavailable;
use jiff::Timestamp;
use runtime::problem::Problem;
use serde_json::{Value, json};

/// A redelivery has been accepted; it happens later.
pub const ACCEPTED: StatusCode = StatusCode::ACCEPTED;

/// A recipient. Its secret is shown once: to whoever was not the one to choose it.
pub fn recipient(recipient: &Recipient, chosen: bool) -> Value {
    let Recipient { role: _, name, email, webhook, language } = recipient;
    let webhook = webhook.as_ref().map(|webhook| {
        let mut view = json!({ "url": webhook.url });
        if chosen && let Some(view) = view.as_object_mut() {
            view.insert("secret".into(), json!(webhook.secret));
        }
        view
    });
    json!({
        "recipient": name,
        "email": email,
        "webhook": webhook,
        "language": language.map(|known| known.as_str()),
    })
}

/// A delivery as it stands.
pub fn delivery(delivery: &Delivery) -> Value {
    let at = |us: i64| Timestamp::from_microsecond(us).ok().map(|at| at.to_string());
    let next = match delivery.status {
        Status::Waiting => at(delivery.due_us),
        Status::Sent | Status::Failed => None,
    };
    json!({
        "id": delivery.id,
        "version": delivery.version,
        "notification_id": delivery.notification_id,
        "recipient": delivery.recipient,
        "channel": delivery.channel.as_str(),
        "template": delivery.template,
        "correlation": delivery.correlation,
        "status": delivery.status.as_str(),
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
        "next_attempt_at": next,
        "created_at": at(delivery.created_us),
        "changed_at": at(delivery.changed_us),
    })
}

/// Nobody is reached under this name.
pub fn unknown_recipient() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "recipient-not-found", "this recipient has no address")
}

/// An address that cannot be; the slug names the field.
pub fn invalid(invalid: Invalid) -> Problem {
    let slug = match invalid {
        Invalid::Email => "invalid-email",
        Invalid::Url => "invalid-webhook-url",
        Invalid::Secret => "invalid-webhook-secret",
        Invalid::Language => "invalid-language",
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, invalid.to_string())
}

/// Why a delivery does not begin anew.
pub fn refusal(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::new(StatusCode::NOT_FOUND, "delivery-not-found", refusal.to_string()),
        Refusal::Waiting => Problem::new(StatusCode::CONFLICT, "wrong-state", refusal.to_string())
            .with("delivery_status", Status::Waiting.as_str()),
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
