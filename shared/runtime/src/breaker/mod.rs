//! A breaker per (destination, operation): fails fast while the other side is down, probes it one call at a time.
mod policy;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use failsafe::{Instrument, StateMachine};
use tokio::sync::Semaphore;

use crate::config::Env;
use policy::Policy;

/// The header by which a proxy of the mesh says that it sent nothing, because too much was on its way already.
pub const SHED: &str = "x-envoy-overloaded";

/// The bounds of one breaker.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A call that takes longer is given up and counts as failed, in milliseconds (250).
    pub timeout_ms: u64,
    /// First back-off, in milliseconds, half of it by chance (500).
    pub backoff_ms_min: u64,
    /// Bound of the doubling back-off, in milliseconds (2,000).
    pub backoff_ms_max: u64,
    /// Calls at the same time; one more is refused at once (256).
    pub in_flight_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { timeout_ms: 250, backoff_ms_min: 500, backoff_ms_max: 2_000, in_flight_max: 256 }
    }
}

impl Settings {
    /// Reads `<prefix>_TIMEOUT_MS`, `<prefix>_BACKOFF_MS_MIN`, `<prefix>_BACKOFF_MS_MAX` and `<prefix>_IN_FLIGHT_MAX`.
    pub fn read(env: &Env, prefix: &str) -> Self {
        let default = Self::default();
        let milliseconds = |name: &str, value| env.within(&format!("{prefix}_{name}"), value, 1..=600_000);
        Self {
            timeout_ms: milliseconds("TIMEOUT_MS", default.timeout_ms),
            backoff_ms_min: milliseconds("BACKOFF_MS_MIN", default.backoff_ms_min),
            backoff_ms_max: milliseconds("BACKOFF_MS_MAX", default.backoff_ms_max),
            in_flight_max: env.within(&format!("{prefix}_IN_FLIGHT_MAX"), default.in_flight_max, 1..=65_536),
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected<E> {
    /// The breaker is open, or half-open with its probe still out: nothing was sent.
    #[error("breaker open, try again in {retry_after_ms} ms")]
    Open {
        /// When the next probe may be let through, in milliseconds from now; at least 1.
        retry_after_ms: u64,
    },
    /// [`Settings::in_flight_max`] calls are out: nothing was sent.
    #[error("too many calls in flight")]
    Full,
    /// No answer within [`Settings::timeout_ms`]: whether the call had an effect is unknown.
    #[error("no answer in time")]
    Timeout,
    /// The call failed by itself.
    #[error(transparent)]
    Inner(E),
}

/// The state of a breaker; the numbers are those of the gauge `yeyak_breaker_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Calls go through.
    Closed = 0,
    /// One call at a time goes through, to see whether the other side is back.
    HalfOpen = 1,
    /// Nothing goes through until the back-off is over.
    Open = 2,
}

/// A breaker with a bulkhead. Share it by reference or `Arc`; one per (destination, operation) and process.
pub struct Breaker {
    settings: Settings,
    machine: StateMachine<Policy, Told>,
    watch: Arc<Watch>,
    in_flight: Semaphore,
    probe: Semaphore,
}

impl Breaker {
    /// A closed breaker; `name` is its label in the metrics.
    #[must_use]
    pub fn new(name: &'static str, settings: Settings) -> Self {
        let watch = Arc::new(Watch::new(name));
        // An alert must not miss the first of them: what begins at one has not risen.
        for reason in ["full", "open"] {
            watch.rejections(reason).increment(0);
        }
        let policy = Policy::new(&settings, Arc::clone(&watch.backoff_ms));
        Self {
            settings,
            machine: StateMachine::new(policy, Told(Arc::clone(&watch))),
            watch,
            in_flight: Semaphore::new(settings.in_flight_max),
            probe: Semaphore::new(1),
        }
    }

    /// Makes the call, unless the breaker or the bulkhead refuse it. A future that is dropped half-way counts as nothing.
    ///
    /// # Errors
    /// See [`Rejected`]. Only `Timeout` and `Inner` count against the destination: a business refusal (402, 409)
    /// is an answer, so the future must give it as an `Ok` value; so is a refusal that carries [`SHED`].
    pub async fn call<T, E>(&self, future: impl Future<Output = Result<T, E>>) -> Result<T, Rejected<E>> {
        let Ok(_in_flight) = self.in_flight.try_acquire() else {
            self.watch.count_rejection("full");
            return Err(Rejected::Full);
        };
        // failsafe lets everything through once it is half-open; only who holds this permit may ask it then.
        let _probe = match self.state() {
            State::Closed => None,
            State::HalfOpen | State::Open => Some(self.probe.try_acquire().map_err(|_| self.open())?),
        };
        if !self.machine.is_call_permitted() {
            return Err(self.open());
        }
        let period = self.watch.period.load(Ordering::Acquire);
        // Inside: a call that is given up outside of the breaker would never be counted.
        let answer = tokio::time::timeout(Duration::from_millis(self.settings.timeout_ms), future).await;
        let result = match answer {
            Ok(result) => result.map_err(Rejected::Inner),
            Err(_) => Err(Rejected::Timeout),
        };
        // A slow call from before the breaker opened says nothing about the destination now; only the probe does.
        if period == self.watch.period.load(Ordering::Acquire) {
            if result.is_ok() { self.machine.on_success() } else { self.machine.on_error() }
        }
        result
    }

    /// The state now. An open breaker turns half-open only by the next call.
    pub fn state(&self) -> State {
        match self.watch.state.load(Ordering::Acquire) {
            0 => State::Closed,
            1 => State::HalfOpen,
            _ => State::Open,
        }
    }

    /// Whether a call would be refused at this moment, so that work which only leads to it need not begin.
    #[must_use]
    pub fn refuses(&self) -> bool {
        let waits = self.watch.open_until_ms.load(Ordering::Relaxed) > self.watch.elapsed_ms();
        match self.state() {
            State::Closed => self.in_flight.available_permits() == 0,
            State::HalfOpen => self.probe.available_permits() == 0,
            State::Open => waits || self.probe.available_permits() == 0,
        }
    }

    fn open<E>(&self) -> Rejected<E> {
        self.watch.count_rejection("open");
        Rejected::Open { retry_after_ms: self.watch.retry_after_ms() }
    }
}

/// What failsafe tells us about its state, which it does not let us ask.
struct Watch {
    name: &'static str,
    made_at: Instant,
    state: AtomicU8,
    /// Counts the changes of state, so that a call knows whether it began in another one.
    period: AtomicU64,
    backoff_ms: Arc<AtomicU64>,
    /// End of the back-off, in milliseconds since `made_at`.
    open_until_ms: AtomicU64,
}

impl Watch {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            made_at: Instant::now(),
            state: AtomicU8::new(State::Closed as u8),
            period: AtomicU64::new(0),
            backoff_ms: Arc::default(),
            open_until_ms: AtomicU64::new(0),
        }
    }

