//! `POST /tickets`: join, claim seats where nobody is first, answer with seats or a number.

use super::{Desk, allowed, view};
use crate::service::Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use choreography::{Key, KeyUse, Origin, Repeat, Repeated, Reply, Request, Unavailable};
use kernel::{Label, TicketId};
use runtime::auth::Caller;
use runtime::http::{Body, idempotency_key, made};
use runtime::problem::Problem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use waitlist_domain::{Command, Join, Next, Standing, State as Stands, Told};

/// The request's body; serialized again, it is what an idempotency key stands for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    offering_id: Uuid,
    guest_id: String,
    party_size: i64,
    /// `ko` or `en`: what the guest reads; `en` when absent.
    language: Option<String>,
}

pub async fn post(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    allowed::join(&desk, &caller, &wish.guest_id, wish.offering_id).await?;
    let id = TicketId::fresh();
    let key = key(&headers, &wish, id)?;
    let join = wish.into_join(id)?;
    let actor = caller.actor().or_else(|| Some(join.guest.to_string()));
    let claim = key.clone().map_or(KeyUse::Without, KeyUse::Claim);
    let request = Request { command: Command::Join(Box::new(join)), key: claim, actor, cause: None };
    match desk.engine.writer().ask(request).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => go_on(&desk, told(answer)?, key).await,
        Reply::Repeat(repeat) => repeated(&desk, repeat, key).await,
        Reply::Faulty(reason) => Err(view::faulty(&reason)),
    }
}

fn key(headers: &HeaderMap, wish: &Wish, id: TicketId) -> Result<Option<Key>, Problem> {
    let Some(key) = idempotency_key(headers)? else { return Ok(None) };
    let body = serde_json::to_vec(wish).map_err(|_| Problem::internal())?;
    Ok(Some(Key::new(&wish.guest_id, "POST /tickets", &key, &body, id.0)))
}

impl Wish {
    fn into_join(self, id: TicketId) -> Result<Join, Problem> {
        let language = self.language.unwrap_or_else(|| "en".into());
        if !["ko", "en"].contains(&language.as_str()) {
            return Err(invalid("invalid-language", "`language` is `ko` or `en`"));
        }
        let guest = Label::try_from(self.guest_id);
        let guest = guest.map_err(|why| invalid("invalid-guest", &format!("`guest_id` is {why}")))?;
        Ok(Join { id, line: self.offering_id.into(), guest, language, party_size: self.party_size })
    }
}

fn invalid(slug: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail)
}

fn told(answer: Answer) -> Result<Standing, Problem> {
    match answer {
        Ok(Told::Stands(standing)) => Ok(*standing),
        Ok(Told::Line(_) | Told::Resting) => Err(view::faulty("a party that joined was told of no ticket")),
        Err(refusal) => Err(view::refusal(&refusal)),
    }
}

/// The first decision is committed; seats are claimed, or a number is given, without any lock held.
async fn go_on(desk: &Desk, standing: Standing, key: Option<Key>) -> Result<Response, Problem> {
    if standing.next == Next::Nothing {
        return Ok(view::joined(&standing));
    }
    let settling = key.map_or(KeyUse::Without, KeyUse::Settle);
    match desk.claimer.begin(standing.clone(), settling, Origin::default()).await {
        Ok(Ok(settled)) => Ok(view::joined(&told(settled)?)),
        // The outcome could not be committed: what stands is the place in line.
        Ok(Err(Unavailable::QueueFull | Unavailable::Database | Unavailable::Stopped)) | Err(_) => {
            Ok(view::joined(&standing))
        }
    }
}

async fn repeated(desk: &Desk, repeat: Repeat, key: Option<Key>) -> Result<Response, Problem> {
    let Some(key) = key else { return Err(view::faulty("a request without a key cannot be a repeat")) };
    match desk.engine.repeated(&key, repeat).await? {
        Repeated::Answered(status, body) => Ok(made(status, &body, "/tickets")),
        Repeated::Abandoned(key) => resume(desk, key).await,
    }
}

/// Goes on with a case whose owner died: what stands is told, and who still joins gets a number.
async fn resume(desk: &Desk, key: Key) -> Result<Response, Problem> {
    let ticket = TicketId(key.case());
    let recall = |key| Request { command: Command::Recall { ticket }, key, actor: None, cause: None };
    let found = match desk.engine.writer().ask(recall(KeyUse::Without)).await.map_err(view::unavailable)? {
        Reply::Decided(answer) => told(answer)?,
        Reply::Repeat(_) => return Err(view::faulty("a recall cannot be a repeat")),
        Reply::Faulty(reason) => return Err(view::faulty(&reason)),
    };
    match found.ticket.state {
        Stands::Joining { .. } => go_on(desk, Standing { next: Next::Number, ..found }, Some(key)).await,
        Stands::Waiting
        | Stands::Called { .. }
        | Stands::Seated
        | Stands::Left
        | Stands::Cancelled
        | Stands::NoShow => {
            desk.engine.writer().ask(recall(KeyUse::Settle(key))).await.map_err(view::unavailable)?;
            Ok(view::joined(&found))
        }
    }
}
