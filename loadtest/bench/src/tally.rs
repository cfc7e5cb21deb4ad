//! What the callers and the events add up to.

use crate::board::{Accepted, Outcome, Settled};
use hdrhistogram::Histogram;
use rand::RngExt;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Digits that are kept of a latency, in microseconds.
const DIGITS: u8 = 3;
/// A longer latency counts as this one, in microseconds: ten minutes.
const LATENCY_US_MAX: u64 = 600_000_000;

/// The time that is measured; what happens before or after it counts for verification only.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub from: Instant,
    /// Open while the load goes by number of reservations.
    pub until: Option<Instant>,
}

impl Window {
    fn holds(&self, at: Instant) -> bool {
        at >= self.from && self.until.is_none_or(|until| at < until)
    }
}

/// One kind of happening, counted and timed within the window.
#[derive(Clone, Debug)]
pub struct Timed {
    latency_us: Histogram<u64>,
    last: Option<Instant>,
}

impl Timed {
    fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self { latency_us: Histogram::new_with_bounds(1, LATENCY_US_MAX, DIGITS)?, last: None })
    }

    fn record(&mut self, begun: Instant, at: Instant) {
        let us = u64::try_from(at.saturating_duration_since(begun).as_micros()).unwrap_or(u64::MAX);
        self.latency_us.saturating_record(us.max(1));
        self.last = self.last.max(Some(at));
    }

    /// Rate over `seconds` and the quantiles of the latency.
    pub fn rate(&self, seconds: f64) -> Rate {
        let ms = |us: u64| Duration::from_micros(us).as_secs_f64() * 1e3;
        let quantile = |quantile| ms(self.latency_us.value_at_quantile(quantile));
        let count = self.latency_us.len();
        Rate {
            count,
            per_second: if seconds > 0.0 { as_float(count) / seconds } else { 0.0 },
            p50_ms: quantile(0.5),
            p99_ms: quantile(0.99),
            p999_ms: quantile(0.999),
            max_ms: ms(self.latency_us.max()),
        }
    }
}

/// How often something happened, and how long it took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rate {
    pub count: u64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
}

/// Everything that was counted.
#[derive(Debug)]
pub struct Tally {
    pub window: Window,
    pub accepted: Timed,
    pub confirmed: Timed,
    /// Accepted and confirmed in all, in the window or not.
    pub accepted_all: u64,
    pub confirmed_all: u64,
    /// Ended as rejected or expired after they were accepted.
    pub fallen: u64,
    /// By status and problem type.
    pub refusals: BTreeMap<String, u64>,
    /// By fault; each was tried again under its key.
    pub faults: BTreeMap<String, u64>,
    /// Requests whose outcome never came to be known.
    pub unknown: u64,
    /// Units taken of each offering.
    pub taken: Vec<u64>,
    sample: Vec<Uuid>,
    sample_max: usize,
}

impl Tally {
    pub fn new(window: Window, offerings: usize, sample_max: usize) -> anyhow::Result<Self> {
        Ok(Self {
            window,
            accepted: Timed::new()?,
            confirmed: Timed::new()?,
            accepted_all: 0,
            confirmed_all: 0,
            fallen: 0,
            refusals: BTreeMap::new(),
            faults: BTreeMap::new(),
            unknown: 0,
            taken: vec![0; offerings],
            sample: Vec::new(),
            sample_max,
        })
    }

    /// A request was answered 201 or 202.
    pub fn accept(&mut self, id: Uuid, accepted: Accepted, at: Instant) {
        self.accepted_all += 1;
        if let Some(taken) = self.taken.get_mut(accepted.offering) {
            *taken += 1;
        }
        if self.window.holds(at) {
            self.accepted.record(accepted.begun, at);
        }
        // Every accepted reservation has the same chance to be looked at in the end.
        if self.sample.len() < self.sample_max {
            self.sample.push(id);
        } else if let Some(place) = usize::try_from(rand::rng().random_range(0..self.accepted_all)).ok()
            && let Some(kept) = self.sample.get_mut(place)
        {
            *kept = id;
        }
    }

    /// An accepted reservation ended.
    pub fn settle(&mut self, accepted: Accepted, settled: Settled) {
        match settled.outcome {
            Outcome::Confirmed => {
                self.confirmed_all += 1;
                if self.window.holds(settled.at) {
                    self.confirmed.record(accepted.begun, settled.at);
                }
            }
            Outcome::Rejected | Outcome::Expired => {
                self.fallen += 1;
                if let Some(taken) = self.taken.get_mut(accepted.offering) {
                    *taken = taken.saturating_sub(1);
                }
            }
        }
    }

