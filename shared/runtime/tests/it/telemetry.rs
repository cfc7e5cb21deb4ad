//! Telemetry of a whole process. It is installed once, so its promises are checked in one test, in order.
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::{get, post};
use runtime::breaker::{Breaker, Settings};
use runtime::http::{Limits, layers};
use runtime::problem::Problem;
use runtime::telemetry::{self, Telemetry};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tower::ServiceExt;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector that hands over what it was sent.
async fn collector() -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let take = async move |headers: HeaderMap, body: Bytes| {
        sender.send((headers, body)).unwrap();
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", post(take))).await });
    (address, receiver)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_continues_its_callers_trace_and_is_exported_and_counted() {
    let (address, mut collected) = collector().await;
    let env = runtime::config::Env::of([("OTEL_EXPORTER_OTLP_ENDPOINT", address)]);
    let settings = Telemetry::read(&env, "catalog");
    let guard = telemetry::init(&settings).unwrap();
    let second = telemetry::init(&settings).unwrap();
    drop(second);
    assert_eq!(telemetry::traceparent(), None, "outside of a span");

    let show = get(async || telemetry::traceparent().unwrap());
    let router = layers(Router::new().route("/offerings/{id}", show), Limits::new("catalog"));
    let request = Request::get("/offerings/7").header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let traceparent = String::from_utf8(body.to_vec()).unwrap();
    assert!(traceparent.starts_with(&format!("00-{TRACE}-")) && traceparent.ends_with("-01"), "{traceparent}");
    assert!(!traceparent.contains("00f067aa0ba902b7"), "the handler's span is its own");

    tokio::task::spawn_blocking(|| guard.shutdown()).await.unwrap();
    let (headers, spans) = collected.recv().await.unwrap();
    assert_eq!(headers["content-type"], "application/x-protobuf");
    for text in ["catalog", "GET /offerings/{id}", "service.name"] {
        assert!(spans.windows(text.len()).any(|window| window == text.as_bytes()), "{text} is not in the export");
    }
    let metrics = telemetry::metrics_text();
    let labels = r#"{service="catalog",method="GET",route="/offerings/{id}",status="200",outcome="served"}"#;
    assert!(metrics.contains(&format!("yeyak_http_requests_total{labels} 1")), "{metrics}");
    assert!(metrics.contains("yeyak_http_request_seconds_bucket"), "{metrics}");
    a_5xx_says_whose_fault_it_is().await;
    a_breaker_shows_its_state().await;
}

async fn a_5xx_says_whose_fault_it_is() {
    let never = get(async || std::future::pending::<()>().await);
    let router = Router::new()
        .route("/broken", get(async || Problem::internal()))
        .route("/unanswered", get(async || Problem::unanswered(&"the database is away")))
        .route("/busy", get(async || Problem::busy("too many at once")))
        .route("/other", get(async || Problem::unavailable("another is out")))
        .route("/refusal", get(async || Problem::new(StatusCode::CONFLICT, "sold-out", "no unit is free")))
        .route("/slow", never);
    let router = layers(router, Limits { timeout_ms_max: 20, ..Limits::new("blame") });
    let expected = [
        ("/broken", 500, "failed"),
        ("/unanswered", 503, "failed"),
        ("/busy", 503, "shed"),
        ("/other", 503, "refused"),
        ("/refusal", 409, "served"),
        ("/slow", 503, "failed"),
    ];
    for (route, status, outcome) in expected {
        let response = router.clone().oneshot(Request::get(route).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{route}");
        let labels = format!(r#"service="blame",method="GET",route="{route}",status="{status}",outcome="{outcome}""#);
        let metrics = telemetry::metrics_text();
        assert!(metrics.contains(&format!("yeyak_http_requests_total{{{labels}}} 1")), "{metrics}");
    }
}

async fn a_breaker_shows_its_state() {
    let breaker = Breaker::new("payment", Settings::default());
    assert!(telemetry::metrics_text().contains(r#"yeyak_breaker_state{name="payment"} 0"#));
    for _ in 0..6 {
        breaker.call(async { Err::<(), _>(()) }).await.unwrap_err();
    }
    let metrics = telemetry::metrics_text();
    assert!(metrics.contains(r#"yeyak_breaker_state{name="payment"} 2"#), "{metrics}");
    assert!(metrics.contains(r#"yeyak_breaker_rejected_total{name="payment",reason="open"} 1"#), "{metrics}");
}
