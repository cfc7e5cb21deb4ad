//! One trace from a guest's request through outbox, broker and every consumer.

use crate::fixture::booking::{offering, seats, with};
use crate::fixture::client::{Client, read};
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use serde_json::json;
use std::sync::{Arc, Mutex};
use testing::{Backend, SOON, check, eventually};
use tokio::net::TcpListener;
use uuid::Uuid;

/// What processes exported, each export as it came: one process's spans, with its name.
type Exports = Arc<Mutex<Vec<Bytes>>>;

/// A collector of spans (OTLP over HTTP): its address, and what it was sent.
async fn collector() -> (String, Exports) {
    let exports = Exports::default();
    let kept = Arc::clone(&exports);
    let take = post(async move |body: Bytes| kept.lock().unwrap().push(body));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", take)).await });
    (address, exports)
}

/// Books within a trace of the guest's own, to be settled by event; its id.
async fn book(client: &Client) -> Uuid {
    let id = client.publish(&with(offering("seats", 9), json!({ "payment": "settle_later" }))).await;
    let trace = Uuid::new_v4();
    let parent = format!("00-{}-00f067aa0ba902b7-01", trace.simple());
    let request = client.request("POST", "/reservations").header("traceparent", parent).json(&seats(&id, 1));
    let booked = read(request).await.unwrap().expect(202).id();
    client.until_status(&booked, "confirmed").await;
    trace
}

/// How often `part` occurs in `export`.
fn count(export: &[u8], part: &[u8]) -> usize {
    export.windows(part.len()).filter(|window| *window == part).count()
}

#[test]
fn one_trace_goes_through_every_service() {
    run(async {
        let (endpoint, exports) = collector().await;
        let extra = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &extra).await;
        let trace = book(platform.client()).await;
        for service in ["reservation", "payment", "notification", "dashboard"] {
            eventually(&format!("a span of {service}"), SOON, async || {
                let exports = exports.lock().unwrap();
                let told =
                    |export: &&Bytes| count(export, service.as_bytes()) > 0 && count(export, trace.as_bytes()) > 0;
                check(exports.iter().filter(told).count(), |count| *count > 0)
            })
            .await;
        }
        platform.stop();
    });
}

#[test]
fn the_embedded_platform_exports_its_traces() {
    run(async {
        let (endpoint, exports) = collector().await;
        let extra = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
        let mut platform = Embedded::start(Backend::Sqlite, &extra).await;
        let trace = book(platform.client()).await;
        // The request; what consumed its hold (payment, notification, dashboard); the provider's call; what consumed the
        // capture (reservation, dashboard) and the confirmation (notification, dashboard).
        eventually("the spans", SOON, async || {
            let exports = exports.lock().unwrap();
            check(exports.iter().map(|export| count(export, trace.as_bytes())).sum::<usize>(), |count| *count >= 9)
        })
        .await;
        platform.stop();
    });
}
