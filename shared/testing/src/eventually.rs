//! Waiting for a condition with a bound, instead of for a time.

use std::fmt::Debug;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// A bound for what should take moments: generous, because it is only ever used up by a failure.
pub const SOON: Duration = Duration::from_secs(30);
/// Between two looks; doubled from the first to the second.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 2..=100;

/// Asks until `condition` holds, and returns what it gave.
///
/// # Panics
/// When `bound` is over: names `what` was waited for, and what was seen last instead.
pub async fn eventually<T, E: Debug>(
    what: &str,
    bound: Duration,
    mut condition: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let deadline = Instant::now() + bound;
    let mut pause_ms = *PAUSE_MS.start();
    let mut seen = None;
    loop {
        match timeout_at(deadline, condition()).await {
            Ok(Ok(value)) => return value,
            Ok(Err(instead)) => seen = Some(instead),
            Err(_) => panic!("waited {bound:?} for {what}; the last look did not end; before it: {seen:?}"),
        }
        assert!(Instant::now() < deadline, "waited {bound:?} for {what}; seen last: {seen:?}");
        sleep(Duration::from_millis(pause_ms)).await;
        pause_ms = (pause_ms * 2).min(*PAUSE_MS.end());
    }
}

/// `seen` if it is as wanted, else as what was seen instead; for the conditions of [`eventually`].
///
/// # Errors
/// `seen` itself.
pub fn check<T>(seen: T, wanted: impl FnOnce(&T) -> bool) -> Result<T, T> {
    if wanted(&seen) { Ok(seen) } else { Err(seen) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn returns_what_was_waited_for() {
        let mut looks = 0;
        let third = eventually("the third look", SOON, async || {
            looks += 1;
            check(looks, |looks| *looks == 3)
        });
        assert_eq!(third.await, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "waited 30ms for rain; seen last: Some(\"sun\")")]
    async fn tells_what_was_seen_instead() {
        eventually("rain", Duration::from_millis(30), async || Err::<(), _>("sun")).await;
    }

    #[tokio::test]
    #[should_panic(expected = "the last look did not end")]
    async fn ends_a_look_that_hangs() {
        eventually("an answer", Duration::from_millis(30), async || std::future::pending::<Result<(), ()>>().await)
            .await;
    }
}
