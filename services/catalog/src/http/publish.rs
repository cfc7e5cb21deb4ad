//! `POST /offerings`: publish one, once per idempotency key.

use super::body::New;
use super::{Desk, view};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use catalog_domain::{Command, Publish, Terms};
use choreography::{Key, KeyUse, Repeat, Reply, Request, Unavailable};
use kernel::OfferingId;
use runtime::http::{Body, idempotency_key};
use runtime::problem::Problem;
use std::time::Duration;

/// A repeat waits this long for the first request's answer.
const REPEAT_WAIT_MS_MAX: u64 = 1_000;
const REPEAT_LOOK_MS: u64 = 50;

pub async fn post(State(desk): State<Desk>, headers: HeaderMap, Body(new): Body<New>) -> Result<Response, Problem> {
    let id = OfferingId::fresh();
    let key = key(&headers, &new, id)?;
    let terms = Terms::try_from(new).map_err(|broken| view::invalid(&broken))?;
    let actor = Some(terms.business.to_string());
    let command = Command::Publish(Box::new(Publish { id, terms }));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    match desk
        .engine
        .writer()
        .ask(Request { command, key: claim, actor, cause: None })
        .await
        .map_err(view::unavailable)?
    {
        Reply::Decided(Ok(offering)) => Ok(view::published(&offering)),
        Reply::Decided(Err(refusal)) => Err(view::refusal(&refusal)),
        Reply::Repeat(repeat) => repeated(&desk, repeat, key).await,
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

fn key(headers: &HeaderMap, new: &New, id: OfferingId) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let body = serde_json::to_vec(new).map_err(|fault| view::faulty(&fault.to_string()))?;
    Ok(Some(Key::new(&new.business, "POST /offerings", &key, &body, id.0)))
}

/// Publishing claims and settles its key in one transaction, so that an open key is a moment's matter.
async fn repeated(desk: &Desk, mut repeat: Repeat, key: Option<Key>) -> Result<Response, Problem> {
    let Some(key) = key else { return Err(view::faulty("a request without a key cannot be a repeat")) };
    for _ in 0..REPEAT_WAIT_MS_MAX / REPEAT_LOOK_MS {
        match repeat {
            Repeat::Answered { status, body } => return view::replayed(status, &body),
            Repeat::Reused => {
                let detail = "this Idempotency-Key came with another body before";
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail));
            }
            Repeat::Open { .. } => tokio::time::sleep(Duration::from_millis(REPEAT_LOOK_MS)).await,
        }
        repeat = match desk.engine.look_up(&key).await.map_err(|_| view::unavailable(Unavailable::Database))? {
            Some(found) => found,
            // The first request left nothing standing and gave the key back.
            None => break,
        };
    }
    let detail = "the first request with this key is not settled yet";
    Err(Problem::new(StatusCode::CONFLICT, "in-progress", detail).retry_after(1))
}
