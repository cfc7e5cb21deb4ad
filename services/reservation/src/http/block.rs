//! `POST /blocks`: a host takes units out of sale for a span, once per idempotency key.

use super::place::{answered, label, repeated};
use super::{Desk, view, when};
use crate::capture::told;
use crate::store;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use choreography::{Key, KeyUse, Reply, Request};
use kernel::{Label, ReservationId};
use reservation_domain::{Command, Place, Purpose, Refusal};
use runtime::auth::Caller;
use runtime::http::{Body, idempotency_key};
use runtime::problem::Problem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The request's body; serialized again, it is what an idempotency key stands for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    offering_id: Uuid,
    /// 1 when absent.
    quantity: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
}

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Body(closure): Body<Closure>,
) -> Result<Response, Problem> {
    caller.staff()?;
    let id = ReservationId::fresh();
    let key = idempotency_key(&headers)?;
    let body = serde_json::to_vec(&closure).map_err(|_| Problem::internal())?;
    // The business is its own guest; whose an offering is never changes.
    let business = store::business_of(desk.engine.store(), closure.offering_id.into()).await;
    let business = business.map_err(|fault| Problem::unanswered(&fault))?;
    let business = business.ok_or_else(|| view::refusal(&Refusal::OfferingNotFound))?;
    caller.host(business.as_str())?;
    let key = key.map(|key| Key::new(business.as_str(), "POST /blocks", &key, &body, id.0));
    let place = closure.into_place(id, business.clone())?;
    desk.admission.admit()?;
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    let command = Command::Place(Box::new(place));
    let request =
        Request { command, key: claim, actor: caller.actor().or_else(|| Some(business.into_string())), cause: None };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => answered(&desk, told(answer), key, None).await,
        Reply::Repeat(repeat) => repeated(&desk, repeat, key).await,
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

impl Closure {
    fn into_place(self, id: ReservationId, business: Label) -> Result<Place, Problem> {
        let reason = self.reason.map(|reason| label(reason, "invalid-reason", "reason")).transpose()?;
        Ok(Place {
            id,
            offering: self.offering_id.into(),
            guest: business,
            language: "en".into(),
            quantity: self.quantity.unwrap_or(1),
            span: when::span(self.from.as_deref(), self.to.as_deref())?,
            payment_method: None,
            call_seconds_max: None,
            purpose: Purpose::Block { reason },
        })
    }
}
