//! What surrounds every handler: span and metrics, panic, body limit, shedding, timeout, in this order inwards.
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use metrics::{Label, counter, histogram};
use tokio::sync::Semaphore;
use tracing::{Instrument, Span};

use super::BODY_BYTES_MAX;
use crate::config::Env;
use crate::problem::{Blame, Problem};
use crate::shutdown::panic_message;
use crate::telemetry;

/// The bounds of one service's router.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Label of the metrics and spans.
    pub service: &'static str,
    /// Requests at the same time; one more is answered 503 at once (4,096).
    pub concurrency_max: usize,
    /// A handler that takes longer is given up and answered 503 `timeout`, in milliseconds (10,000).
    /// It bounds the time to the response's head, so a stream may go on.
    pub timeout_ms_max: u64,
}

impl Limits {
    /// The usual bounds.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self { service, concurrency_max: 4_096, timeout_ms_max: 10_000 }
    }

    /// The usual bounds, or those of `HTTP_CONCURRENCY_MAX` and `HTTP_TIMEOUT_MS_MAX`.
    #[must_use]
    pub fn read(env: &Env, service: &'static str) -> Self {
        let usual = Self::new(service);
        Self {
            service,
            concurrency_max: env.within("HTTP_CONCURRENCY_MAX", usual.concurrency_max, 1..=65_536),
            timeout_ms_max: env.within("HTTP_TIMEOUT_MS_MAX", usual.timeout_ms_max, 1..=600_000),
        }
    }
}

/// Wraps all routes of one service; they share one bound. Health and metrics belong on the admin port, outside of it.
/// Routers wrapped this way can be merged; [`fallbacks`] comes after the merge.
pub fn layers(router: Router, limits: Limits) -> Router {
    let gate = Gate { limits, free: Semaphore::new(limits.concurrency_max) };
    router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(from_fn_with_state(Arc::new(gate), observe))
}

/// Answers unknown paths with 404 `not-found` and unknown methods with 405 `method-not-allowed`.
/// Once, after merging: two routers that both have a fallback cannot be merged.
pub fn fallbacks(router: Router) -> Router {
    router.fallback(not_found).method_not_allowed_fallback(method_not_allowed)
}

/// There is nothing at this path, or nothing that this door shows.
pub async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this path")
}

async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this path does not take this method")
}

struct Gate {
    limits: Limits,
    free: Semaphore,
}

async fn observe(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let started_at = Instant::now();
    let method = known(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("unmatched", MatchedPath::as_str);
    let service = gate.limits.service;
    let span = span(service, method, route);
    if !span.is_disabled() {
        telemetry::continue_from(&span, request.headers().get("traceparent").and_then(|value| value.to_str().ok()));
    }
    let response = catch(&gate, request, next).instrument(span.clone()).await;
    let status = response.status();
    span.record("status", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let mut labels = vec![
        Label::from_static_parts("service", service),
        Label::from_static_parts("method", method),
        Label::new("route", route.to_owned()),
        Label::new("status", status.as_str().to_owned()),
    ];
    histogram!("yeyak_http_request_seconds", labels.clone()).record(started_at.elapsed());
    labels.push(Label::from_static_parts("outcome", outcome(&response)));
    counter!("yeyak_http_requests_total", labels).increment(1);
    response
}

/// An honest refusal is a 5xx as well, and must not burn the budget of errors.
fn outcome(response: &Response) -> &'static str {
    if !response.status().is_server_error() {
        return "served";
    }
    response.extensions().get::<Blame>().copied().unwrap_or(Blame::Own).as_str()
}

/// A span is worth its price only when it is exported; else it appears with the debug logs.
fn span(service: &'static str, method: &'static str, route: &str) -> Span {
    use tracing::field::Empty;
    if telemetry::is_tracing() {
        let name = format!("{method} {route}");
        tracing::info_span!(
            "http",
            service,
            method,
            route,
            status = Empty,
            otel.name = name,
            otel.kind = "server",
            otel.status_code = Empty
        )
    } else {
        tracing::debug_span!("http", service, method, route, status = Empty)
    }
}

/// Labels must be bounded, and a caller may send any token as a method.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}

async fn catch(gate: &Gate, request: Request, next: Next) -> Response {
    AssertUnwindSafe(limit(gate, request, next)).catch_unwind().await.unwrap_or_else(|panic| {
        tracing::error!(reason = panic_message(panic.as_ref()), "a handler panicked");
        Problem::internal().into_response()
    })
}

async fn limit(gate: &Gate, request: Request, next: Next) -> Response {
    // Shed at once instead of queueing: who waits behind 4,096 others has given up before the answer comes.
    let Ok(_place) = gate.free.try_acquire() else {
        return Problem::busy("too many requests at once").into_response();
    };
    let answer = tokio::time::timeout(Duration::from_millis(gate.limits.timeout_ms_max), next.run(request));
    answer.await.unwrap_or_else(|_| {
        let problem =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "no answer in time; it may still happen");
        problem.retry_after_jittered().into_response()
    })
}
