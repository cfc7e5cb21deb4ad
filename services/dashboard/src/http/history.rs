//! `GET /history/{correlation}`: everything that happened to a case, in order.

use super::{Desk, dated, order};
use crate::store::{Page, Told, View};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use runtime::http::Path;
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

/// Most events of one answer; a reservation has a handful, an offering one for each change.
const EVENTS_MAX: usize = 1_000;

pub async fn get(State(desk): State<Desk>, Path(correlation): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let standing = desk.standing();
    let mut page = find(&desk, correlation).await.map_err(|fault| Problem::unanswered(&fault))?;
    if page.rows.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "case-not-found", "no event of this case is known"));
    }
    order::sort(&mut page.rows);
    let events: Vec<Value> = page.rows.iter().map(view).collect();
    Ok(dated(json!({ "events": events, "more": page.next.is_some() }), standing))
}

async fn find(desk: &Desk, correlation: Uuid) -> Result<Page<Told, Uuid>, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.history(correlation, EVENTS_MAX).await?;
    view.close().await?;
    Ok(page)
}

fn view(told: &Told) -> Value {
    let Told { id, correlation: _, kind, source, time_us, version, causation, actor, payload } = told;
    json!({
        "id": id,
        "type": kind,
        "source": source,
        "time": Timestamp::from_microsecond(*time_us).ok().map(|at| at.to_string()),
        "version": version,
        "cause": causation,
        "actor": actor,
        "data": serde_json::from_str::<Value>(payload).unwrap_or(Value::Null),
    })
}
