//! `POST /payments` on the internal port: takes a reservation's money once and tells the outcome.

use super::{Desk, view};
use crate::store;
use crate::waiting::Place;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use choreography::{Reply, Request};
use kernel::{Label, Money};
use payment_domain::{Ask, Command, Payment, State as Standing, Terms};
use runtime::auth::Caller;
use runtime::http::{Body, Object};
use runtime::problem::Problem;
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;

/// How long a request waits for its outcome; its handler's own bound is 10 s.
const OUTCOME_SECONDS_MAX: u64 = 9;
/// How often the database is looked at, for an outcome that another replica brings.
const LOOK_MS: u64 = 500;

/// The request's body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    reservation_id: Uuid,
    amount: Object<Amount>,
    method: String,
}

/// Money as a request writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: i64,
    currency: String,
}

pub async fn post(State(desk): State<Desk>, caller: Caller, Body(wish): Body<Wish>) -> Result<Response, Problem> {
    caller.service()?;
    let ask = Ask::try_from(wish)?;
    let reservation = ask.reservation;
    let mut place = desk.engine.service().waiting.take_place(reservation);
    let request = Request::own(Command::Request(Box::new(ask)));
    let payment = match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(told) => *told.map_err(view::refusal)?.payment,
        Reply::Repeat(_) => return Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => return Err(view::faulty(&reason)),
    };
    if !is_open(&payment) {
        return view::outcome(&payment);
    }
    let bound = Duration::from_secs(OUTCOME_SECONDS_MAX);
    let settled = tokio::time::timeout(bound, settled(&desk, &mut place, &payment)).await;
    view::outcome(&settled.unwrap_or(payment))
}

const fn is_open(payment: &Payment) -> bool {
    matches!(payment.state, Standing::Requested { .. } | Standing::Unasked { .. })
}

/// The payment once a call of this process has ended, or once another replica has stored its outcome.
async fn settled(desk: &Desk, place: &mut Place<'_>, payment: &Payment) -> Payment {
    let elsewhere = async {
        loop {
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
            match store::payment(desk.engine.store(), payment.reservation).await {
                Ok(Some(found)) if !is_open(&found) => return found,
                Ok(Some(_) | None) => {}
                Err(fault) => tracing::debug!(%fault, "an outcome is looked for"),
            }
        }
    };
    tokio::select! {
        told = place.outcome() => told.map_or_else(|| payment.clone(), |told| *told.payment),
        found = elsewhere => found,
    }
}

impl TryFrom<Wish> for Ask {
    type Error = Problem;
    fn try_from(wish: Wish) -> Result<Self, Problem> {
        let Object(Amount { amount, currency }) = wish.amount;
        let currency = currency.parse().map_err(|why| invalid("invalid-amount", &why))?;
        let total = Money::new(amount, currency).map_err(|why| invalid("invalid-amount", &why))?;
        if total.is_zero() {
            return Err(invalid("invalid-amount", &"there is nothing to pay"));
        }
        let method = Label::try_from(wish.method).map_err(|why| invalid("invalid-payment-method", &why))?;
        Ok(Self { reservation: wish.reservation_id.into(), terms: Terms { total, method } })
    }
}

fn invalid(slug: &'static str, why: &dyn std::fmt::Display) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, why.to_string())
}
