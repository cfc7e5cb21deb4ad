//! Bad input: every endpoint refuses it with a 4xx problem that helps, and writes nothing.

mod bodies;
mod catalog;
mod places;
mod reading;

use crate::fixture::client::{Client, read};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

/// One request that must be refused, and the status it must get.
struct Bad {
    method: &'static str,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    status: u16,
}

impl Bad {
    fn new(method: &'static str, path: impl Into<String>, status: u16) -> Self {
        Self { method, path: path.into(), headers: HeaderMap::new(), body: Vec::new(), status }
    }

    fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").raw(body.to_string())
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }
}

/// Sends each request; tells of all that were not refused as they must be.
async fn all_refused(client: &Client, requests: Vec<Bad>) {
    let mut wrong = Vec::new();
    for bad in requests {
        let shown: String = String::from_utf8_lossy(&bad.body).chars().take(160).collect();
        let request = client.request(bad.method, &bad.path).headers(bad.headers).body(bad.body);
        let answer = read(request).await.unwrap_or_else(|fault| panic!("{} {}: {fault}", bad.method, bad.path));
        let detail = answer["detail"].as_str().unwrap_or_default();
        let helps = !answer.slug().is_empty() && detail.contains(' ') && answer["status"] == json!(answer.status);
        let kind = answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
        if answer.status != bad.status || !helps || !kind {
            wrong.push(format!(
                "{} {} {shown}\n  wanted {}, got {}: {}",
                bad.method, bad.path, bad.status, answer.status, answer.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
