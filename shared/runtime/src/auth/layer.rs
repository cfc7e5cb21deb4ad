//! The layer around a process's routers: each request gets its caller, or 401.
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::caller::{Caller, unauthenticated};
use super::keys::Keyring;
use super::seen::Seen;
use super::token::{Expected, Invalid, verify};
use crate::problem::Problem;

/// What verifying takes.
pub struct Gate {
    pub keyring: Arc<Keyring>,
    pub expected: Expected,
    pub seen: Seen,
}

const SCHEME: &str = "scheme";
const ISSUER_UNAVAILABLE: &str = "issuer-unavailable";

/// An alert must not miss the first refusal: what begins at one has not risen.
pub fn describe() {
    let reasons = Invalid::ALL.map(Invalid::reason);
    for reason in reasons.into_iter().chain([SCHEME, ISSUER_UNAVAILABLE]) {
        refused(reason).increment(0);
    }
}

fn refused(reason: &'static str) -> metrics::Counter {
    metrics::counter!("yeyak_auth_refused_total", "reason" => reason)
}

pub async fn admit(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    match caller(&gate, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err((reason, problem)) => {
            refused(reason).increment(1);
            tracing::debug!(reason, "a caller is refused");
            problem.into_response()
        }
    }
}

/// Lets operators through, and nobody else.
pub async fn operators(caller: Caller, request: Request, next: Next) -> Result<Response, Problem> {
    caller.operator()?;
    Ok(next.run(request).await)
}

/// The caller, or why there is none: for the metric, and for whoever called.
type Admission = Result<Caller, (&'static str, Problem)>;

async fn caller(gate: &Gate, headers: &HeaderMap) -> Admission {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(Caller::Anonymous);
    };
    let scheme = || (SCHEME, unauthenticated("there must be one `Authorization`, of the scheme `Bearer`"));
    let text = value.to_str().ok().filter(|_| values.next().is_none()).ok_or_else(scheme)?;
    let (named, token) = text.split_once(' ').ok_or_else(scheme)?;
    if !named.eq_ignore_ascii_case("bearer") {
        return Err(scheme());
    }
    verified(gate, token.trim()).await
}

async fn verified(gate: &Gate, token: &str) -> Admission {
    let Some(keys) = gate.keyring.keys().await else {
        return Err((ISSUER_UNAVAILABLE, unavailable()));
    };
    if let Some(known) = gate.seen.get(token, &keys) {
        return Ok(Caller::Known(known));
    }
    let (mut keys, mut outcome) = (Arc::clone(&keys), verify(token, &keys, &gate.expected));
    if matches!(outcome, Err(Invalid::UnknownKey)) {
        // Perhaps the issuer has a new key.
        keys = gate.keyring.newer().await.unwrap_or(keys);
        outcome = verify(token, &keys, &gate.expected);
    }
    let (known, until) = outcome.map_err(|why| (why.reason(), invalid()))?;
    let known = Arc::new(known);
    gate.seen.put(token, &keys, Arc::clone(&known), until);
    Ok(Caller::Known(known))
}

fn invalid() -> Problem {
    unauthenticated("the token is not valid").challenge("Bearer error=\"invalid_token\"")
}

fn unavailable() -> Problem {
    let detail = "tokens cannot be verified now; try again shortly";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "issuer-unavailable", detail).retry_after_jittered()
}
