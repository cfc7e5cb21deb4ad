//! `/deliveries`: what became of messages on their channels, and trying again.

use super::{Desk, cursor, paging, view};
use crate::command::Command;
use crate::delivery::{Delivery, Refusal, Status};
use crate::store;
use crate::working::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use choreography::{Key, KeyUse, Reply, Request};
use runtime::auth::Caller;
use runtime::http::{Path, Query, idempotency_key};
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    recipient: String,
    status: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

pub async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let limit = paging::limit(asked.limit)?;
    let (recipient, after) = (paging::recipient(asked.recipient)?, paging::after(asked.cursor)?);
    let roles = paging::roles(&caller, &recipient)?;
    let wanted = ((recipient.as_str(), roles.as_slice()), asked.status.as_deref().map(status).transpose()?);
    let page = store::deliveries(desk.engine.store(), wanted, after, limit)
        .await
        .map_err(|fault| Problem::unanswered(&fault))?;
    let deliveries: Vec<Value> = page.rows.iter().map(view::delivery).collect();
    Ok(Json(json!({ "deliveries": deliveries, "next_cursor": page.next.map(cursor::written) })))
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    Ok(Json(view::delivery(&found(&desk, &caller, id).await?)))
}

/// Begins a delivery anew that has ended; once per idempotency key.
pub async fn redeliver(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let key = idempotency_key(&headers)?;
    let recipient = found(&desk, &caller, id).await?.recipient;
    let key = key.map(|key| Key::new(&recipient, "POST /deliveries/{id}/redeliver", &key, id.as_bytes(), id));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    let command = Command::Redeliver { delivery: id };
    let request = Request { command, key: claim, cause: None, actor: caller.actor().or(Some(recipient)) };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(Answer::Redelivered(answer)) => {
            answer.map(|delivery| (view::ACCEPTED, Json(view::delivery(&delivery)))).map_err(view::refusal)
        }
        Reply::Decided(other) => Err(view::faulty(&format!("a redelivery was answered as {other:?}"))),
        Reply::Repeat(repeat) => {
            let key = key.ok_or_else(|| view::faulty("a request without a key cannot be a repeat"))?;
            let (status, body) = desk.engine.repeated(&key, repeat).await?.answer()?;
            Ok((status, Json(body)))
        }
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

/// The delivery, if its message is the caller's to read.
async fn found(desk: &Desk, caller: &Caller, id: Uuid) -> Result<Delivery, Problem> {
    caller.person()?;
    let found = store::delivery(desk.engine.store(), id).await.map_err(|fault| Problem::unanswered(&fault))?;
    let (delivery, role) = found.ok_or_else(|| view::refusal(Refusal::NotFound))?;
    paging::reads(caller, role, &delivery.recipient)?;
    Ok(delivery)
}

fn status(word: &str) -> Result<Status, Problem> {
    let known = Status::ALL.into_iter().find(|known| known.as_str() == word);
    known.ok_or_else(|| paging::impossible("invalid-status", "`status` is `waiting`, `sent` or `failed`".to_owned()))
}
