//! A client of the platform's entry, as a careful caller is one: with keys, patience and a bound.

use anyhow::{Context, bail, ensure};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::Value;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often somebody looks whether something has followed.
const LOOK_MS: u64 = 20;
/// Pause before a request that was told "try again shortly", or not answered, is sent again.
const AGAIN_MS: u64 = 500;

/// An answer: its status and its JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// This answer's body, if it has that status.
    pub fn expect(self, status: u16) -> anyhow::Result<Value> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.body);
        Ok(self.body)
    }
}

/// Where the platform answers: one entry, and the services that have one of their own.
#[derive(Clone, Debug)]
pub struct Entries {
    pub entry: String,
    /// By the first part of their paths, such as `offerings`.
    pub others: Vec<(&'static str, String)>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Rest {
    http: reqwest::Client,
    /// Goes with every request.
    bearer: Option<HeaderValue>,
    entries: Entries,
    /// Something that follows from something else has this long to do so.
    patience: Duration,
}

impl Rest {
    /// `token` goes with every request, as a bearer's.
    pub fn new(entries: Entries, token: Option<&str>, patience: Duration) -> anyhow::Result<Self> {
        let bearer = token.map(|token| HeaderValue::from_str(&format!("Bearer {token}")));
        let mut bearer = bearer.transpose().context("the token")?;
        bearer.iter_mut().for_each(|bearer| bearer.set_sensitive(true));
        Ok(Self { http: runtime::http::client(), bearer, entries, patience })
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        let other = self.entries.others.iter().find(|(known, _)| *known == first);
        let base = other.map_or(&self.entries.entry, |(_, base)| base);
        let request = self.http.request(method, format!("{}{path}", base.trim_end_matches('/')));
        let request = request.timeout(self.patience);
        match &self.bearer {
            Some(bearer) => request.header(AUTHORIZATION, bearer.clone()),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        read(self.request(Method::GET, path)).await?.expect(200).with_context(|| path.to_owned())
    }

    /// With a key of its own, as a careful client sends it: who is told to come back does, with the same key.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.post_with_key(path, &body, &Uuid::new_v4().to_string()).await
    }

    /// The same key again gets the same answer.
    pub async fn post_with_key(&self, path: &str, body: &Value, key: &str) -> anyhow::Result<Answer> {
        let begin = Instant::now();
        loop {
            let request = self.request(Method::POST, path).json(body).header("idempotency-key", key);
            match read(request).await.with_context(|| path.to_owned()) {
                Ok(answer) if answer.status != 503 => return Ok(answer),
                last if begin.elapsed() > self.patience => return last,
                _ => tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await,
            }
        }
    }

    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        read(self.request(Method::PATCH, path).json(&body)).await.with_context(|| path.to_owned())
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        read(self.request(Method::DELETE, path)).await.with_context(|| path.to_owned())
    }

    /// Publishes an offering, and waits until `known` answers for it; its id.
    pub async fn publish(&self, offering: Value, known: impl Fn(&str) -> String) -> anyhow::Result<String> {
        let id = id(&self.post("/offerings", offering).await?.expect(201)?)?;
        let path = known(&id);
        self.until(&path, |_| true).await?;
        Ok(id)
    }

    /// Asks until the answer is as it should be, since what follows from an event follows a moment later.
    pub async fn until(&self, path: &str, good: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let begin = Instant::now();
        loop {
            let answer = read(self.request(Method::GET, path)).await;
            match answer {
                Ok(answer) if answer.status == 200 && good(&answer.body) => return Ok(answer.body),
                Ok(answer) if begin.elapsed() > self.patience => {
                    bail!("{path} still answers {} {}", answer.status, answer.body)
                }
                Err(fault) if begin.elapsed() > self.patience => return Err(fault).with_context(|| path.to_owned()),
                _ => tokio::time::sleep(Duration::from_millis(LOOK_MS)).await,
            }
        }
    }

    /// Sends it until it is taken, since who may do it follows from an event; the answer's body.
    pub async fn until_accepted(&self, path: &str, body: Value, status: u16) -> anyhow::Result<Value> {
        let begin = Instant::now();
        loop {
            let answer = self.post(path, body.clone()).await?;
            if answer.status == status || begin.elapsed() > self.patience {
                return answer.expect(status);
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Waits until a reservation or ticket has that status.
    pub async fn reaches(&self, path: &str, status: &str) -> anyhow::Result<Value> {
        self.until(path, |seen| seen["status"] == status).await
    }
}

async fn read(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}

/// The id of what was made.
pub fn id(body: &Value) -> anyhow::Result<String> {
    Ok(body["id"].as_str().with_context(|| format!("no id in {body}"))?.to_owned())
}
