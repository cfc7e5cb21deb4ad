//! `GET /dashboard/stream`: what happens, as server-sent events. `id` is the place in the stream, and a listener who sends
//! the last one as `Last-Event-ID` hears what it missed first. It ends with the listener's token.

use super::{Desk, days, named};
use crate::live::{Filter, Listener};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response, Sse};
use futures_util::{StreamExt, stream};
use kernel::Label;
use runtime::auth::Caller;
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::sleep;

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    business: Option<String>,
    offering_id: Option<String>,
    guest_id: Option<String>,
    case: Option<String>,
}

impl TryFrom<Asked> for Filter {
    type Error = Problem;
    fn try_from(asked: Asked) -> Result<Self, Problem> {
        let label = |slug, text: Option<String>| {
            let name = text.filter(|text| !text.is_empty()).map(|text| named(slug, text)).transpose();
            name.map(|name| name.map(Label::into_string))
        };
        Ok(Self {
            business: label("invalid-business", asked.business)?,
            offering_id: days::id("offering_id", asked.offering_id.as_ref())?,
            guest_id: label("invalid-guest", asked.guest_id)?,
            case: days::id("case", asked.case.as_ref())?,
        })
    }
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let filter = Filter::try_from(asked)?;
    admit(&caller, &filter)?;
    let listener = Listener::new(Arc::clone(&desk.hub), filter, last(&headers)?).await?;
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<Event, Infallible>(event), listener))
    });
    let lasts = caller.lasts();
    let ends = async move {
        match lasts {
            Some(lasts) => sleep(lasts).await,
            None => std::future::pending().await,
        }
    };
    let events = events.take_until(Box::pin(ends));
    // Whatever stands between must not collect events before it hands them on.
    Ok(([("x-accel-buffering", "no")], Sse::new(events)).into_response())
}

/// Every wish narrows what is heard, so that one that is the caller's own is enough.
fn admit(caller: &Caller, filter: &Filter) -> Result<(), Problem> {
    match (&filter.guest_id, &filter.business) {
        (Some(guest), Some(business)) => caller.party(guest, business),
        (Some(guest), None) => caller.guest(guest),
        (None, Some(business)) => caller.host(business),
        (None, None) => caller.operator(),
    }
}

fn last(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return Ok(None) };
    let broken = || {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-last-event-id", "`Last-Event-ID` is the `id` of an event here")
    };
    value.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(broken)
}
