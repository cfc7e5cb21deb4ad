//! `GET /notifications?recipient=`: a reader's messages, the newest first.

use super::{Desk, cursor};
use crate::store::{self, Place, Told};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use kernel::Label;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};

/// Messages of a page, unless the caller says how many.
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    recipient: String,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The query, as far as it is possible.
struct Wanted {
    recipient: Label,
    after: Option<Place>,
    limit: usize,
}

pub async fn get(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let Wanted { recipient, after, limit } = Wanted::try_from(asked)?;
    let page = store::list(&desk.store, recipient.as_str(), after, limit)
        .await
        .map_err(|fault| Problem::unanswered(&fault))?;
    let notifications: Vec<Value> = page.messages.iter().map(view).collect();
    Ok(Json(json!({ "notifications": notifications, "next_cursor": page.next.map(cursor::written) })))
}

impl TryFrom<Asked> for Wanted {
    type Error = Problem;
    fn try_from(asked: Asked) -> Result<Self, Problem> {
        let broken_cursor =
            || Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of a page");
        let impossible = |slug, detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail);
        let limit = match asked.limit {
            None => Some(LIMIT_USUAL),
            Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
        };
        let cursor = asked.cursor.filter(|text| !text.is_empty());
        Ok(Self {
            recipient: Label::try_from(asked.recipient)
                .map_err(|fault| impossible("invalid-recipient", fault.to_string()))?,
            after: cursor.map(|text| cursor::read(&text).ok_or_else(broken_cursor)).transpose()?,
            limit: limit.ok_or_else(|| impossible("invalid-limit", format!("`limit` is 1 to {LIMIT_MAX}")))?,
        })
    }
}

fn view(told: &Told) -> Value {
    let Told { id, recipient, role, template, language, correlation, event_id: _, subject, body, created_us, status } =
        told;
    json!({
        "id": id,
        "recipient": recipient,
        "role": role,
        "template": template,
        "language": language,
        "correlation": correlation,
        "subject": subject,
        "body": body,
        "status": status,
        "created_at": Timestamp::from_microsecond(*created_us).ok().map(|at| at.to_string()),
    })
}
