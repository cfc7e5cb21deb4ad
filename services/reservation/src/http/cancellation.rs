//! `GET /reservations/{id}/cancellation`: what a cancel would do to the money now.

use super::{Desk, allowed, view};
use axum::Json;
use axum::extract::State;
use kernel::CancellationTier;
use reservation_domain::{Quote, Reservation, quote};
use runtime::auth::Caller;
use runtime::http::Path;
use runtime::problem::Problem;
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let reservation = allowed::read(&desk, &caller, id).await?;
    let store = desk.engine.store();
    let now = store.now(store.read()).await.map_err(|fault| Problem::unanswered(&fault))?;
    let quote = quote(&reservation, now).map_err(|refusal| view::refusal(&refusal))?;
    Ok(Json(told(&reservation, &quote)))
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
