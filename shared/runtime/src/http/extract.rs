//! Extractors that refuse with a problem: what they let through is readable, not yet possible.
use std::error::Error;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::Object;
use crate::problem::Problem;

/// Longest request body, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a body may take to come, in seconds: less than its handler may.
const BODY_SECONDS_MAX: u64 = 5;
/// So much of a longer one is read before it is refused, in bytes.
const DISCARDED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest `Idempotency-Key`, in characters.
const KEY_CHARS_MAX: usize = 255;

/// A JSON object of at most [`BODY_BYTES_MAX`] bytes.
///
/// Refuses with 400 `invalid-body` (encoding, syntax, type, missing field; an unknown field where `T` denies them),
/// 408 `body-too-slow`, 413 `body-too-large` or 415 `unsupported-media-type`. A missing content type is taken for JSON.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

/// The query string; refuses with 400 `invalid-query`. Unknown names are refused where `T` denies unknown fields.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// The path's parameters; refuses with 400 `invalid-path`.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The `Idempotency-Key`, if the caller sent one.
///
/// # Errors
/// 400 `invalid-idempotency-key` unless it is sent once and is 1 to 255 visible ASCII characters.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.as_bytes();
    let valid = (1..=KEY_CHARS_MAX).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if valid && values.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(bad("invalid-idempotency-key", "the key must be sent once, as 1 to 255 visible ASCII characters")),
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        let body = tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), read(request)).await;
        let bytes = body.map_err(|_| too_slow())??;
        let text = std::str::from_utf8(&bytes).map_err(|error| bad("invalid-body", error.to_string()))?;
        if holds_nul(text) {
            return Err(bad("invalid-body", "text must not hold the character U+0000"));
        }
        serde_json::from_str(text)
            .map(|Object(body)| Self(body))
            .map_err(|error| bad("invalid-body", error.to_string()))
    }
}

/// Reads a body. One that is too long is read on for a while and thrown away: a connection closed on a caller who still
/// writes would take the answer with it.
async fn read(request: Request) -> Result<Vec<u8>, Problem> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > DISCARDED_BYTES_MAX) {
        return Err(too_large());
    }
    let (mut bytes, mut read) = (Vec::new(), 0);
    let mut chunks = request.into_body().into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| bad("invalid-body", "the body could not be read to its end"))?;
        read += chunk.len();
        if read <= BODY_BYTES_MAX {
            bytes.extend_from_slice(&chunk);
        } else if read > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if read > BODY_BYTES_MAX { Err(too_large()) } else { Ok(bytes) }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // The parser would put a replacement character where the bytes are no text.
        let text = percent_decode_str(parts.uri.query().unwrap_or_default()).decode_utf8();
        if text.map_err(|error| bad("invalid-query", error.to_string()))?.contains('\0') {
            return Err(bad("invalid-query", "text must not hold the character U+0000"));
        }
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| bad("invalid-query", cause(&rejection)))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.path().contains("%00") {
            return Err(bad("invalid-path", "text must not hold the character U+0000"));
        }
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(PathRejection::FailedToDeserializePathParams(rejection)) if rejection.status().is_client_error() => {
                Err(bad("invalid-path", rejection.body_text()))
            }
            Err(rejection) => {
                tracing::error!(%rejection, "a handler asks for parameters its route does not have");
                Err(Problem::internal())
            }
        }
    }
}

/// A missing content type is let through: the body itself shows whether it is JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "send it uncompressed"));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "send application/json"))
}

/// Whether a JSON text escapes a NUL: no database column for text takes one, and a 500 would be the caller's mistake.
fn holds_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let slashes_before = json.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        slashes_before % 2 == 0
    })
}

/// The innermost message: the outer ones only repeat that something could not be deserialized.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn too_slow() -> Problem {
    let detail = format!("the body did not come to its end within {BODY_SECONDS_MAX} s; nothing was done");
    Problem::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", detail)
}

fn too_large() -> Problem {
    let detail = format!("the body may have at most {BODY_BYTES_MAX} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
}

fn bad(slug: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, slug, detail)
}
