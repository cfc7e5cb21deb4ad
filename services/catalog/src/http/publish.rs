//! `POST /offerings`: publish one, once per idempotency key.

use super::body::New;
use super::{Desk, view};
use crate::working::Command;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use catalog_domain::{Publish, Terms};
use choreography::{Key, KeyUse, Reply, Request};
use kernel::OfferingId;
use runtime::auth::Caller;
use runtime::http::{Body, idempotency_key};
use runtime::problem::Problem;

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    caller.host(&new.business)?;
    let id = OfferingId::fresh();
    let key = key(&headers, &new, id)?;
    let terms = Terms::try_from(new).map_err(|broken| view::invalid(&broken))?;
    let actor = caller.actor().or_else(|| Some(terms.business.to_string()));
    let command = Command::Host(catalog_domain::Command::Publish(Box::new(Publish { id, terms })));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    match desk
        .engine
        .writer()
        .ask(Request { command, key: claim, actor, cause: None })
        .await
        .map_err(view::unavailable)?
    {
        Reply::Decided(answer) => Ok(view::published(&view::told(answer)?)),
        Reply::Repeat(repeat) => {
            let key = key.ok_or_else(|| view::faulty("a request without a key cannot be a repeat"))?;
            let (status, body) = desk.engine.repeated(&key, repeat).await?.answer()?;
            Ok(view::created(status, &body))
        }
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

fn key(headers: &HeaderMap, new: &New, id: OfferingId) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let body = serde_json::to_vec(new).map_err(|fault| view::faulty(&fault.to_string()))?;
    Ok(Some(Key::new(&new.business, "POST /offerings", &key, &body, id.0)))
}
