//! `GET /payments?reservation_id=`: the payment of a reservation, if anybody asked for one.

use super::{Desk, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use payment_domain::{Payment, State as Standing};
use runtime::auth::Caller;
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

pub async fn get(State(desk): State<Desk>, caller: Caller, Query(of): Query<Of>) -> Result<Json<Value>, Problem> {
    caller.person()?;
    let found = store::payment(desk.engine.store(), of.reservation_id.into()).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    let asked = found.filter(|payment| !matches!(payment.state, Standing::Unasked { .. }));
    let payments: Vec<Value> = shown(&caller, asked)?.iter().map(view::payment).collect();
    Ok(Json(json!({ "payments": payments })))
}

/// What is the caller's to see; a payment whose owner has not been heard of yet is nobody's but an operator's.
fn shown(caller: &Caller, asked: Option<Payment>) -> Result<Option<Payment>, Problem> {
    match asked.as_ref().and_then(|payment| payment.owner.as_ref()) {
        Some(owner) => caller.party(owner.guest.as_str(), owner.business.as_str()).map(|()| asked),
        None => Ok(asked.filter(|_| caller.may_all())),
    }
}
