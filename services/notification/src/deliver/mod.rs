//! Delivering: one worker for each channel takes what is due, attempts it and records what became of it.

mod address;
mod email;
mod webhook;

pub use email::{Mailer, Server};
pub use webhook::Poster;

use crate::command::Command;
use crate::delivery::{Attempt, Channel, Outcome};
use crate::service::Notification;
use crate::store::{self, Claim, Job};
use crate::working::Answer;
use choreography::{Engine, Reply, Request};
use contract::notification::NotificationEvent;
use jiff::SignedDuration;
use runtime::config::Env;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often a worker looks for what is due, beside being rung for.
const LOOK_MS: u64 = 250;
/// How often the queue is measured.
const MEASURE_SECONDS: u64 = 5;
/// How long a worker that shall stop waits for what is under way; what is left then is repeated by another.
const DRAIN_SECONDS_MAX: u64 = 5;
/// A claim lasts so many times as long as an attempt may: beside the attempt itself there is its record to be stored.
const LEASE_TIMEOUTS: i64 = 3;
/// Longest reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 300;
/// Doublings of a pause after which it is at its bound anyway; keeps the shift in range.
const DOUBLINGS_MAX: i64 = 30;

/// Bounds of attempts.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Attempts of one delivery, after which it has failed.
    pub attempts_max: i64,
    /// First pause between two attempts, in milliseconds.
    pub pause_ms_min: i64,
    /// Bound of the doubling pause, in milliseconds.
    pub pause_ms_max: i64,
    /// An attempt that takes longer is given up, in milliseconds.
    pub timeout_ms: u32,
    /// Whether webhooks may lead into private networks.
    pub private: bool,
}

impl Bounds {
    /// Reads `DELIVERY_ATTEMPTS_MAX`, `DELIVERY_PAUSE_MS_MIN`, `DELIVERY_PAUSE_MS_MAX`, `DELIVERY_TIMEOUT_MS` and
    /// `WEBHOOK_PRIVATE`.
    pub fn read(env: &Env) -> Self {
        Self {
            attempts_max: env.within("DELIVERY_ATTEMPTS_MAX", 24, 1..=100),
            pause_ms_min: env.within("DELIVERY_PAUSE_MS_MIN", 1_000, 10..=60_000),
            pause_ms_max: env.within("DELIVERY_PAUSE_MS_MAX", 3_600_000, 10..=86_400_000),
            timeout_ms: env.within("DELIVERY_TIMEOUT_MS", 10_000, 100..=60_000),
            private: env.parse("WEBHOOK_PRIVATE", false),
        }
    }

    fn timeout(self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }

    /// The pause after so many attempts: doubled by each, half of it by chance, so that what failed together does not
    /// come back together.
    fn pause_ms(self, attempts: i64) -> i64 {
        let doubled = self.pause_ms_min.saturating_mul(1 << attempts.clamp(0, DOUBLINGS_MAX));
        let pause = doubled.min(self.pause_ms_max).max(1);
        pause / 2 + rand::random_range(0..=pause - pause / 2)
    }

    /// The attempt failed, and counts.
    fn later(self, job: &Job, reason: &dyn std::fmt::Display) -> Outcome {
        Outcome::Later { reason: reason_of(reason), pause_ms: self.pause_ms(job.delivery.attempts) }
    }
}

/// What the log of a delivery keeps of an error.
fn reason_of(fault: &dyn std::fmt::Display) -> String {
    // Postgres takes no NUL in a text, and what another server says may hold anything.
    fault.to_string().replace(char::is_control, " ").chars().take(REASON_CHARS_MAX).collect()
}

/// A channel as its worker sees it.
#[derive(Clone)]
pub enum Courier {
    Email(Arc<Mailer>),
    Webhook(Arc<Poster>),
}

impl Courier {
    const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// Attempts at the same time: in all, and to one host.
    const fn bounds(&self) -> (usize, usize) {
        match self {
            Self::Email(_) => (email::AT_ONCE_MAX, email::AT_ONCE_MAX),
            Self::Webhook(_) => (webhook::AT_ONCE_MAX, webhook::HOST_AT_ONCE_MAX),
        }
    }

    /// How many attempts the channel takes now beside so many that are under way.
    fn room(&self, under_way: usize) -> usize {
        match self {
            Self::Email(mailer) => mailer.room(under_way),
            Self::Webhook(_) => webhook::AT_ONCE_MAX.saturating_sub(under_way),
        }
    }

    async fn attempt(&self, job: &Job) -> Outcome {
        match self {
            Self::Email(mailer) => mailer.attempt(job).await,
            Self::Webhook(poster) => poster.attempt(job).await,
        }
    }
}

/// Delivers on one channel.
pub struct Worker {
    pub engine: Engine<Notification>,
    pub courier: Courier,
    pub bounds: Bounds,
    pub bell: Arc<Notify>,
}

/// Attempts under way, and to which host.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<()>,
    hosts: HashMap<Id, String>,
}

