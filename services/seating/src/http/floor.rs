//! `GET /floors/{offering_id}`: the seats of a store and the parties that own some of them.

use super::{Desk, host, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::TicketId;
use runtime::auth::Caller;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use seating_domain::Refusal;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// Parties of a page, unless the caller says how many.
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cursor: Option<String>,
    limit: Option<i64>,
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(offering): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    host(&desk, &caller, offering).await?;
    let limit = match asked.limit {
        None => Some(LIMIT_USUAL),
        Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
    };
    let limit = limit.ok_or_else(|| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-limit", format!("`limit` is 1 to {LIMIT_MAX}"))
    })?;
    let cursor = asked.cursor.filter(|text| !text.is_empty());
    let after = cursor.map(|text| text.parse::<TicketId>()).transpose().map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of a page")
    })?;
    let page = store::floor(desk.engine.store(), offering.into(), after, limit).await;
    let page = page.map_err(|fault| Problem::unanswered(&fault))?;
    page.map(|page| view::floor(&page)).ok_or_else(|| view::refusal(Refusal::FloorNotFound))
}
