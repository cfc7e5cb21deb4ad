//! `GET /payments?reservation_id=`: the payment of a reservation, if anybody asked for one.

use super::{Desk, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use payment_domain::State as Standing;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Which payment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of {
    reservation_id: Uuid,
}

pub async fn get(State(desk): State<Desk>, Query(of): Query<Of>) -> Result<Json<Value>, Problem> {
    let found = store::payment(desk.engine.store(), of.reservation_id.into()).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    let asked = found.filter(|payment| !matches!(payment.state, Standing::Unasked { .. }));
    let payments: Vec<Value> = asked.iter().map(view::payment).collect();
    Ok(Json(json!({ "payments": payments })))
}
