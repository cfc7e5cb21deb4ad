//! A platform that runs for a test, around a broker that the test may end.

use crate::process::Process;
use serde_json::{Value, json};
use testing::{Nats, SOON, check, eventually};

/// The embedded platform in a folder of its own.
pub struct Platform {
    pub process: Process,
    http: reqwest::Client,
    entry: String,
    admin: String,
    /// Ends after the platform.
    pub nats: Nats,
}

impl Platform {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("yeyak-alerts-").tempdir().unwrap().keep();
        let (data, nats) = (folder.canonicalize().unwrap().join("data"), Nats::start().await);
        let place = data.display().to_string();
        let environment = [
            // Two busy cores must not look like an outage of payment or of seating.
            ("PAYMENT_TIMEOUT_MS", "8000".to_owned()),
            ("SEATING_TIMEOUT_MS", "8000".to_owned()),
            ("NATS_URL", nats.url()),
            ("PROVIDER_OUTAGE", data.join("outage").display().to_string()),
        ];
        let environment: Vec<(String, String)> = environment.map(|(name, value)| (name.to_owned(), value)).into();
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
        Self { process, http, entry: url("entry"), admin: url("admin"), nats }
    }

    /// The body of an answer that must have `status`.
    pub async fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.http.post(format!("{}{path}", self.entry)).json(body).send().await.unwrap();
        let (told, body) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(told, status, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// Publishes an offering of `kind`; its id.
    pub async fn publish(&self, kind: &str, fields: Value) -> String {
        let mut offering = json!({
            "business": "seaside", "name": "Double room", "kind": kind, "units": 4, "timezone": "Asia/Seoul",
            "price": { "amount": 120_000, "currency": "KRW" },
        });
        offering.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post("/offerings", &offering, 201).await["id"].as_str().unwrap().to_owned()
    }

    /// Cuts payment off from its provider.
    pub fn provider_outage(&self) {
        std::fs::write(self.process.dir().join("outage"), "").unwrap();
    }

    /// Waits until `path` answers 200, which it does once the service has heard of an offering.
    pub async fn until_known(&self, path: &str) {
        eventually(path, SOON, async || {
            let answer = self.http.get(format!("{}{path}", self.entry)).send().await.unwrap();
            check(answer.status().as_u16(), |status| *status == 200)
        })
        .await;
    }

    /// What `/metrics` tells: each series with its value.
    pub async fn metrics(&self) -> Vec<(String, f64)> {
        let text = self.http.get(format!("{}/metrics", self.admin)).send().await.unwrap().text().await.unwrap();
        let samples = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let read =
            |line: &str| line.rsplit_once(' ').map(|(series, value)| (series.to_owned(), value.parse().unwrap()));
        samples.map(|line| read(line).unwrap()).collect()
    }

    /// The value of one series; none where nobody tells it.
    pub async fn metric(&self, series: &str) -> Option<f64> {
        self.metrics().await.into_iter().find_map(|(known, value)| (known == series).then_some(value))
    }
}

/// A booking of two nights.
pub fn nights(offering: &str, method: &str, quantity: u32) -> Value {
    json!({
        "offering_id": offering, "guest_id": "mina", "quantity": quantity, "payment_method": method,
        "from": "2027-05-01", "to": "2027-05-03",
    })
}

/// Where it is seen that reservation has heard of an offering.
pub fn availability(offering: &str) -> String {
    format!("/availability?offering_id={offering}&from=2027-05-01&to=2027-05-03")
}
