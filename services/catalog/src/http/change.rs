//! One offering: read it, change it, retire it.

use super::body::Patch;
use super::{Desk, tag, view};
use crate::store;
use crate::working;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use catalog_domain::{Change, Changes, Command, Offering, Refusal};
use choreography::{KeyUse, Reply, Request};
use kernel::OfferingId;
use runtime::auth::Caller;
use runtime::http::{Body, Path};
use runtime::problem::Problem;
use uuid::Uuid;

pub async fn get(State(desk): State<Desk>, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let known = store::offering(desk.engine.store(), id.into()).await.map_err(|fault| Problem::unanswered(&fault))?;
    let offering = known.ok_or_else(|| view::refusal(&Refusal::NotFound))?;
    found(&desk, offering).await
}

pub async fn patch(
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Body(patch): Body<Patch>,
) -> Result<Response, Problem> {
    let host = host(&desk, &caller, id.into()).await?;
    let seen = tag::seen(&headers)?;
    let changes = Changes::try_from(patch).map_err(|refusal| view::refusal(&refusal))?;
    let change = Change { offering: OfferingId(id), request: Uuid::now_v7(), seen, changes };
    found(&desk, ask(&desk, Command::Change(Box::new(change)), host).await?).await
}

pub async fn delete(State(desk): State<Desk>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    let host = host(&desk, &caller, id.into()).await?;
    ask(&desk, Command::Retire { offering: OfferingId(id), request: Uuid::now_v7() }, host).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The offering, with what guests do with it.
async fn found(desk: &Desk, offering: Offering) -> Result<Response, Problem> {
    let activity = store::activity(desk.engine.store(), vec![offering.id]).await;
    let activity = activity.map_err(|fault| Problem::unanswered(&fault))?;
    Ok(view::found(&offering, activity.get(&offering.id).copied().unwrap_or_default()))
}

/// Who changes the offering: the caller, if it may, or else the business, which never becomes another.
async fn host(desk: &Desk, caller: &Caller, offering: OfferingId) -> Result<String, Problem> {
    caller.staff()?;
    let business = store::business_of(desk.engine.store(), offering).await;
    let business = business.map_err(|fault| Problem::unanswered(&fault))?;
    let business = business.ok_or_else(|| view::refusal(&Refusal::NotFound))?;
    caller.host(&business)?;
    Ok(caller.actor().unwrap_or(business))
}

async fn ask(desk: &Desk, command: Command, host: String) -> Result<Offering, Problem> {
    let actor = Some(host);
    let command = working::Command::Host(command);
    let request = Request { command, key: KeyUse::Without, cause: None, actor };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => view::told(answer),
        Reply::Repeat(_) => Err(view::faulty("a request without a key cannot be a repeat")),
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}
