//! The synchronous call between two decisions: seats are claimed at seating, behind the breaker, then the outcome is a
//! command.

use crate::Config;
use crate::service::{Answer, Waitlist};
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use choreography::{KeyUse, Origin, Reply, Request, Unavailable, Writer};
use runtime::auth::ServiceToken;
use runtime::breaker::{Breaker, Rejected, SHED};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::{Semaphore, oneshot};
use tracing::Instrument;
use waitlist_domain::{Command, Floor, Next, Outcome, Refusal, Standing, Ticket};

/// Claims under way in this process; one more waits for the sweep, and its party gets a number.
const CLAIMS_MAX: usize = 256;

/// Seating could not say how it went.
#[derive(Debug, Error)]
enum NoAnswer {
    #[error("seating answered {0}")]
    Status(u16),
    #[error("seating does not answer")]
    Unreached(#[from] reqwest::Error),
}

#[derive(Deserialize)]
struct Told {
    free: i64,
    /// A refusal may leave it out.
    #[serde(default)]
    floor_version: i64,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    floor: Option<Told>,
}

/// Claims seats and settles what seating says; cheap to clone.
#[derive(Clone)]
pub struct Claimer {
    writer: Writer<Waitlist>,
    breaker: Arc<Breaker>,
    client: reqwest::Client,
    url: Arc<str>,
    places: Arc<Semaphore>,
    token: ServiceToken,
}

impl Claimer {
    /// A claimer that calls seating's internal port.
    pub fn new(writer: Writer<Waitlist>, config: &Config) -> Self {
        let Config { seating_url, breaker, token, .. } = config.clone();
        let (breaker, client) = (Arc::new(Breaker::new("seating.claim", breaker)), runtime::http::client());
        let url = seating_url.trim_end_matches('/').into();
        Self { writer, breaker, client, url, places: Arc::new(Semaphore::new(CLAIMS_MAX)), token }
    }

    /// Does what a standing asks for next, in a task of its own, so that a caller who hangs up changes nothing, and
    /// returns where the settled answer will come. One that never comes means that a sweep settles the ticket.
    pub fn begin(
        &self,
        standing: Standing,
        key: KeyUse,
        origin: Origin,
    ) -> oneshot::Receiver<Result<Answer, Unavailable>> {
        let (answer, settled) = oneshot::channel();
        let claimer = self.clone();
        let claim = async move {
            let (ticket, places) = (&standing.ticket, claimer.places.clone());
            let outcome = match (standing.next, places.try_acquire_owned()) {
                (Next::Claim { claim }, Ok(_place)) => claimer.call(ticket, claim).await,
                (Next::Claim { .. }, Err(_)) | (Next::Number | Next::Nothing, _) => Outcome::Unavailable,
            };
            let told = claimer.settle(ticket, outcome, key, origin).await;
            if answer.send(told).is_err() {
                tracing::debug!(ticket = %ticket.id, "nobody waits for the outcome of a claim");
            }
        };
        tokio::spawn(claim.in_current_span());
        settled
    }

    async fn settle(
        &self,
        ticket: &Ticket,
        outcome: Outcome,
        key: KeyUse,
        origin: Origin,
    ) -> Result<Answer, Unavailable> {
        let command = Command::Settle { ticket: ticket.id, outcome };
        // A party that joins asks itself; one that is called is so because of what happened before.
        let actor = origin.cause.is_none().then(|| ticket.party.guest.to_string());
        match self.writer.ask(Request { command, key, actor, cause: origin.cause }).await? {
            Reply::Decided(answer) => Ok(answer),
            Reply::Repeat(_) => Ok(Err(Refusal::TicketNotFound)),
            Reply::Faulty(reason) => {
                tracing::error!(%reason, ticket = %ticket.id, "a claim's outcome cannot be stored");
                Err(Unavailable::Database)
            }
        }
    }

    async fn call(&self, ticket: &Ticket, claim: i64) -> Outcome {
        // Outside of the breaker: that the issuer is away says nothing about seating.
        let Ok(token) = self.token.header() else { return Outcome::Unavailable };
        match self.breaker.call(self.put(ticket, claim, token)).await {
            Ok(outcome) => outcome,
            Err(refused @ (Rejected::Open { .. } | Rejected::Full)) => {
                tracing::debug!(%refused, ticket = %ticket.id, "no claim by call");
                Outcome::Unavailable
            }
            // As many lines as it takes to open the breaker, so that the log says why it did.
            Err(failed @ (Rejected::Timeout | Rejected::Inner(_))) => {
                tracing::warn!(%failed, url = &*self.url, ticket = %ticket.id, "seating did not answer a claim");
                Outcome::Unavailable
            }
        }
    }

    /// One call; a business refusal is an answer, so that it does not count against seating.
    async fn put(&self, ticket: &Ticket, claim: i64, token: Option<HeaderValue>) -> Result<Outcome, NoAnswer> {
        let url = format!("{}/floors/{}/parties/{}", self.url, ticket.party.line, ticket.id);
        let mut request = self.client.put(url).json(&json!({ "party_size": ticket.party.size, "claim": claim }));
        if let Some(traceparent) = runtime::telemetry::traceparent() {
            request = request.header("traceparent", traceparent);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        let answer = request.send().await?;
        match answer.status().as_u16() {
            200 | 201 => {
                let told: Told = answer.json().await?;
                Ok(Outcome::Seated { floor: Floor { free: told.free, version: told.floor_version } })
            }
            409 | 422 => Ok(refused(claim, &answer.json().await?)),
            // The mesh let no more calls through: seating never saw this one, so that it says nothing about seating.
            503 if answer.headers().contains_key(SHED) => Ok(Outcome::Unavailable),
            // The floor has not reached seating yet: it is well, and will know it soon.
            404 => Ok(Outcome::Unavailable),
            status => {
                if status == 401 {
                    self.token.refused();
                }
                Err(NoAnswer::Status(status))
            }
        }
    }
}

/// A refusal that is none of those waitlist knows takes no seats either.
fn refused(claim: i64, body: &Refused) -> Outcome {
    match (body.kind.as_str(), &body.floor) {
        ("/problems/party-ended", _) => Outcome::Ended { floor: None },
        // What a newer claim comes to says how it is.
        ("/problems/claim-superseded", _) => Outcome::Unavailable,
        ("/problems/no-room", Some(told)) => {
            Outcome::NoRoom { claim, floor: Floor { free: told.free, version: told.floor_version } }
        }
        (kind, _) => {
            tracing::warn!(kind, "seating refuses a claim");
            Outcome::NoRoom { claim, floor: Floor { free: i64::MAX, version: 0 } }
        }
    }
}
