//! `GET /reservations/{id}/cancellation`: what a cancel would do to the money now.

use super::{Desk, view};
use crate::store;
use axum::Json;
use axum::extract::State;
use choreography::Store;
use jiff::Timestamp;
use kernel::{CancellationTier, ReservationId};
use reservation_domain::{Quote, Refusal, Reservation, quote};
use runtime::http::Path;
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn get(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let read = read(desk.engine.store(), ReservationId(id)).await.map_err(|fault| Problem::unanswered(&fault))?;
    let (reservation, now) = read.ok_or_else(|| view::refusal(&Refusal::ReservationNotFound))?;
    let quote = quote(&reservation, now).map_err(|refusal| view::refusal(&refusal))?;
    Ok(Json(told(&reservation, &quote)))
}

async fn read(store: &Store, id: ReservationId) -> Result<Option<(Reservation, Timestamp)>, DbErr> {
    let Some(reservation) = store::reservation(store, id).await? else { return Ok(None) };
    Ok(Some((reservation, store.now(store.read()).await?)))
}

fn told(reservation: &Reservation, quote: &Quote) -> Value {
    let Quote { keep, refund, refund_percent, valid_until } = quote;
    let tier =
        |tier: &CancellationTier| json!({ "before_hours": tier.before_hours, "refund_percent": tier.refund_percent });
    json!({
        "id": reservation.id.0,
        "refund": { "amount": refund, "currency": reservation.booking.total.currency().as_str() },
        "keep": keep,
        "refund_percent": refund_percent,
        "tiers": reservation.booking.cancellation.iter().map(tier).collect::<Vec<_>>(),
        "starts_at": reservation.booking.starts_at.to_string(),
        "valid_until": valid_until.map(|until| until.to_string()),
    })
}