    /// Answers the state before.
    fn enter(&self, state: State) -> u8 {
        let before = self.state.swap(state as u8, Ordering::AcqRel);
        self.period.fetch_add(1, Ordering::AcqRel);
        metrics::gauge!("yeyak_breaker_state", "name" => self.name).set(state as u8);
        before
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.made_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn retry_after_ms(&self) -> u64 {
        self.open_until_ms.load(Ordering::Relaxed).saturating_sub(self.elapsed_ms()).max(1)
    }

    fn count_rejection(&self, reason: &'static str) {
        self.rejections(reason).increment(1);
    }

    fn rejections(&self, reason: &'static str) -> metrics::Counter {
        metrics::counter!("yeyak_breaker_rejected_total", "name" => self.name, "reason" => reason)
    }
}

/// failsafe owns its instrument, and the breaker reads the same watch.
struct Told(Arc<Watch>);

impl Instrument for Told {
    // Counted where the call is refused, because most refusals never reach failsafe.
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        let backoff_ms = self.0.backoff_ms.load(Ordering::Relaxed);
        self.0.open_until_ms.store(self.0.elapsed_ms() + backoff_ms, Ordering::Relaxed);
        self.0.enter(State::Open);
        tracing::warn!(breaker = self.0.name, backoff_ms, "breaker opened");
    }

    fn on_half_open(&self) {
        self.0.enter(State::HalfOpen);
    }

    fn on_closed(&self) {
        // A new breaker says this too, and that is no news.
        if self.0.enter(State::Closed) != State::Closed as u8 {
            tracing::info!(breaker = self.0.name, "breaker closed");
        }
    }
}
