//! The one shape of an error on the wire: RFC 9457 with a stable slug.
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// Longest wait an unavailable answer asks for, in seconds. Jitter below it keeps callers from coming back in step.
pub const RETRY_AFTER_SECONDS_MAX: u64 = 3;

/// Why an answer is a 5xx, which its status does not say: what the label `outcome` of the metrics tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// `failed`: this service could not do what it is there for.
    Own,
    /// `shed`: more was asked at once than is taken on.
    Load,
    /// `refused`: what the answer needs, and does not belong to this service, is out.
    Other,
}

impl Blame {
    /// The value of the label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "failed",
            Self::Load => "shed",
            Self::Other => "refused",
        }
    }
}

/// A refusal as the caller sees it. `slug` is the contract, `detail` is for people.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    slug: &'static str,
    detail: String,
    members: Map<String, Value>,
    retry_after_seconds: Option<u64>,
    blame: Blame,
    challenge: Option<&'static str>,
}

impl Problem {
    /// A problem of the type `/problems/<slug>`; `slug` is kebab-case and never changes once published.
    pub fn new(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        let (members, retry_after_seconds, challenge) = (Map::new(), None, None);
        Self { status, slug, detail: detail.into(), members, retry_after_seconds, challenge, blame: Blame::Own }
    }

    /// 500 `internal`. It tells nothing: the one who makes it logs the cause, once.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
    }

    /// 503 `unavailable` with a jittered `Retry-After` of 1 to [`RETRY_AFTER_SECONDS_MAX`] seconds: another whom the
    /// answer needs is out.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after_jittered().blame(Blame::Other)
    }

    /// The same 503 `unavailable` because more is asked at once than is taken on.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::unavailable(detail).blame(Blame::Load)
    }

    /// 503 `unavailable` for a query that the database did not answer: told to the log, not to the caller.
    pub fn unanswered(fault: &dyn std::fmt::Display) -> Self {
        tracing::error!(%fault, "a query failed");
        Self::unavailable("the service cannot answer now; try again shortly").blame(Blame::Own)
    }

    /// Says for the metrics why this is a 5xx; the caller does not see it.
    #[must_use]
    pub fn blame(mut self, blame: Blame) -> Self {
        self.blame = blame;
        self
    }

    /// Adds an extension member. The members RFC 9457 defines cannot be replaced.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Asks the caller to wait so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Asks the caller to wait 1 to [`RETRY_AFTER_SECONDS_MAX`] seconds, by chance.
    #[must_use]
    pub fn retry_after_jittered(self) -> Self {
        self.retry_after(rand::random_range(1..=RETRY_AFTER_SECONDS_MAX))
    }

    /// Says with a 401 how the caller can show who it is, as `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable name of this kind of problem.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// The JSON document as it is sent.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = self.members.clone();
        body.insert("type".to_owned(), format!("/problems/{}", self.slug).into());
        body.insert("title".to_owned(), title(self.slug).into());
        body.insert("status".to_owned(), self.status.as_u16().into());
        body.insert("detail".to_owned(), self.detail.clone().into());
        Value::Object(body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        response.extensions_mut().insert(self.blame);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

fn title(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_type_title_status_detail_and_members() {
        let problem = Problem::new(StatusCode::CONFLICT, "sold-out", "no unit is free").with("bucket", "2026-12-24");
        assert_eq!(
            problem.body(),
            serde_json::json!({
                "type": "/problems/sold-out", "title": "Sold out", "status": 409,
                "detail": "no unit is free", "bucket": "2026-12-24",
            })
        );
    }

    #[test]
    fn a_member_cannot_replace_the_type() {
        let problem = Problem::internal().with("type", "about:blank");
        assert_eq!(problem.body()["type"], "/problems/internal");
    }

    #[test]
    fn unavailable_asks_to_come_back_after_one_to_three_seconds() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let response = Problem::unavailable("queue is full").into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            seen.insert(response.headers()[RETRY_AFTER].to_str().unwrap().to_owned());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["1", "2", "3"]);
    }
}
