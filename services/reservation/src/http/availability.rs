//! `GET /availability`: units and free units per bucket.

use super::{Desk, view, when};
use crate::store::{self, Availability, AvailabilityError, BucketView};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
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
    /// `1`: each bucket without free units says why.
    explain: Option<u8>,
}

pub async fn get(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let span = when::span(asked.from.as_deref(), asked.to.as_deref())?;
    let explain = explains(asked.explain)?;
    let found = store::availability(desk.engine.store(), asked.offering_id.into(), span).await.map_err(problem)?;
    let Availability { stay_min, stay_max, buckets } = found;
    let buckets: Vec<Value> = buckets.iter().map(|bucket| told(bucket, explain)).collect();
    let mut told = json!({ "offering_id": asked.offering_id, "buckets": buckets });
    for (name, bound) in [("stay_min", stay_min), ("stay_max", stay_max)] {
        if let Some(bound) = bound {
            told[name] = json!(bound);
        }
    }
    Ok(Json(told))
}

fn explains(asked: Option<u8>) -> Result<bool, Problem> {
    match asked {
        None | Some(0) => Ok(false),
        Some(1) => Ok(true),
        Some(_) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-explain", "`explain` is 0 or 1")),
    }
}

fn told(view: &BucketView, explain: bool) -> Value {
    let BucketView { bucket, units, free, removed_by } = view;
    let mut told = json!({ "bucket": bucket, "units": units, "free": free });
    if let (true, Some(removal)) = (explain, removed_by) {
        told["removed_by"] = json!(removal.as_str());
    }
    told
}

fn problem(fault: AvailabilityError) -> Problem {
    match fault {
        AvailabilityError::OfferingNotFound => view::refusal(&Refusal::OfferingNotFound),
        AvailabilityError::Span(span) => view::refusal(&Refusal::Span(span)),
        AvailabilityError::Database(fault) => Problem::unanswered(&fault),
    }
}
