//! The platform's REST API as the replay needs it; a call is repeated with the same key until its answer is known.

use crate::plan::Booking;
use anyhow::{Context, bail, ensure};
use jiff::ToSpan;
use jiff::civil::Date;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// A call is given up when the platform was away or overloaded for so long.
const OUTAGE_SECONDS_MAX: u64 = 120;
/// Longer than the platform takes for anything.
const ANSWER_SECONDS_MAX: u64 = 20;
/// Between two tries that got no answer.
const PAUSE_MS: u64 = 250;
/// Longest wait that an answer may ask for.
const RETRY_AFTER_SECONDS_MAX: u64 = 30;
/// Between two looks for an allotment.
const LOOK_MS: u64 = 50;
/// Most nights that one call may ask about.
const BUCKETS_MAX: i64 = 1_100;

/// Where the platform listens: the same entry twice, or a service each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    pub catalog: String,
    pub reservation: String,
}

impl Urls {
    /// One entry for all services.
    #[must_use]
    pub fn entry(url: &str) -> Self {
        Self { catalog: url.to_owned(), reservation: url.to_owned() }
    }
}

/// What was decided about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Under this id; confirmed, or held until its payment.
    Accepted(Uuid),
    SoldOut,
}

/// A client; clones share its connections.
#[derive(Clone)]
pub struct Platform {
    http: reqwest::Client,
    urls: Urls,
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Value,
}

#[derive(Deserialize)]
struct Bucket {
    bucket: Date,
    units: u32,
    free: u32,
}

impl Platform {
    pub fn new(urls: &Urls) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(ANSWER_SECONDS_MAX)).no_proxy().build()?;
        let trim = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self { http, urls: Urls { catalog: trim(&urls.catalog), reservation: trim(&urls.reservation) } })
    }

    /// Publishes an offering and waits until it can be booked; the same key gives the same offering.
    pub async fn publish(&self, key: &str, offering: &Value) -> anyhow::Result<Uuid> {
        let url = format!("{}/offerings", self.urls.catalog);
        let answer = self.ask(Method::POST, &url, Some((key, offering))).await?;
        ensure!(answer.status == StatusCode::CREATED, answer.strange(&url));
        let offering = answer.id()?;
        let today = Date::constant(2026, 1, 1);
        let deadline = Instant::now() + Duration::from_secs(OUTAGE_SECONDS_MAX);
        let url = self.availability(offering, today, today.saturating_add(1.day()));
        loop {
            let answer = self.ask(Method::GET, &url, None).await?;
            match answer.status {
                StatusCode::OK => return Ok(offering),
                StatusCode::NOT_FOUND if Instant::now() < deadline => sleep(Duration::from_millis(LOOK_MS)).await,
                _ => bail!(answer.strange(&url)),
            }
        }
    }

    /// Asks for a room.
    pub async fn place(&self, offering: Uuid, key: &str, booking: &Booking) -> anyhow::Result<Placed> {
        let url = format!("{}/reservations", self.urls.reservation);
        let wish = json!({
            "offering_id": offering, "guest_id": format!("guest-{}", booking.number), "quantity": 1,
            "from": booking.from, "to": booking.to, "payment_method": "card-ok",
        });
        let answer = self.ask(Method::POST, &url, Some((key, &wish))).await?;
        match (answer.status, answer.slug()) {
            (StatusCode::CREATED | StatusCode::ACCEPTED, _) => Ok(Placed::Accepted(answer.id()?)),
            (StatusCode::CONFLICT, "sold-out") => Ok(Placed::SoldOut),
            _ => bail!(answer.strange(&url)),
        }
    }

    /// Cancels; once more is the same.
    pub async fn cancel(&self, reservation: Uuid) -> anyhow::Result<()> {
        let url = format!("{}/reservations/{reservation}/cancel", self.urls.reservation);
        let answer = self.ask(Method::POST, &url, None).await?;
        ensure!(answer.status == StatusCode::OK, answer.strange(&url));
        Ok(())
    }

    /// Rooms taken, of every night from `from` until `to` that has any.
    pub async fn taken(&self, offering: Uuid, from: Date, to: Date) -> anyhow::Result<Vec<(Date, u32)>> {
        let (mut begin, mut taken) = (from, Vec::new());
        while begin < to {
            let end = begin.saturating_add(BUCKETS_MAX.days()).min(to);
            let url = self.availability(offering, begin, end);
            let mut answer = self.ask(Method::GET, &url, None).await?;
            ensure!(answer.status == StatusCode::OK, answer.strange(&url));
            let buckets: Vec<Bucket> = serde_json::from_value(answer.body["buckets"].take())
                .with_context(|| format!("{url} answered something else than buckets"))?;
            taken.extend(buckets.into_iter().map(|night| (night.bucket, night.units.saturating_sub(night.free))));
            begin = end;
        }
        taken.retain(|(_, rooms)| *rooms > 0);
        Ok(taken)
    }

    fn availability(&self, offering: Uuid, from: Date, to: Date) -> String {
        format!("{}/availability?offering_id={offering}&from={from}&to={to}", self.urls.reservation)
    }

    /// Asks until an answer is a decision: not while nobody answers, or while the answer is to come back later.
    async fn ask(&self, method: Method, url: &str, content: Option<(&str, &Value)>) -> anyhow::Result<Answer> {
        let deadline = Instant::now() + Duration::from_secs(OUTAGE_SECONDS_MAX);
        loop {
            let mut request = self.http.request(method.clone(), url);
            if let Some((key, body)) = content {
                request = request.header("idempotency-key", key).json(body);
            }
            let (why, pause) = match read(request).await {
                Ok(answer) => match answer.retry_after() {
                    None => return Ok(answer),
                    Some(pause) => (answer.strange(url), pause),
                },
                Err(fault) if fault.is_builder() => return Err(fault.into()),
                Err(fault) => (format!("{:#}", anyhow::Error::new(fault)), Duration::from_millis(PAUSE_MS)),
            };
            if Instant::now() + pause > deadline {
                bail!("no decision within {OUTAGE_SECONDS_MAX} s; the last try: {why}");
            }
            sleep(pause).await;
        }
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let status = response.status();
    let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = response.bytes().await?;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let retry_after = seconds.map(|seconds: u64| Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS_MAX)));
    Ok(Answer { status, retry_after, body })
}

impl Answer {
    /// What follows `/problems/` in a problem's type; empty where there is none.
    fn slug(&self) -> &str {
        self.body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default()
    }

    fn id(&self) -> anyhow::Result<Uuid> {
        let id = self.body["id"].as_str().context("the answer names no `id`")?;
        id.parse().with_context(|| format!("the answer's `id` is `{id}`"))
    }

    /// How long to wait before the same call again, if this answer decides nothing.
    fn retry_after(&self) -> Option<Duration> {
        let undecided = match self.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::CONFLICT => self.slug() == "in-progress",
            _ => false,
        };
        undecided.then(|| self.retry_after.unwrap_or(Duration::from_secs(1)))
    }

    /// The sentence for an answer that ends the run.
    fn strange(&self, url: &str) -> String {
        let detail = self.body["detail"].as_str().unwrap_or("without a word why");
        format!("{url} answered {} {}: {detail}", self.status.as_u16(), self.slug())
    }
}
