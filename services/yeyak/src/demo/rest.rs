//! A client of the platform's own entry, and what a story needs of it.

use anyhow::{Context, bail, ensure};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use kernel::Clock;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Where all five businesses are.
pub const ZONE: &str = "Asia/Seoul";
/// Something that follows from something else has this long to do so.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(8);
const LOOK_MS: u64 = 20;
/// Pause before a request that was told "try again shortly" is sent again.
const AGAIN_MS: u64 = 500;

/// What happened in one business.
pub struct Story {
    pub title: &'static str,
    pub steps: Vec<String>,
    /// The reservation or ticket to follow.
    pub case: String,
    /// The path of the host's view.
    pub view: String,
}

impl Story {
    pub fn new(title: &'static str) -> Self {
        Self { title, steps: Vec::new(), case: String::new(), view: String::new() }
    }

    pub fn tell(&mut self, step: impl Into<String>) {
        self.steps.push(step.into());
    }
}

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

/// Cheap to clone.
#[derive(Clone)]
pub struct Rest {
    http: reqwest::Client,
    base: String,
}

impl Rest {
    pub fn new(entry: SocketAddr) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(FOLLOWS_WITHIN).no_proxy().build()?;
        Ok(Self { http, base: format!("http://{entry}") })
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        read(self.http.get(format!("{}{path}", self.base))).await?.expect(200).with_context(|| path.to_owned())
    }

    /// With a key of its own, as a careful client sends it: who is told to come back does, with the same key.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        let (key, begin) = (Uuid::new_v4().to_string(), Instant::now());
        loop {
            let request = self.http.post(format!("{}{path}", self.base)).json(&body).header("idempotency-key", &key);
            let answer = read(request).await.with_context(|| path.to_owned())?;
            if answer.status != 503 || begin.elapsed() > FOLLOWS_WITHIN {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }

    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        read(self.http.patch(format!("{}{path}", self.base)).json(&body)).await.with_context(|| path.to_owned())
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
            let answer = read(self.http.get(format!("{}{path}", self.base))).await?;
            if answer.status == 200 && good(&answer.body) {
                return Ok(answer.body);
            }
            if begin.elapsed() > FOLLOWS_WITHIN {
                bail!("{path} still answers {} {}", answer.status, answer.body);
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Sends it until it is taken, since who may do it follows from an event; the answer's body.
    pub async fn until_accepted(&self, path: &str, body: Value, status: u16) -> anyhow::Result<Value> {
        let begin = Instant::now();
        loop {
            let answer = self.post(path, body.clone()).await?;
            if answer.status == status || begin.elapsed() > FOLLOWS_WITHIN {
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

/// A value as a person reads it: a text without quotes, a problem's type without its path.
pub fn said(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.trim_start_matches("/problems/").to_owned()
}

/// The id of what was made.
pub fn id(body: &Value) -> anyhow::Result<String> {
    Ok(body["id"].as_str().with_context(|| format!("no id in {body}"))?.to_owned())
}

/// The local date `days` days from now.
pub fn day(days: i64) -> anyhow::Result<Date> {
    Ok(today()?.checked_add(days.days())?)
}

/// Local `hour` o'clock, `days` days from now, as an instant.
pub fn hour(days: i64, hour: i8) -> anyhow::Result<Timestamp> {
    Ok(day(days)?.at(hour, 0, 0, 0).to_zoned(TimeZone::get(ZONE)?)?.timestamp())
}

fn today() -> anyhow::Result<Date> {
    Ok(Zoned::new(Clock::system().now(), TimeZone::get(ZONE)?).date())
}

/// A booking by `guest`, paid with a card that works.
pub fn wish(offering: &str, guest: &str, quantity: i64) -> Value {
    json!({ "offering_id": offering, "guest_id": guest, "quantity": quantity, "payment_method": "card-ok" })
}

/// `body` with `from` and `to`.
pub fn during(mut body: Value, from: impl ToString, to: impl ToString) -> Value {
    body["from"] = json!(from.to_string());
    body["to"] = json!(to.to_string());
    body
}
