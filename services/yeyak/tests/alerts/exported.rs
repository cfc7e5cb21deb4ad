//! A platform that runs, and what it tells on `/metrics` after a few bookings: rules and dashboard name nothing else.

use crate::board;
use crate::expression::{Named, named};
use crate::process::Process;
use crate::rules::rules;
use runtime::tool::{Tool, locate};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
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
/// A nats-server whose atomic batches tell a duplicate.
const NATS_VERSION_MIN: (u32, u32) = (2, 14);

/// Each metric with its labels.
type Exported = BTreeMap<String, BTreeSet<String>>;

struct Platform {
    process: Process,
    http: reqwest::Client,
    entry: String,
    admin: String,
}

impl Platform {
    async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("yeyak-alerts-").tempdir().unwrap().keep();
        let data = folder.canonicalize().unwrap().join("data");
        let cache = std::env::temp_dir().join("yeyak-tools");
        let nats = locate(&Tool::NATS_SERVER, NATS_VERSION_MIN, &cache).await.unwrap();
        let path = format!("{}:{}", nats.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
        let patient = ["PAYMENT_TIMEOUT_MS", "SEATING_TIMEOUT_MS"].map(|name| (name.to_owned(), "8000".to_owned()));
        let environment: Vec<(String, String)> = [("PATH".to_owned(), path)].into_iter().chain(patient).collect();
        let place = data.display().to_string();
        let mut process = Process::new(data, &["--port", "0", "--data", &place], &environment);
        process.start();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let told = eventually("the platform", SOON, async || {
            let told = std::fs::read(process.dir().join("platform.json")).unwrap_or_default();
            let told: Value = serde_json::from_slice(&told).map_err(|_| process.last_words())?;
            assert_eq!(told["pid"].as_u64(), process.pid().map(u64::from));
            let ready = http.get(format!("{}/readyz", told["admin"].as_str().unwrap())).send().await;
            let ready = ready.is_ok_and(|ready| ready.status().is_success());
            check(ready, |ready| *ready).map(|_| told).map_err(|_| process.last_words())
        })
        .await;
        let url = |name: &str| told[name].as_str().unwrap().to_owned();
        Self { process, http, entry: url("entry"), admin: url("admin") }
    }

    async fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.http.post(format!("{}{path}", self.entry)).json(body).send().await.unwrap();
        let (told, body) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(told, status, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    async fn publish(&self, kind: &str, fields: Value) -> Value {
        let mut offering = json!({
            "business": "seaside", "name": "Double room", "kind": kind, "units": 4, "timezone": "Asia/Seoul",
            "price": { "amount": 120_000, "currency": "KRW" },
        });
        offering.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post("/offerings", &offering, 201).await["id"].clone()
    }

    /// One of each: paid, declined, cancelled with a refund, to be settled later, sold out, and a party in a line.
    async fn a_few_bookings(&self) {
        let (now, later) = (self.publish("nights", json!({})).await, json!({ "payment": "settle_later" }));
        let later = self.publish("nights", later).await;
        let line = self.publish("line", json!({})).await;
        let wish = |offering: &Value, method: &str, quantity: u32| {
            json!({
                "offering_id": offering, "guest_id": "mina", "quantity": quantity, "payment_method": method,
                "from": "2027-05-01", "to": "2027-05-03",
            })
        };
        eventually("the allotments", SOON, async || {
            let mut known = Vec::new();
            for (path, offering) in
                [("availability?from=2027-05-01&to=2027-05-03&offering_id=", &now), ("lines/", &line)]
            {
                let url = format!("{}/{path}{}", self.entry, offering.as_str().unwrap());
                known.push(self.http.get(url).send().await.unwrap().status().as_u16());
            }
            check(known, |known| known.iter().all(|status| *status == 200))
        })
        .await;
        let paid = self.post("/reservations", &wish(&now, "card-ok", 1), 201).await["id"].clone();
        self.post("/reservations", &wish(&now, "card-declined", 1), 402).await;
        self.post("/reservations", &wish(&now, "card-ok", 9), 409).await;
        self.post("/reservations", &wish(&later, "card-ok", 1), 202).await;
        self.post(&format!("/reservations/{}/cancel", paid.as_str().unwrap()), &Value::Null, 200).await;
        self.post("/tickets", &json!({ "offering_id": line, "guest_id": "mina", "party_size": 2 }), 201).await;
    }

    async fn exported(&self) -> Exported {
        let text = self.http.get(format!("{}/metrics", self.admin)).send().await.unwrap().text().await.unwrap();
        let mut exported = Exported::new();
        for sample in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            // A sample is itself an expression that selects it.
            let (series, _value) = sample.rsplit_once(' ').unwrap();
            for choice in named(series).unwrap().choices {
                exported.entry(choice.metric).or_default().extend(choice.labels.into_iter().map(|(label, _)| label));
            }
        }
        exported
    }
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

#[test]
fn rules_and_dashboard_name_what_a_running_platform_tells() {
    testing::run(async {
        let mut platform = Platform::start().await;
        platform.a_few_bookings().await;
        let rules = rules();
        let recorded: BTreeSet<String> = rules.iter().filter_map(|rule| rule.record().map(ToOwned::to_owned)).collect();
        let of_rules = rules.iter().map(|rule| {
            let name = rule.alert().or(rule.record()).unwrap();
            (name.to_owned(), rule.expression().to_owned())
        });
        let all: Vec<(String, String)> = of_rules.chain(board::expressions()).collect();
        eventually("every metric that is asked for", SOON, async || {
            let exported = platform.exported().await;
            let wrong = all.iter().flat_map(|(name, expression)| {
                let unknown = unknown(&named(expression).unwrap(), &exported, &recorded);
                unknown.into_iter().map(move |what| format!("{name}: {what}"))
            });
            check(wrong.collect::<Vec<_>>(), Vec::is_empty)
        })
        .await;
        assert_eq!(platform.process.end("TERM"), 0, "{}", platform.process.last_words());
    });
}
