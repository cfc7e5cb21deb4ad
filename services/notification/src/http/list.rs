//! `GET /notifications?recipient=`: a reader's messages, the newest first.

use super::{Desk, cursor, paging};
use crate::store::{self, Told};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use runtime::auth::Caller;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    recipient: String,
    cursor: Option<String>,
    limit: Option<i64>,
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let limit = paging::limit(asked.limit)?;
    let (recipient, after) = (paging::recipient(asked.recipient)?, paging::after(asked.cursor)?);
    let roles = paging::roles(&caller, &recipient)?;
    let page = store::list(desk.engine.store(), (recipient.as_str(), &roles), after, limit)
        .await
        .map_err(|fault| Problem::unanswered(&fault))?;
    let notifications: Vec<Value> = page.rows.iter().map(view).collect();
    Ok(Json(json!({ "notifications": notifications, "next_cursor": page.next.map(cursor::written) })))
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