impl Worker {
    /// Runs until `stop`, then ends what is under way.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(Duration::from_millis(LOOK_MS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // An alert must not miss the first of them: what begins at one has not risen.
        for outcome in ["sent", "failed", "later"] {
            attempts(self.courier.channel(), outcome).increment(0);
        }
        let mut measured_at = None;
        let mut under_way = UnderWay::default();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = under_way.attempts.join_next_with_id() => under_way.ended(ended),
                () = self.bell.notified() => {}
                _ = ticks.tick() => {}
            }
            if let Err(fault) = self.fill(&mut under_way).await {
                tracing::warn!(%fault, channel = self.courier.channel().as_str(), "deliveries cannot be claimed");
            }
            if measured_at.is_none_or(|at: Instant| at.elapsed().as_secs() >= MEASURE_SECONDS) {
                self.measure().await;
                measured_at = Some(Instant::now());
            }
        }
        let drained = async { while under_way.attempts.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS_MAX), drained).await.is_err() {
            tracing::warn!("attempts were left under way; they are repeated under the same id");
        }
    }

    /// Claims and begins what is due, until nothing is or there is no room. Half of the room is left to free up first,
    /// so that one claim serves several attempts.
    async fn fill(&self, under_way: &mut UnderWay) -> Result<(), sea_orm::DbErr> {
        let (at_once_max, host_max) = self.courier.bounds();
        while under_way.attempts.len() * 2 <= at_once_max {
            let claim = Claim {
                channel: self.courier.channel(),
                room: self.courier.room(under_way.attempts.len()),
                host_max,
                under_way: under_way.by_host(),
                lease: SignedDuration::from_millis(LEASE_TIMEOUTS * i64::from(self.bounds.timeout_ms)),
            };
            let jobs = store::claim(self.engine.store(), &claim).await?;
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                let (engine, courier, host) = (self.engine.clone(), self.courier.clone(), job.delivery.host.clone());
                let attempt = under_way.attempts.spawn(async move { deliver(&engine, &courier, job).await });
                under_way.hosts.insert(attempt.id(), host);
            }
        }
        Ok(())
    }

    async fn measure(&self) {
        let channel = self.courier.channel();
        let store = self.engine.store();
        let measured =
            async { Ok::<_, sea_orm::DbErr>((store::queue(store, channel).await?, store.now(store.read()).await?)) };
        match measured.await {
            Ok((queue, now)) => {
                let oldest_us = queue.oldest_us.map_or(0, |oldest_us| (now.as_microsecond() - oldest_us).max(0));
                let oldest = Duration::from_micros(oldest_us.unsigned_abs());
                metrics::gauge!("yeyak_deliveries_waiting", "channel" => channel.as_str())
                    .set(u32::try_from(queue.waiting).unwrap_or(u32::MAX));
                metrics::gauge!("yeyak_delivery_oldest_age_seconds", "channel" => channel.as_str())
                    .set(oldest.as_secs_f64());
            }
            Err(fault) => tracing::warn!(%fault, "deliveries cannot be measured"),
        }
    }
}

impl UnderWay {
    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(fault) => {
                // Its claim runs out, and the delivery is attempted again.
                tracing::error!(%fault, "an attempt to deliver died");
                fault.id()
            }
        };
        self.hosts.remove(&id);
    }

    fn by_host(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for host in self.hosts.values() {
            *counts.entry(host.clone()).or_default() += 1;
        }
        counts
    }
}

/// One attempt and its record. What cannot be recorded is repeated when the claim has run out.
async fn deliver(engine: &Engine<Notification>, courier: &Courier, job: Job) {
    let outcome = courier.attempt(&job).await;
    let attempt = Attempt { delivery: job.delivery.id, version: job.delivery.version, claim: job.claim, outcome };
    let cause = Some(job.message.event_id);
    let request = Request { cause, ..Request::own(Command::Record(attempt)) };
    match engine.writer().ask(request).await {
        Ok(Reply::Decided(Answer::Recorded { end })) => count(courier.channel(), end.as_ref().map(|(event, _)| event)),
        Ok(Reply::Decided(_) | Reply::Repeat(_)) => tracing::error!("an attempt was answered as something else"),
        Ok(Reply::Faulty(reason)) => tracing::error!(%reason, "an attempt cannot be recorded"),
        Err(unavailable) => tracing::warn!(%unavailable, "an attempt is not recorded, and will be repeated"),
    }
}

fn count(channel: Channel, end: Option<&NotificationEvent>) {
    let outcome = match end {
        Some(NotificationEvent::Sent(_)) => "sent",
        Some(NotificationEvent::Failed(_)) => "failed",
        None => "later",
    };
    attempts(channel, outcome).increment(1);
}

fn attempts(channel: Channel, outcome: &'static str) -> metrics::Counter {
    metrics::counter!("yeyak_delivery_attempts_total", "channel" => channel.as_str(), "outcome" => outcome)
}
