//! What the repeat of a request is told.

use crate::engine::Engine;
use crate::service::Service;
use crate::writer::{Key, Repeat};
use axum::http::StatusCode;
use jiff::SignedDuration;
use runtime::problem::Problem;
use serde_json::Value;
use std::time::Duration;

/// A repeat waits this long for the first request's answer.
const REPEAT_WAIT_MS_MAX: u64 = 1_000;
const REPEAT_LOOK_MS: u64 = 50;
/// After this long the owner of an open key counts as dead, and the repeat goes on with its case.
const OWNER_SECONDS_MAX: i64 = 5;

/// What a repeat came to.
#[derive(Debug)]
pub enum Repeated {
    /// The status and body that stand for the key.
    Answered(StatusCode, Value),
    /// Whoever began its case is dead: it is gone on with, under its own key.
    Abandoned(Key),
}

impl Repeated {
    /// The answer that stands, where a key is claimed and settled in one transaction and nobody can abandon it.
    ///
    /// # Errors
    /// 409 `in-progress`.
    pub fn answer(self) -> Result<(StatusCode, Value), Problem> {
        match self {
            Self::Answered(status, body) => Ok((status, body)),
            Self::Abandoned(_) => Err(in_progress()),
        }
    }
}

impl<S: Service> Engine<S> {
    /// What the repeat of a request under `key` came to; a moment is waited for a first request that is under way.
    ///
    /// # Errors
    /// 422 `idempotency-key-reused`, 409 `in-progress`, 503 `unavailable`, or an answer that does not read.
    pub async fn repeated(&self, key: &Key, mut repeat: Repeat) -> Result<Repeated, Problem> {
        for _ in 0..REPEAT_WAIT_MS_MAX / REPEAT_LOOK_MS {
            match repeat {
                Repeat::Answered { status, body } => return answered(status, &body),
                Repeat::Reused => {
                    let detail = "this Idempotency-Key came with another body before";
                    return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail));
                }
                Repeat::Open { case, opened, now }
                    if now.duration_since(opened) > SignedDuration::from_secs(OWNER_SECONDS_MAX) =>
                {
                    return Ok(Repeated::Abandoned(key.of_case(case)));
                }
                Repeat::Open { .. } => tokio::time::sleep(Duration::from_millis(REPEAT_LOOK_MS)).await,
            }
            repeat = match self.look_up(key).await.map_err(|fault| Problem::unanswered(&fault))? {
                Some(found) => found,
                // The first request left nothing standing and gave the key back.
                None => break,
            };
        }
        Err(in_progress())
    }
}

fn in_progress() -> Problem {
    Problem::new(StatusCode::CONFLICT, "in-progress", "the first request with this key is not settled yet")
        .retry_after(1)
}

fn answered(status: u16, body: &str) -> Result<Repeated, Problem> {
    let read = StatusCode::from_u16(status).ok().zip(serde_json::from_str(body).ok());
    read.map(|(status, body)| Repeated::Answered(status, body)).ok_or_else(|| {
        tracing::error!(status, "the answer that a key kept does not read");
        Problem::internal()
    })
}
