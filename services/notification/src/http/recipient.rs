//! `/recipients/{recipient}`: where a reader is reached.

use super::{Desk, paging, view};
use crate::command::Command;
use crate::recipient::{self, Invalid, Registration, Wish};
use crate::store;
use crate::text::Role;
use crate::working::Answer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choreography::{KeyUse, Reply, Request};
use kernel::Label;
use runtime::auth::Caller;
use runtime::http::{Body, Object, Path};
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::Value;

/// Body of `PUT`; what is left out is taken away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    email: Option<String>,
    webhook: Option<Object<Hook>>,
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    url: String,
    secret: Option<String>,
}

pub async fn put(
    State(desk): State<Desk>,
    caller: Caller,
    Path(name): Path<String>,
    Body(addresses): Body<Addresses>,
) -> Result<Json<Value>, Problem> {
    let name = paging::recipient(name)?;
    let roles = paging::roles(&caller, &name)?;
    let registration = registration(&name, roles, addresses).map_err(view::invalid)?;
    match ask(&desk, (&caller, &name), Command::Register(Box::new(registration))).await? {
        Answer::Registered { recipient, chosen } => Ok(Json(view::recipient(&recipient, chosen))),
        other => Err(view::faulty(&format!("a registration was answered as {other:?}"))),
    }
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Path(name): Path<String>) -> Result<Json<Value>, Problem> {
    let name = paging::recipient(name)?;
    let roles = paging::roles(&caller, &name)?;
    let found = store::recipient(desk.engine.store(), (name.as_str(), &roles)).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?.ok_or_else(view::unknown_recipient)?;
    Ok(Json(view::recipient(&found, false)))
}

/// Whoever is not known is forgotten already.
pub async fn delete(State(desk): State<Desk>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let name = paging::recipient(name)?;
    let roles = paging::roles(&caller, &name)?;
    ask(&desk, (&caller, &name), Command::Forget { recipient: name.as_str().to_owned(), roles }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ask(desk: &Desk, (caller, name): (&Caller, &Label), command: Command) -> Result<Answer, Problem> {
    let actor = caller.actor().or_else(|| Some(name.as_str().to_owned()));
    let request = Request { command, key: KeyUse::Without, cause: None, actor };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => Ok(answer),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

fn registration(name: &Label, roles: Vec<Role>, addresses: Addresses) -> Result<Registration, Invalid> {
    let webhook = addresses.webhook.map(|Object(Hook { url, secret })| {
        let secret = secret.map(recipient::secret).transpose()?;
        Ok(Wish { url: recipient::url(&url)?, secret, fresh_secret: recipient::fresh_secret() })
    });
    Ok(Registration {
        roles,
        name: name.as_str().to_owned(),
        email: addresses.email.map(recipient::email).transpose()?,
        webhook: webhook.transpose()?,
        language: addresses.language.as_deref().map(recipient::language).transpose()?,
    })
}
