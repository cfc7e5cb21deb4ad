//! The parking place, seen from the admin port: list what is parked, replay one.

use crate::engine::Engine;
use crate::housekeeping::parked_row;
use crate::service::{Received, Service};
use crate::store::timestamp;
use crate::table::parked;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use kernel::EventId;
use runtime::http::Path;
use runtime::problem::Problem;
use sea_orm::{DbErr, EntityTrait, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

/// Most parked events in one answer.
const LIST_MAX: u64 = 200;

/// `GET /parked` and `POST /parked/{id}/replay` of one service.
pub fn router<S: Service>(engine: Engine<S>) -> Router {
    Router::new().route("/parked", get(list::<S>)).route("/parked/{id}/replay", post(replay::<S>)).with_state(engine)
}

async fn list<S: Service>(State(engine): State<Engine<S>>) -> Result<Json<Value>, Problem> {
    let rows = parked::Entity::find()
        .order_by_asc(parked::Column::ParkedUs)
        .limit(LIST_MAX)
        .all(engine.store().read())
        .await
        .map_err(|fault| Problem::unanswered(&fault))?;
    let parked: Vec<Value> = rows.iter().map(view::<S>).collect();
    Ok(Json(json!({ "parked": parked })))
}

async fn replay<S: Service>(State(engine): State<Engine<S>>, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    let row = parked_row(engine.store(), id)
        .await
        .map_err(|fault| Problem::unanswered(&fault))?
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "not-parked", "no event with this id is parked"))?;
    let event = event(row).map_err(|fault| Problem::unanswered(&fault))?;
    match engine.replay(event).await {
        Ok(Ok(())) => Ok(StatusCode::NO_CONTENT),
        Ok(Err(reason)) => {
            Err(Problem::new(StatusCode::CONFLICT, "still-poison", "the event cannot be handled")
                .with("reason", reason.0))
        }
        Err(unavailable) => Err(Problem::unavailable(unavailable.to_string())),
    }
}

fn view<S: Service>(row: &parked::Model) -> Value {
    json!({
        "service": S::NAME,
        "id": row.event_id,
        "type": row.kind,
        "correlation": row.correlation,
        "reason": row.reason,
        "parked_at": timestamp(row.parked_us).map(|at| at.to_string()).ok(),
        "payload": row.payload,
    })
}

fn event(row: parked::Model) -> Result<Received, DbErr> {
    Ok(Received {
        id: EventId(row.event_id),
        kind: row.kind,
        correlation: row.correlation,
        causation: row.causation,
        version: row.version,
        time: timestamp(row.time_us)?,
        actor: row.actor,
        traceparent: None,
        payload: row.payload.into_bytes().into(),
        stream_seq: 0,
    })
}
