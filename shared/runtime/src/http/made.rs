//! The answer to a request that makes something, now or when its idempotency key came first.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// `body`, with where its `id` is to be found in `folder` (such as `/offerings`); a refusal is a problem.
#[must_use]
pub fn made(status: StatusCode, body: &Value, folder: &str) -> Response {
    let mut response = (status, Json(body)).into_response();
    if !status.is_success() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        return response;
    }
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    if let Ok(location) = HeaderValue::from_str(&format!("{folder}/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