    pub fn refuse(&mut self, status: u16, kind: &str) {
        *self.refusals.entry(format!("{status} {kind}")).or_default() += 1;
    }

    pub fn fail(&mut self, fault: &str) {
        *self.faults.entry(fault.to_owned()).or_default() += 1;
    }

    /// Reservations to look at: all of them, or an even choice.
    pub fn sample(&self) -> &[Uuid] {
        &self.sample
    }

    /// The measured time: the window, or until the last thing that happened in it.
    pub fn seconds(&self) -> f64 {
        let until = self.window.until.or(self.confirmed.last).or(self.accepted.last).unwrap_or(self.window.from);
        until.saturating_duration_since(self.window.from).as_secs_f64()
    }
}

/// For rates; a count beyond 2^53 would lose its last digits.
#[expect(clippy::cast_precision_loss, reason = "counts of a load test are far below 2^53")]
pub fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn tally(sample_max: usize) -> Tally {
        let from = Instant::now();
        Tally::new(Window { from, until: Some(from + 2_000 * MS) }, 2, sample_max).unwrap()
    }

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= right.abs() * 0.001
    }

    #[test]
    fn rates_and_quantiles_are_of_the_window() {
        let mut tally = tally(10_000);
        let begun = tally.window.from;
        for ms in 1..=1_000 {
            tally.accept(Uuid::from_u128(ms), Accepted { begun, offering: 0 }, begun + u32::try_from(ms).unwrap() * MS);
        }
        // One in the warm-up and one after the end are counted, not measured.
        let early = Accepted { begun: begun - 90_000 * MS, offering: 1 };
        tally.accept(Uuid::from_u128(0), early, begun - MS);
        tally.accept(Uuid::from_u128(0), early, begun + 2_000 * MS);
        let rate = tally.accepted.rate(tally.seconds());
        assert_eq!((rate.count, tally.accepted_all), (1_000, 1_002));
        assert!(close(rate.per_second, 500.0), "{rate:?}");
        let expected = [(rate.p50_ms, 500.0), (rate.p99_ms, 990.0), (rate.p999_ms, 999.0), (rate.max_ms, 1_000.0)];
        assert!(expected.iter().all(|(is, should)| close(*is, *should)), "{rate:?}");
        assert_eq!(tally.taken, [1_000, 2]);
    }

    #[test]
    fn an_open_window_ends_with_the_last_confirmation() {
        let mut tally = tally(1);
        tally.window.until = None;
        let accepted = Accepted { begun: tally.window.from, offering: 0 };
        for ms in [300, 250] {
            let settled = Settled { outcome: Outcome::Confirmed, at: tally.window.from + ms * MS };
            tally.settle(accepted, settled);
        }
        assert!(close(tally.seconds(), 0.3));
        assert!(close(tally.confirmed.rate(tally.seconds()).per_second, 2.0 / 0.3));
    }

    #[test]
    fn nothing_measured_is_no_rate() {
        let tally = tally(1);
        let rate = tally.confirmed.rate(0.0);
        assert_eq!((rate.count, rate.per_second.to_bits()), (0, 0.0_f64.to_bits()));
    }

    #[test]
    fn what_falls_gives_its_unit_back() {
        let mut tally = tally(10);
        let accepted = Accepted { begun: tally.window.from, offering: 1 };
        for id in 0..3 {
            tally.accept(Uuid::from_u128(id), accepted, tally.window.from);
        }
        for outcome in [Outcome::Confirmed, Outcome::Rejected, Outcome::Expired] {
            tally.settle(accepted, Settled { outcome, at: tally.window.from });
        }
        assert_eq!((tally.taken.as_slice(), tally.confirmed_all, tally.fallen), (&[0, 1][..], 1, 2));
    }

    #[test]
    fn the_sample_is_bounded_and_reaches_over_the_whole_run() {
        let mut tally = tally(100);
        let accepted = Accepted { begun: tally.window.from, offering: 0 };
        for id in 0..10_000 {
            tally.accept(Uuid::from_u128(id), accepted, tally.window.from);
        }
        let late = tally.sample().iter().filter(|id| id.as_u128() >= 5_000).count();
        assert_eq!(tally.sample().len(), 100);
        assert!((15..=85).contains(&late), "{late} of 100 are of the second half");
    }
}
