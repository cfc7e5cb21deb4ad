//! What the repeat of a request is told, where a key is claimed and settled in one transaction.

use crate::engine::Engine;
use crate::service::Service;
use crate::writer::{Key, Repeat};
use axum::http::StatusCode;
use runtime::problem::Problem;
use serde_json::Value;
use std::time::Duration;

/// A repeat waits this long for the first request's answer.
const REPEAT_WAIT_MS_MAX: u64 = 1_000;
const REPEAT_LOOK_MS: u64 = 50;

impl<S: Service> Engine<S> {
    /// The answer that stands for `key`, its status and body. One that is still open is a moment's matter and waited for.
    ///
    /// # Errors
    /// 422 `idempotency-key-reused`, 409 `in-progress`, 503 `unavailable`, or an answer that does not read.
    pub async fn repeated(&self, key: &Key, mut repeat: Repeat) -> Result<(StatusCode, Value), Problem> {
        for _ in 0..REPEAT_WAIT_MS_MAX / REPEAT_LOOK_MS {
            match repeat {
                Repeat::Answered { status, body } => return answer(status, &body),
                Repeat::Reused => {
                    let detail = "this Idempotency-Key came with another body before";
                    return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail));
                }
                Repeat::Open { .. } => tokio::time::sleep(Duration::from_millis(REPEAT_LOOK_MS)).await,
            }
            repeat = match self.look_up(key).await.map_err(|fault| Problem::unanswered(&fault))? {
                Some(found) => found,
                // The first request left nothing standing and gave the key back.
                None => break,
            };
        }
        let detail = "the first request with this key is not settled yet";
        Err(Problem::new(StatusCode::CONFLICT, "in-progress", detail).retry_after(1))
    }
}

fn answer(status: u16, body: &str) -> Result<(StatusCode, Value), Problem> {
    let read = StatusCode::from_u16(status).ok().zip(serde_json::from_str(body).ok());
    read.ok_or_else(|| {
        tracing::error!(status, "the answer that a key kept does not read");
        Problem::internal()
    })
}
