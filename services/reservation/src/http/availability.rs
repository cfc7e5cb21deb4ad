//! `GET /availability`: units and free units per bucket.

use super::{Desk, view, when};
use crate::store::{self, AvailabilityError};
use axum::Json;
use axum::extract::State;
use reservation_domain::Refusal;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    offering_id: Uuid,
    from: Option<String>,
    to: Option<String>,
}

pub async fn get(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let span = when::span(asked.from.as_deref(), asked.to.as_deref())?;
    let buckets = store::availability(desk.engine.store(), asked.offering_id.into(), span).await.map_err(problem)?;
    let buckets: Vec<Value> = buckets
        .into_iter()
        .map(|bucket| json!({ "bucket": bucket.bucket, "units": bucket.units, "free": bucket.free }))
        .collect();
    Ok(Json(json!({ "offering_id": asked.offering_id, "buckets": buckets })))
}

fn problem(fault: AvailabilityError) -> Problem {
    match fault {
        AvailabilityError::OfferingNotFound => view::refusal(&Refusal::OfferingNotFound),
        AvailabilityError::Span(span) => view::refusal(&Refusal::Span(span)),
        AvailabilityError::Database(fault) => {
            tracing::error!(%fault, "availability");
            Problem::unavailable("the database does not answer")
        }
    }
}
