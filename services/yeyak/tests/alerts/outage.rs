//! What a platform tells while something is out: alerts must see it then, not when it is over.

use crate::platform::{Platform, availability, nights};
use serde_json::json;
use testing::{SOON, check, eventually};

#[test]
fn what_waits_for_the_broker_is_told_while_it_is_away() {
    testing::run(async {
        let mut platform = Platform::start().await;
        platform.nats.kill();
        platform.publish("nights", json!({})).await;
        let seen = async |platform: &Platform| {
            let series = ["yeyak_broker_connected", "yeyak_outbox_depth", "yeyak_outbox_oldest_age_seconds"];
            let mut values = Vec::new();
            for name in series {
                values.push(platform.metric(&format!("{name}{{service=\"catalog\"}}")).await.unwrap_or(f64::NAN));
            }
            values
        };
        eventually("connection, depth and age of the outbox", SOON, async || {
            check(seen(&platform).await, |seen| seen[0] < 0.5 && seen[1] > 0.5 && seen[2] > 3.0)
        })
        .await;
        platform.nats.restart().await;
        eventually("the end of it", SOON, async || check(seen(&platform).await, |seen| seen == &[1.0, 0.0, 0.0])).await;
        assert_eq!(platform.process.end("TERM"), 0, "{}", platform.process.last_words());
    });
}

#[test]
fn an_honest_refusal_burns_no_budget() {
    testing::run(async {
        let mut platform = Platform::start().await;
        let offering = platform.publish("nights", json!({})).await;
        platform.until_known(&availability(&offering)).await;
        platform.provider_outage();
        platform.post("/reservations", &nights(&offering, "card-ok", 1), 503).await;
        let asked = r#"service="reservation",method="POST",route="/reservations",status="503""#;
        let refused = format!("yeyak_http_requests_total{{{asked},outcome=\"refused\"}}");
        assert_eq!(platform.metric(&refused).await, Some(1.0));
        let mut told = platform.metrics().await;
        told.retain(|(series, _)| series.starts_with("yeyak_http") && series.contains(r#"outcome="failed""#));
        assert_eq!(told, []);
        assert_eq!(platform.process.end("TERM"), 0, "{}", platform.process.last_words());
    });
}
