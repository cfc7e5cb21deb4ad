//! What a consumer group is behind on, as those see it who wait for it.

use crate::broker::{Broker, BrokerError};
use crate::service::Service;
use crate::store::Store;
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often the backlog is measured.
const LOOK_MS: u64 = 200;
/// A broker that has answered no look for this long is away, whatever becomes of its connection. One look that fails,
/// while a cluster elects a leader say, is no reason to take on more.
const SILENCE_SECONDS_MAX: u64 = 10;

/// What a consumer group is behind on.
#[derive(Debug, Default)]
pub struct Backlog {
    waiting: AtomicU64,
    /// Microseconds of the database's clock; 0 until known.
    read_until_us: AtomicI64,
    /// Whether the broker was away at the last look.
    is_away: AtomicBool,
}

impl Backlog {
    /// Events that wait in the stream or are being handled, as of the last look (at most 200 ms ago, while the
    /// broker answers).
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Of [`Backlog::waiting`], what this service could be handling now: nothing while the broker is away, since what
    /// cannot be fetched does not wait for this service.
    #[must_use]
    pub fn within_reach(&self) -> u64 {
        if self.is_away.load(Ordering::Relaxed) { 0 } else { self.waiting() }
    }

    /// Every event published before this moment has been handled (by the database's clock); none is known at first.
    #[must_use]
    pub fn read_until(&self) -> Option<Timestamp> {
        match self.read_until_us.load(Ordering::Relaxed) {
            0 => None,
            us => Timestamp::from_microsecond(us).ok(),
        }
    }
}

/// The place of the stream's end at a moment; when the group has passed it, that moment has been read.
#[derive(Clone, Copy, Debug)]
struct Horizon {
    stream_seq: u64,
    at: Timestamp,
}

/// What the looks so far have left.
struct Sight {
    horizon: Option<Horizon>,
    /// When the broker last answered.
    answered: Instant,
}

/// Measures the backlog of the group of `S` for ever, and until when everything has been read.
pub(crate) async fn look<S: Service>(backlog: &Backlog, (store, broker): (&Store, &Broker)) {
    let mut sight = Sight { horizon: None, answered: Instant::now() };
    let mut ticks = tokio::time::interval(Duration::from_millis(LOOK_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(fault) = look_once::<S>(backlog, (store, broker), &mut sight).await {
            tracing::debug!(%fault, service = S::NAME, "the backlog cannot be measured");
        }
    }
}

async fn look_once<S: Service>(
    backlog: &Backlog,
    (store, broker): (&Store, &Broker),
    sight: &mut Sight,
) -> Result<(), BrokerError> {
    let now = store.now(store.read()).await.map_err(|fault| BrokerError(fault.to_string()))?;
    let progress = broker.progress(S::NAME).await;
    if progress.is_ok() {
        sight.answered = Instant::now();
    }
    let is_silent = sight.answered.elapsed() >= Duration::from_secs(SILENCE_SECONDS_MAX);
    backlog.is_away.store(progress.is_err() && (is_silent || !broker.is_connected()), Ordering::Relaxed);
    let (end, info) = progress?;
    let waiting = info.num_pending + info.num_ack_pending as u64;
    backlog.waiting.store(waiting, Ordering::Relaxed);
    metrics::gauge!("yeyak_consumer_lag", "service" => S::NAME).set(u32::try_from(waiting).unwrap_or(u32::MAX));
    let read_until = |at: Timestamp| backlog.read_until_us.store(at.as_microsecond(), Ordering::Relaxed);
    if waiting == 0 {
        read_until(now);
        sight.horizon = None;
    } else if let Some(set) = sight.horizon {
        if info.ack_floor.stream_sequence >= set.stream_seq {
            read_until(set.at);
            sight.horizon = None;
        }
    } else {
        sight.horizon = Some(Horizon { stream_seq: end, at: now });
    }
    Ok(())
}
