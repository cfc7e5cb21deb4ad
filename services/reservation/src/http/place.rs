//! `POST /reservations`: place, capture where the offering is prepaid, answer with what stands.

use super::{Desk, view, when};
use crate::capture::{Room, settling, told};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use choreography::{Key, KeyUse, Repeat, Repeated, Reply, Request, Unavailable};
use kernel::{Label, ReservationId};
use reservation_domain::{Command, Place, Purpose, Refusal, Reservation, State as Standing};
use runtime::auth::Caller;
use runtime::http::{Body, idempotency_key, made};
use runtime::problem::Problem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The request's body; serialized again, it is what an idempotency key stands for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    offering_id: Uuid,
    guest_id: String,
    quantity: i64,
    from: Option<String>,
    to: Option<String>,
    payment_method: Option<String>,
    /// `ko` or `en`: what the guest reads; `en` when absent.
    language: Option<String>,
}

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    caller.guest(&wish.guest_id)?;
    let id = ReservationId::fresh();
    let key = key(&headers, &wish, id)?;
    let mut place = wish.into_place(id)?;
    desk.admission.admit()?;
    let room = desk.capturer.room();
    place.call_seconds_max = room.is_some().then(|| desk.capturer.call_seconds_max());
    let offering = place.offering;
    if room.is_none() && desk.by_call.knows(offering) {
        return unpayable(&desk, key).await;
    }
    let actor = caller.actor().or_else(|| Some(place.guest.to_string()));
    let command = Command::Place(Box::new(place));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    match desk
        .engine
        .writer()
        .ask(Request { command, key: claim, actor, cause: None })
        .await
        .map_err(view::unavailable)?
    {
        Reply::Decided(answer) => {
            let placed = told(answer);
            if placed == Err(Refusal::PaymentUnavailable) {
                desk.by_call.learn(offering);
            }
            answered(&desk, placed, key, room).await
        }
        Reply::Repeat(repeat) => repeated(&desk, repeat, key).await,
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

/// Nobody can pay now. Who asks again is told what the first request came to; nothing is begun for anybody else.
async fn unpayable(desk: &Desk, key: Option<Key>) -> Result<Response, Problem> {
    if let Some(key) = key
        && let Some(repeat) = desk.engine.look_up(&key).await.map_err(|fault| Problem::unanswered(&fault))?
    {
        return repeated(desk, repeat, Some(key)).await;
    }
    Err(view::refusal(&Refusal::PaymentUnavailable))
}

fn key(headers: &HeaderMap, wish: &Wish, id: ReservationId) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let body = serde_json::to_vec(wish).map_err(|_| Problem::internal())?;
    Ok(Some(Key::new(&wish.guest_id, "POST /reservations", &key, &body, id.0)))
}

impl Wish {
    fn into_place(self, id: ReservationId) -> Result<Place, Problem> {
        let span = when::span(self.from.as_deref(), self.to.as_deref())?;
        let language = self.language.unwrap_or_else(|| "en".into());
        if !["ko", "en"].contains(&language.as_str()) {
            return Err(invalid("invalid-language", "`language` is `ko` or `en`"));
        }
        let payment_method = match self.payment_method {
            None => None,
            Some(method) => Some(label(method, "invalid-payment-method", "payment_method")?),
        };
        Ok(Place {
            id,
            offering: self.offering_id.into(),
            guest: label(self.guest_id, "invalid-guest", "guest_id")?,
            language,
            quantity: self.quantity,
            span,
            payment_method,
            call_seconds_max: None,
            purpose: Purpose::Stay,
        })
    }
}

pub(super) fn label(text: String, slug: &'static str, field: &str) -> Result<Label, Problem> {
    Label::try_from(text).map_err(|why| invalid(slug, &format!("`{field}` is {why}")))
}

fn invalid(slug: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail)
}

/// The first decision is committed; a prepaid hold is captured now, without any lock held.
pub(super) async fn answered(
    desk: &Desk,
    placed: Result<Reservation, Refusal>,
    key: Option<Key>,
    room: Option<Room>,
) -> Result<Response, Problem> {
    let reservation = placed.map_err(|refusal| view::refusal(&refusal))?;
    let by_call = reservation.booking.capture.begins_by_call();
    if !matches!(reservation.state, Standing::Held { .. }) || !by_call {
        return Ok(view::placed(&reservation));
    }
    match desk.capturer.begin(reservation.clone(), settling(&key), room).await {
        Ok(Ok(settled)) => Ok(view::placed(&told(settled).map_err(|refusal| view::refusal(&refusal))?)),
        // The outcome could not be committed: what stands is the hold, with its deadline.
        Ok(Err(Unavailable::QueueFull | Unavailable::Database | Unavailable::Stopped)) | Err(_) => {
            Ok(view::placed(&reservation))
        }
    }
}

pub(super) async fn repeated(desk: &Desk, repeat: Repeat, key: Option<Key>) -> Result<Response, Problem> {
    let Some(key) = key else { return Err(view::faulty("a request without a key cannot be a repeat")) };
    match desk.engine.repeated(&key, repeat).await? {
        Repeated::Answered(status, body) => Ok(made(status, &body, "/reservations")),
        Repeated::Abandoned(key) => resume(desk, &key).await,
    }
}

/// Goes on with a case whose owner died: the hold is captured, or what stands is told.
async fn resume(desk: &Desk, key: &Key) -> Result<Response, Problem> {
    let command = Command::Recall { reservation: ReservationId(key.case()) };
    let found = desk.engine.writer().ask(Request::own(command)).await.map_err(view::unavailable)?;
    let reservation = match found {
        Reply::Decided(answer) => told(answer).map_err(|refusal| view::refusal(&refusal))?,
        Reply::Repeat(_) => return Err(view::faulty("a recall cannot be a repeat")),
        Reply::Faulty(reason) => return Err(view::faulty(&reason)),
    };
    if matches!(reservation.state, Standing::Held { .. }) {
        return answered(desk, Ok(reservation), Some(key.clone()), desk.capturer.room()).await;
    }
    let settle = Request {
        command: Command::Recall { reservation: reservation.id },
        key: KeyUse::Settle(key.clone()),
        actor: Some(reservation.booking.guest.to_string()),
        cause: None,
    };
    desk.engine.writer().ask(settle).await.map_err(view::unavailable)?;
    Ok(view::placed(&reservation))
}
