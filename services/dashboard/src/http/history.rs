//! `GET /history/{correlation}`: everything that happened to a case, in order.

use super::{Desk, dated, order};
use crate::live::Whereabouts;
use crate::store::{Page, Told, View};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use runtime::auth::Caller;
use runtime::http::Path;
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

/// Most events of one answer; a reservation has a handful, an offering one for each change.
const EVENTS_MAX: usize = 1_000;

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(correlation): Path<Uuid>,
) -> Result<Json<Value>, Problem> {
    caller.person()?;
    let standing = desk.standing();
    let (mut page, whose) = find(&desk, correlation).await.map_err(|fault| Problem::unanswered(&fault))?;
    if page.rows.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "case-not-found", "no event of this case is known"));
    }
    admit(&caller, &whose)?;
    order::sort(&mut page.rows);
    let events: Vec<Value> = page.rows.iter().map(view).collect();
    Ok(dated(json!({ "events": events, "more": page.next.is_some() }), standing))
}

/// Its guest and its host see a case, and the host what was done to an offering.
fn admit(caller: &Caller, whose: &Whereabouts) -> Result<(), Problem> {
    match (&whose.guest_id, &whose.business) {
        (Some(guest), Some(business)) => caller.party(guest, business),
        (Some(guest), None) => caller.guest(guest),
        (None, Some(business)) => caller.host(business),
        (None, None) => caller.operator(),
    }
}

async fn find(desk: &Desk, correlation: Uuid) -> Result<(Page<Told, Uuid>, Whereabouts), DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.history(correlation, EVENTS_MAX).await?;
    let whose = view.whose(correlation).await?;
    view.close().await?;
    Ok((page, whose))
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
