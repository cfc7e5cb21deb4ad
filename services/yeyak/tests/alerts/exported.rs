//! A platform that runs, and what it tells on `/metrics` after a few bookings: rules and dashboard name nothing else.

use crate::board;
use crate::expression::{Named, named};
use crate::platform::{Platform, availability, nights};
use crate::rules::rules;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use testing::{SOON, check, eventually};

/// Metrics of others, by whom they are told.
const FOREIGN: [(&str, &[&str]); 3] = [
    ("Prometheus itself", &["up"]),
    (
        "kube-state-metrics",
        &[
            "kube_deployment_spec_replicas",
            "kube_deployment_status_replicas_available",
            "kube_horizontalpodautoscaler_spec_max_replicas",
            "kube_horizontalpodautoscaler_status_desired_replicas",
            "kube_pod_container_status_restarts_total",
        ],
    ),
    ("Istio's standard metrics", &["istio_request_duration_milliseconds_bucket", "istio_requests_total"]),
];
/// Labels that Prometheus gives to whatever it scrapes, and those of a histogram's parts.
const GIVEN: [&str; 6] = ["container", "instance", "le", "namespace", "pod", "service"];
/// What becomes of a request, as `yeyak_http_requests_total` tells it.
const OUTCOMES: [&str; 4] = ["served", "failed", "shed", "refused"];

/// Each metric with its labels.
type Exported = BTreeMap<String, BTreeSet<String>>;

/// One of each: paid, declined, cancelled with a refund, to be settled later, sold out, and a party in a line.
async fn a_few_bookings(platform: &Platform) {
    let prepaid = platform.publish("nights", json!({})).await;
    let later = platform.publish("nights", json!({ "payment": "settle_later" })).await;
    let line = platform.publish("line", json!({})).await;
    for path in [availability(&prepaid), availability(&later), format!("/lines/{line}")] {
        platform.until_known(&path).await;
    }
    let paid = platform.post("/reservations", &nights(&prepaid, "card-ok", 1), 201).await;
    platform.post("/reservations", &nights(&prepaid, "card-declined", 1), 402).await;
    platform.post("/reservations", &nights(&prepaid, "card-ok", 9), 409).await;
    platform.post("/reservations", &nights(&later, "card-ok", 1), 202).await;
    platform.post(&format!("/reservations/{}/cancel", paid["id"].as_str().unwrap()), &Value::Null, 200).await;
    platform.post("/tickets", &json!({ "offering_id": line, "guest_id": "mina", "party_size": 2 }), 201).await;
}

async fn exported(platform: &Platform) -> Exported {
    let mut exported = Exported::new();
    for (series, _value) in platform.metrics().await {
        // A series is itself an expression, which selects it.
        for choice in named(&series).unwrap().choices {
            exported.entry(choice.metric).or_default().extend(choice.labels.into_iter().map(|(label, _)| label));
        }
    }
    exported
}

/// What `named` speaks of and nobody tells.
fn unknown(named: &Named, exported: &Exported, recorded: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut labels: BTreeSet<&str> = GIVEN.into();
    let mut ours = true;
    for choice in &named.choices {
        let metric = choice.metric.as_str();
        if FOREIGN.iter().any(|(_, metrics)| metrics.contains(&metric)) || recorded.contains(metric) {
            ours = false;
            continue;
        }
        let Some(known) = exported.get(metric) else {
            wrong.push(format!("no metric `{metric}`"));
            continue;
        };
        labels.extend(known.iter().map(String::as_str));
        for (label, value) in &choice.labels {
            if !known.contains(label) && !GIVEN.contains(&label.as_str()) {
                wrong.push(format!("`{metric}` has no label `{label}`"));
            }
            if let Some(value) = value
                .as_deref()
                .filter(|value| label == "outcome" && metric.starts_with("yeyak_http") && !OUTCOMES.contains(value))
            {
                wrong.push(format!("`{metric}` has no outcome `{value}`"));
            }
        }
    }
    // Whose labels a recorded or a foreign metric has is not told here.
    let strange = named.groups.iter().filter(|label| ours && !labels.contains(label.as_str()));
    wrong.extend(strange.map(|label| format!("nothing has a label `{label}`")));
    wrong
}

/// The metrics of our own that `/metrics` tells, a histogram under its one name.
fn own(exported: &Exported) -> BTreeSet<String> {
    let whole = |metric: &str| {
        let parts = ["_bucket", "_sum", "_count"].into_iter().filter_map(|part| metric.strip_suffix(part));
        let histogram = parts.into_iter().find(|whole| exported.contains_key(&format!("{whole}_bucket")));
        histogram.unwrap_or(metric).to_owned()
    };
    exported.keys().map(|metric| whole(metric)).collect()
}

/// The metrics that the table of `shared/runtime/README.md` explains.
fn explained() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/runtime/README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let words = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| ["yeyak_", "process_"].iter().any(|own| word.starts_with(own)));
    let words: Vec<String> = words.map(ToOwned::to_owned).collect();
    let once: BTreeSet<String> = words.iter().cloned().collect();
    assert_eq!(once.len(), words.len(), "a metric is explained twice");
    once
}

#[test]
fn rules_and_dashboard_name_what_a_running_platform_tells() {
    testing::run(async {
        let mut platform = Platform::start().await;
        a_few_bookings(&platform).await;
        let rules = rules();
        let recorded: BTreeSet<String> = rules.iter().filter_map(|rule| rule.record().map(ToOwned::to_owned)).collect();
        let of_rules = rules.iter().map(|rule| {
            let name = rule.alert().or(rule.record()).unwrap();
            (name.to_owned(), rule.expression().to_owned())
        });
        let all: Vec<(String, String)> = of_rules.chain(board::expressions()).collect();
        eventually("every metric that is asked for", SOON, async || {
            let exported = exported(&platform).await;
            let wrong = all.iter().flat_map(|(name, expression)| {
                let unknown = unknown(&named(expression).unwrap(), &exported, &recorded);
                unknown.into_iter().map(move |what| format!("{name}: {what}"))
            });
            check(wrong.collect::<Vec<_>>(), Vec::is_empty)
        })
        .await;
        assert_eq!(own(&exported(&platform).await), explained(), "what is told, and what is explained");
        assert_eq!(platform.process.end("TERM"), 0, "{}", platform.process.last_words());
    });
}
