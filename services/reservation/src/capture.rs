//! The synchronous call between two decisions: capture at payment, behind the breaker, then the outcome as a command.

use crate::Config;
use crate::service::{Answer, Reservations};
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use choreography::{Key, KeyUse, Reply, Request, Unavailable, Writer};
use jiff::Timestamp;
use reservation_domain::{Command, Outcome, Refusal, Reservation, Told};
use runtime::auth::ServiceToken;
use runtime::breaker::{Breaker, Rejected, SHED, State};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Instrument;

/// A place among the captures that may be under way at once in this process.
#[derive(Debug)]
pub struct Room(#[expect(dead_code, reason = "held, so that nobody else has it")] OwnedSemaphorePermit);

/// Payment could not say how it went.
#[derive(Debug, Error)]
enum NoAnswer {
    #[error("payment answered {0}")]
    Status(u16),
    #[error("payment does not answer")]
    Unreached(#[from] reqwest::Error),
    #[error("payment's answer does not read")]
    Body,
}

#[derive(Deserialize)]
struct Captured {
    captured_at: String,
}

/// Calls payment and settles what it says; cheap to clone.
#[derive(Clone)]
pub struct Capturer {
    writer: Writer<Reservations>,
    breaker: Arc<Breaker>,
    client: reqwest::Client,
    url: Arc<str>,
    places: Arc<Semaphore>,
    token: ServiceToken,
    call_seconds_max: i64,
}

impl Capturer {
    /// A capturer that calls payment's internal port.
    pub fn new(writer: Writer<Reservations>, config: &Config) -> Self {
        let Config { payment_url, breaker, token, .. } = config.clone();
        let url = format!("{}/payments", payment_url.trim_end_matches('/')).into();
        let places = Arc::new(Semaphore::new(breaker.in_flight_max));
        let call_seconds_max = i64::try_from(breaker.timeout_ms.div_ceil(1_000)).unwrap_or(i64::MAX);
        let (breaker, client) = (Arc::new(Breaker::new("payment.capture", breaker)), runtime::http::client());
        Self { writer, breaker, client, url, places, token, call_seconds_max }
    }

    /// A place for one capture; none while payment is not to be called, there is no token to show it, or as many calls
    /// are out as may be. Asked before a booking begins, so that what cannot be paid costs nothing.
    pub fn room(&self) -> Option<Room> {
        if self.breaker.refuses() || self.token.header().is_err() {
            return None;
        }
        self.places.clone().try_acquire_owned().ok().map(Room)
    }

    /// How long one call may take, in seconds.
    pub const fn call_seconds_max(&self) -> i64 {
        self.call_seconds_max
    }

    /// Whether as many calls are out as may be, while payment answers.
    pub fn is_full(&self) -> bool {
        self.places.available_permits() == 0 && self.breaker.state() == State::Closed
    }

    /// Begins the capture in a task of its own, so that a caller who hangs up changes nothing, and returns where its
    /// settled answer will come. Without room the case is settled as one that payment did not answer. An answer that
    /// never comes means that a sweep settles the case.
    pub fn begin(
        &self,
        reservation: Reservation,
        key: KeyUse,
        room: Option<Room>,
    ) -> oneshot::Receiver<Result<Answer, Unavailable>> {
        let (answer, settled) = oneshot::channel();
        let capturer = self.clone();
        let capture = async move {
            let outcome = match &room {
                Some(_) => capturer.call(&reservation).await,
                None => Outcome::Unavailable,
            };
            let told = capturer.settle(&reservation, outcome, key).await;
            if answer.send(told).is_err() {
                tracing::debug!(reservation = %reservation.id, "the caller of a capture hung up");
            }
        };
        tokio::spawn(capture.in_current_span());
        settled
    }

    async fn settle(&self, reservation: &Reservation, outcome: Outcome, key: KeyUse) -> Result<Answer, Unavailable> {
        let command = Command::Settle { reservation: reservation.id, outcome };
        let actor = Some(reservation.booking.guest.to_string());
        match self.writer.ask(Request { command, key, actor, cause: None }).await? {
            Reply::Decided(answer) => Ok(answer),
            Reply::Repeat(_) => Ok(Err(Refusal::ReservationNotFound)),
            Reply::Faulty(reason) => {
                tracing::error!(%reason, reservation = %reservation.id, "a capture's outcome cannot be stored");
                Err(Unavailable::Database)
            }
        }
    }

    async fn call(&self, reservation: &Reservation) -> Outcome {
        // Outside of the breaker: that the issuer is away says nothing about payment.
        let Ok(token) = self.token.header() else { return Outcome::Unavailable };
        match self.breaker.call(self.post(reservation, token)).await {
            Ok(outcome) => outcome,
            Err(refused @ (Rejected::Open { .. } | Rejected::Full)) => {
                tracing::debug!(%refused, reservation = %reservation.id, "no capture by call");
                Outcome::Unavailable
            }
            // As many lines as it takes to open the breaker, so that the log says why it did.
            Err(failed @ (Rejected::Timeout | Rejected::Inner(_))) => {
                tracing::warn!(%failed, url = &*self.url, reservation = %reservation.id, "payment did not answer a call");
                Outcome::Unavailable
            }
        }
    }

    /// One call; a business refusal is an answer, so that it does not count against payment.
    async fn post(&self, reservation: &Reservation, token: Option<HeaderValue>) -> Result<Outcome, NoAnswer> {
        let booking = &reservation.booking;
        let body = json!({
            "reservation_id": reservation.id.0,
            "amount": { "amount": booking.total.amount(), "currency": booking.total.currency().as_str() },
            "method": booking.payment_method.as_ref().map_or("", |method| method.as_str()),
        });
        let mut request = self.client.post(&*self.url).json(&body);
        if let Some(traceparent) = runtime::telemetry::traceparent() {
            request = request.header("traceparent", traceparent);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        let answer = request.send().await?;
        match answer.status().as_u16() {
            201 => {
                let captured: Captured = answer.json().await?;
                let at: Timestamp = captured.captured_at.parse().map_err(|_| NoAnswer::Body)?;
                Ok(Outcome::Captured { at })
            }
            402 => Ok(Outcome::Declined),
            // The mesh let no more calls through: payment never saw this one, so that it says nothing about payment.
            503 if answer.headers().contains_key(SHED) => Ok(Outcome::Unavailable),
            // Payment will not capture this case any more (it knows it as ended): the same as no money.
            409 => Ok(Outcome::Unavailable),
            status => {
                if status == 401 {
                    self.token.refused();
                }
                Err(NoAnswer::Status(status))
            }
        }
    }
}

/// The reservation that an answer tells of, if it tells of one.
pub fn told(answer: Answer) -> Result<Reservation, Refusal> {
    match answer? {
        Told::Stands { reservation, .. } => Ok(*reservation),
        Told::Adopted => Err(Refusal::ReservationNotFound),
    }
}

/// How a key is used when its case is settled.
#[must_use]
pub fn settling(key: &Option<Key>) -> KeyUse {
    key.clone().map_or(KeyUse::Without, KeyUse::Settle)
}
