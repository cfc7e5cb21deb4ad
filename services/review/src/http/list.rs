//! `GET /reviews?offering_id=`: an offering's reviews, the newest first, and what all of them come to.

use super::{Desk, cursor, view};
use crate::store::{self, Place};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use runtime::auth::Caller;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Reviews of a page, unless the caller says how many.
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    offering_id: Uuid,
    cursor: Option<String>,
    limit: Option<i64>,
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let (after, limit) = (after(asked.cursor)?, limit(asked.limit)?);
    let (store, offering) = (desk.engine.store(), asked.offering_id.into());
    let page = store::list(store, offering, after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let ratings = store::ratings(store, offering).await.map_err(|fault| Problem::unanswered(&fault))?;
    Ok(Json(json!({
        "reviews": page.reviews.iter().map(|review| view::shown(review, &caller)).collect::<Vec<Value>>(),
        "next_cursor": page.next.map(cursor::written),
        "review_count": ratings.count,
        "rating_average": ratings.average(),
    })))
}

fn after(text: Option<String>) -> Result<Option<Place>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let broken = || Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of a page");
    cursor::read(&text).ok_or_else(broken).map(Some)
}

fn limit(asked: Option<i64>) -> Result<usize, Problem> {
    let Some(asked) = asked else { return Ok(LIMIT_USUAL) };
    usize::try_from(asked).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        let detail = format!("`limit` is 1 to {LIMIT_MAX}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-limit", detail)
    })
}
