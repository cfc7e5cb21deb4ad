//! The cast of an authorization table: one endpoint, asked by everybody.
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use runtime::auth::{Caller, Role};
use serde_json::Value;
use tower::ServiceExt;

/// Nobody, the guest, another guest, a host of the business, a host of another, an operator, a service: the columns of
/// every table, in this order.
#[must_use]
pub fn cast(guest: &str, business: &str) -> [Caller; 7] {
    [
        Caller::Anonymous,
        Caller::known(guest, &[Role::Guest], &[]),
        Caller::known("another-guest", &[Role::Guest], &[]),
        Caller::known("a-host", &[Role::Host], &[business]),
        Caller::known("another-host", &[Role::Host], &["another-business"]),
        Caller::known("an-operator", &[Role::Operator], &[]),
        Caller::known("a-service", &[Role::Service], &[]),
    ]
}

/// Asks a router that no host put its layer around, as `caller`.
pub async fn ask_as(
    router: &Router,
    caller: &Caller,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut request = request.body(body).unwrap();
    request.extensions_mut().insert(caller.clone());
    let Ok(answer) = router.clone().oneshot(request).await;
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap_or_default();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// A cell of a table: `a` for 401, `n` where the role does not allow it, `o` where the thing is another's, `y` where the
/// caller was let through to the decision, whatever that came to.
#[must_use]
pub fn cell((status, body): &(StatusCode, Value)) -> char {
    match (status.as_u16(), body["type"].as_str()) {
        (401, Some("/problems/unauthenticated")) => 'a',
        (403, Some("/problems/not-allowed")) => 'n',
        (403, Some("/problems/not-yours")) => 'o',
        (401 | 403, _) => '?',
        _ => 'y',
    }
}
