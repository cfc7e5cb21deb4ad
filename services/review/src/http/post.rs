//! `POST /reviews`: post one, once per idempotency key.

use super::body::New;
use super::{Desk, view};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use choreography::{Key, KeyUse, Reply, Request};
use kernel::ReviewId;
use review_domain::{Command, Post};
use runtime::auth::Caller;
use runtime::http::{Body, idempotency_key, made};
use runtime::problem::Problem;

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    caller.guest(&new.guest_id)?;
    let key = key(&headers, &new)?;
    let post = Post::try_from(new).map_err(|broken| view::invalid(&broken))?;
    let actor = caller.actor().or_else(|| Some(post.guest.to_string()));
    let command = Command::Post(Box::new(post));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    let request = Request { command, key: claim, actor, cause: None };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => Ok(view::posted(&view::told(answer)?)),
        Reply::Repeat(repeat) => {
            let key = key.ok_or_else(|| view::faulty("a request without a key cannot be a repeat"))?;
            let (status, body) = desk.engine.repeated(&key, repeat).await?.answer()?;
            Ok(made(status, &body, "/reviews"))
        }
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

fn key(headers: &HeaderMap, new: &New) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let body = serde_json::to_vec(new).map_err(|fault| view::faulty(&fault.to_string()))?;
    let case = ReviewId::of(new.reservation_id.into());
    Ok(Some(Key::new(&new.guest_id, "POST /reviews", &key, &body, case.0)))
}
