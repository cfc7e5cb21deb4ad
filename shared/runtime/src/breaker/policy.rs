//! When a breaker opens and for how long: exact counts over a window, and a back-off in milliseconds.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use failsafe::{FailurePolicy, WindowedAdder};

use super::Settings;

/// So many failures without a success between them open the breaker.
pub(super) const IN_A_ROW_MAX: u32 = 5;
/// The share of failures is looked at only from so many calls on.
const CALLS_MIN: i64 = 20;
/// The window in which calls are counted, in seconds, and the slices it moves by.
const WINDOW_SECONDS: u64 = 10;
const WINDOW_SLICES: u8 = 5;
/// Doublings after which the back-off is at its bound anyway; keeps the shift in range.
const DOUBLINGS_MAX: u32 = 20;

/// Opens at half of the calls failed or at [`IN_A_ROW_MAX`] in a row; doubles its back-off until a probe succeeds.
///
/// `failsafe`'s own policies are not used: its rate is an average weighted by time, which one failure after seven
/// quiet seconds halves, and its back-off knows whole seconds only.
pub(super) struct Policy {
    calls: WindowedAdder,
    failures: WindowedAdder,
    in_a_row: u32,
    opened: u32,
    backoff_ms_min: u64,
    backoff_ms_max: u64,
    /// The last back-off handed out, for the `Retry-After` of those who are refused meanwhile.
    backoff_ms: Arc<AtomicU64>,
}

impl Policy {
    pub(super) fn new(settings: &Settings, backoff_ms: Arc<AtomicU64>) -> Self {
        let window = Duration::from_secs(WINDOW_SECONDS);
        Self {
            calls: WindowedAdder::new(window, WINDOW_SLICES),
            failures: WindowedAdder::new(window, WINDOW_SLICES),
            in_a_row: 0,
            opened: 0,
            backoff_ms_min: settings.backoff_ms_min.max(1),
            backoff_ms_max: settings.backoff_ms_max.max(settings.backoff_ms_min).max(1),
            backoff_ms,
        }
    }

    fn is_dead(&mut self) -> bool {
        let calls = self.calls.sum();
        self.in_a_row >= IN_A_ROW_MAX || (calls >= CALLS_MIN && self.failures.sum() * 2 >= calls)
    }

    /// Half of the doubled step, and the other half by chance, so that replicas do not probe in step.
    fn next_backoff(&mut self) -> Duration {
        let step = self.backoff_ms_min.saturating_mul(1 << self.opened.min(DOUBLINGS_MAX)).min(self.backoff_ms_max);
        self.opened = self.opened.saturating_add(1);
        let milliseconds = step / 2 + rand::random_range(0..=step - step / 2);
        self.backoff_ms.store(milliseconds, Ordering::Relaxed);
        Duration::from_millis(milliseconds)
    }
}

impl FailurePolicy for Policy {
    fn record_success(&mut self) {
        self.calls.add(1);
        self.in_a_row = 0;
    }

    fn mark_dead_on_failure(&mut self) -> Option<Duration> {
        self.calls.add(1);
        self.failures.add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
        // A failed probe is always dead: the counts may have left the window while the breaker was open.
        (self.opened > 0 || self.is_dead()).then(|| self.next_backoff())
    }

    fn revived(&mut self) {
        self.calls.reset();
        self.failures.reset();
        self.in_a_row = 0;
        self.opened = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(backoff_ms_min: u64, backoff_ms_max: u64) -> Policy {
        let settings = Settings { backoff_ms_min, backoff_ms_max, ..Settings::default() };
        Policy::new(&settings, Arc::default())
    }

    #[test]
    fn half_of_twenty_is_dead_and_less_is_not() {
        let mut policy = policy(500, 2_000);
        for _ in 0..10 {
            policy.record_success();
        }
        for _ in 0..2 {
            for _ in 0..4 {
                assert_eq!(policy.mark_dead_on_failure(), None);
            }
            policy.record_success();
        }
        assert_eq!(policy.mark_dead_on_failure(), None, "9 of 21");
        for _ in 0..2 {
            assert_eq!(policy.mark_dead_on_failure(), None, "10 of 22, 11 of 23");
        }
        assert!(policy.mark_dead_on_failure().is_some(), "12 of 24");
    }

    #[test]
    fn few_calls_are_judged_by_their_row_only() {
        let mut policy = policy(500, 2_000);
        for _ in 0..4 {
            assert_eq!(policy.mark_dead_on_failure(), None);
        }
        assert!(policy.mark_dead_on_failure().is_some());
    }

    #[test]
    fn back_off_doubles_within_its_bounds_and_starts_over_once_revived() {
        let mut policy = policy(500, 2_000);
        for step in [500, 1_000, 2_000, 2_000, 2_000] {
            let backoff = policy.next_backoff().as_millis();
            assert!((step / 2..=step).contains(&backoff), "{backoff} of {step}");
        }
        policy.revived();
        assert!(policy.next_backoff().as_millis() <= 500);
    }
}
