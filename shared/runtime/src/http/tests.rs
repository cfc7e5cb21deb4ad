//! The extractors and layers through a real router.
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::FromRequest;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt;
use uuid::Uuid;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    name: String,
    units: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<u32>,
}

async fn order(Body(order): Body<Order>) -> String {
    format!("{} {}", order.units, order.name)
}

async fn page(Path(id): Path<Uuid>, Query(page): Query<Page>) -> String {
    format!("{id} {:?}", page.limit)
}

fn app() -> Router {
    let router = Router::new()
        .route("/orders", post(order))
        .route("/orders/{id}", get(page))
        .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
        .route("/slow", get(async || std::future::pending::<()>().await));
    let layered = layers(router, Limits { timeout_ms_max: 20, ..Limits::new("first") });
    let other = layers(Router::new().route("/other", get(async || "other")), Limits::new("second"));
    fallbacks(layered.merge(other))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The status and slug of a problem; panics when the answer is none.
    fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["status"], self.status.as_u16());
        (self.status.as_u16(), body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned())
    }
}

async fn ask(router: Router, request: Request<axum::body::Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn place(content_type: Option<&str>, body: impl Into<axum::body::Body>) -> Answer {
    let mut request = Request::post("/orders");
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    ask(app(), request.body(body.into()).unwrap()).await
}

async fn fetch(path: &str) -> Answer {
    ask(app(), Request::get(path).body(axum::body::Body::empty()).unwrap()).await
}

fn refused(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

#[tokio::test]
async fn a_body_that_reads_comes_through() {
    let body = r#"{"name": "a room \\u0000", "units": 2}"#;
    for content_type in
        [None, Some("application/json"), Some("Application/JSON; charset=utf-8"), Some("application/x+json")]
    {
        let answer = place(content_type, body).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "2 a room \\u0000"));
    }
}

#[tokio::test]
async fn a_body_that_does_not_read_is_400_with_serdes_sentence() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "EOF while parsing"),
        (b"{", "EOF while parsing"),
        (br#"{"name": "x"}"#, "missing field `units`"),
        (br#"{"name": "x", "units": 1, "colour": "red"}"#, "unknown field `colour`"),
        (br#"{"name": "x", "units": -1}"#, "invalid value"),
        (br#"{"name": "x", "units": 1} more"#, "trailing characters"),
        (b"{\"name\": \"\xff\", \"units\": 1}", "invalid utf-8"),
        (br#"{"name": "x\u0000", "units": 1}"#, "U+0000"),
    ];
    for (body, sentence) in cases {
        let answer = place(Some("application/json"), body.to_vec()).await;
        assert_eq!(answer.problem(), refused(400, "invalid-body"));
        assert!(answer.body.contains(sentence), "{} lacks {sentence}", answer.body);
    }
}

#[tokio::test]
async fn a_large_body_is_413_announced_or_not() {
    let large = format!(r#"{{"name": "{}", "units": 1}}"#, "x".repeat(BODY_BYTES_MAX));
    assert_eq!(place(None, large).await.problem(), refused(413, "body-too-large"));
    // More than would be read to be thrown away: nothing of it is waited for.
    let announced = Request::post("/orders").header(CONTENT_LENGTH, "5000000").body(axum::body::Body::empty()).unwrap();
    assert_eq!(ask(app(), announced).await.problem(), refused(413, "body-too-large"));
    let padding = BODY_BYTES_MAX - r#"{"name": "", "units": 1}"#.len();
    let full = format!(r#"{{"name": "{}", "units": 1}}"#, "x".repeat(padding));
    assert_eq!(place(None, full).await.status, StatusCode::OK);
}

#[tokio::test]
async fn half_a_body_is_408_and_does_nothing() {
    let never = axum::body::Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let half = Request::post("/orders").body(never).unwrap();
    let late = Body::<Order>::from_request(half, &()).await.unwrap_err().into_response();
    assert_eq!(late.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn another_media_type_is_415() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "json", "text/json"] {
        assert_eq!(place(Some(content_type), "{}").await.problem(), refused(415, "unsupported-media-type"));
    }
}

#[tokio::test]
async fn paths_and_queries_are_refused_with_their_own_slugs() {
    let id = Uuid::nil();
    assert_eq!(fetch(&format!("/orders/{id}?limit=5")).await.body, format!("{id} Some(5)"));
    assert_eq!(fetch("/orders/no-uuid").await.problem(), refused(400, "invalid-path"));
    for query in ["limit=many", "limt=5", "limit=%00"] {
        assert_eq!(fetch(&format!("/orders/{id}?{query}")).await.problem(), refused(400, "invalid-query"));
    }
}

#[tokio::test]
async fn fallbacks_answer_after_a_merge() {
    assert_eq!(fetch("/other").await.body, "other");
    assert_eq!(fetch("/nowhere").await.problem(), refused(404, "not-found"));
    let wrong_method = fetch("/orders").await;
    assert_eq!(wrong_method.problem(), refused(405, "method-not-allowed"));
    assert_eq!(wrong_method.headers[ALLOW], "POST");
}

#[tokio::test]
async fn a_panic_is_500_and_a_slow_handler_503() {
    let panicked = fetch("/panic").await;
    assert_eq!(panicked.problem(), refused(500, "internal"));
    assert!(!panicked.body.contains("on purpose"));
    let slow = fetch("/slow").await;
    assert_eq!(slow.problem(), refused(503, "timeout"));
    assert!(slow.headers.contains_key(RETRY_AFTER));
}

#[tokio::test]
async fn one_request_too_many_is_shed_at_once_and_the_place_comes_back() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, gone) = (Arc::clone(&entered), Arc::clone(&leave));
    let wait = async move || {
        inside.notify_one();
        gone.notified().await;
        "done"
    };
    let router = Router::new().route("/wait", get(wait)).route("/free", get(async || "free"));
    let router = layers(router, Limits { concurrency_max: 1, ..Limits::new("test") });
    let request = |path: &str| Request::get(path).body(axum::body::Body::empty()).unwrap();
    let first = tokio::spawn(ask(router.clone(), request("/wait")));
    entered.notified().await;
    let shed = ask(router.clone(), request("/free")).await;
    assert_eq!(shed.problem(), refused(503, "unavailable"));
    assert!(shed.headers.contains_key(RETRY_AFTER));
    leave.notify_one();
    assert_eq!(first.await.unwrap().body, "done");
    assert_eq!(ask(router, request("/free")).await.body, "free");
}

#[test]
fn an_idempotency_key_is_visible_ascii_sent_once() {
    let key = |values: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("idempotency-key", HeaderValue::from_bytes(value).unwrap());
        }
        idempotency_key(&headers).map_err(|problem| problem.slug())
    };
    assert_eq!(key(&[]), Ok(None));
    assert_eq!(key(&[b"a-1"]), Ok(Some("a-1".to_owned())));
    assert_eq!(key(&[&[b'x'; 255]]), Ok(Some("x".repeat(255))));
    let refused = Err("invalid-idempotency-key");
    for values in [&[&b""[..]][..], &[&[b'x'; 256]], &[b"a b"], &["ü".as_bytes()], &[b"a", b"b"]] {
        assert_eq!(key(values), refused);
    }
}
