//! The admin port: alive, ready, metrics. It never queues behind the guests' requests.
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::problem::Problem;
use crate::telemetry;

/// A check that takes longer counts as failed, in milliseconds.
pub const CHECK_MS_MAX: u64 = 2_000;

/// A readiness check: `Err` says in a few words what is missing.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the admin port knows about its process.
#[derive(Clone)]
pub struct Admin {
    /// Readiness checks by name; all of them run, at the same time, on each call of `/readyz`.
    pub checks: Vec<(String, Check)>,
    /// Once cancelled the process is not ready any more, whatever its checks say.
    pub draining: CancellationToken,
}

impl Admin {
    /// A process that still waits for what it stands on: alive, and not ready.
    #[must_use]
    pub fn starting(draining: CancellationToken) -> Self {
        let waits: Check =
            Arc::new(|| Box::pin(async { Err("not everything that it stands on was reached yet".into()) }));
        Self { checks: vec![("start".to_owned(), waits)], draining }
    }
}

/// Answers with the routes that were sent last, so that a door can be open before what lies behind it is known.
pub fn switched(routes: watch::Receiver<Router>) -> Router {
    Router::new().fallback(move |request: Request| {
        let router = routes.borrow().clone();
        router.oneshot(request)
    })
}

/// `/livez` (always 200), `/readyz` (200, or 503 `not-ready` with the failing checks) and `/metrics`.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(admin))
}

async fn ready(State(admin): State<Arc<Admin>>) -> Result<&'static str, Problem> {
    if admin.draining.is_cancelled() {
        return Err(not_ready(Map::from_iter([("draining".to_owned(), "shutting down".into())])));
    }
    let failing: Map<String, Value> = join_all(admin.checks.iter().map(run)).await.into_iter().flatten().collect();
    if failing.is_empty() { Ok("ok") } else { Err(not_ready(failing)) }
}

async fn run((name, check): &(String, Check)) -> Option<(String, Value)> {
    let answer = tokio::time::timeout(Duration::from_millis(CHECK_MS_MAX), check()).await;
    let reason = answer.unwrap_or_else(|_| Err(format!("no answer within {CHECK_MS_MAX} ms"))).err()?;
    Some((name.clone(), reason.into()))
}

fn not_ready(failing: Map<String, Value>) -> Problem {
    let names: Vec<&str> = failing.keys().map(String::as_str).collect();
    let detail = format!("not ready: {}", names.join(", "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", detail).with("failing", failing)
}

async fn metrics() -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], telemetry::metrics_text())
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;

    use super::*;

    async fn get(admin: &Admin, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router(admin.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn check(answer: Result<(), &'static str>) -> Check {
        Arc::new(move || Box::pin(async move { answer.map_err(str::to_owned) }))
    }

    #[tokio::test]
    async fn names_the_failing_checks_only() {
        let checks = vec![("database".into(), check(Ok(()))), ("broker".into(), check(Err("no connection")))];
        let admin = Admin { checks, draining: CancellationToken::new() };
        let (status, body) = get(&admin, "/readyz").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["type"], "/problems/not-ready");
        assert_eq!(body["failing"], serde_json::json!({"broker": "no connection"}));
        assert_eq!(get(&admin, "/livez").await.0, StatusCode::OK);
        assert_eq!(get(&admin, "/metrics").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn is_ready_until_it_drains() {
        let admin = Admin { checks: vec![("database".into(), check(Ok(())))], draining: CancellationToken::new() };
        assert_eq!(get(&admin, "/readyz").await.0, StatusCode::OK);
        admin.draining.cancel();
        assert_eq!(get(&admin, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get(&admin, "/livez").await.0, StatusCode::OK);
    }
}
