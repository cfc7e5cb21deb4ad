//! Waiting times: what a store's last parties waited, and what the next one is told.

use std::collections::VecDeque;

/// Waits that a store remembers.
pub const WAITS_MAX: usize = 200;
/// Fewest waits from which a quote is made.
const WAITS_MIN: usize = 10;
/// What a store without history tells for each party ahead and oneself, in seconds.
const TURN_SECONDS_P50: i64 = 300;
const TURN_SECONDS_P90: i64 = 600;
/// Longest time that is told: a day.
const QUOTE_SECONDS_MAX: i64 = 86_400;

/// How long a party waited from joining to being called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Parties ahead of it when it got its number.
    pub ahead: i64,
    pub seconds: i64,
}

/// A waiting time as it is told, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    pub p50: i64,
    pub p90: i64,
}

/// The last [`WAITS_MAX`] waits, oldest first, and how the quotes given turned out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub waits: VecDeque<Wait>,
    /// Parties called within their p90.
    pub within: i64,
    /// Parties called later than that.
    pub beyond: i64,
}

impl History {
    /// What a party with so many others ahead is told.
    #[must_use]
    pub fn quote(&self, ahead: i64) -> Quote {
        let alike = self.waits.iter().filter(|wait| bucket(wait.ahead) == bucket(ahead)).map(|wait| wait.seconds);
        let in_proportion =
            || self.waits.iter().map(|wait| wait.seconds.saturating_mul(ahead + 1) / (wait.ahead + 1).max(1));
        let turns = ahead.saturating_add(1);
        let quote = of(alike.collect()).or_else(|| of(in_proportion().collect())).unwrap_or(Quote {
            p50: turns.saturating_mul(TURN_SECONDS_P50),
            p90: turns.saturating_mul(TURN_SECONDS_P90),
        });
        Quote { p50: quote.p50.min(QUOTE_SECONDS_MAX), p90: quote.p90.min(QUOTE_SECONDS_MAX) }
    }

    /// Takes in a wait and scores its quote: true if the party was called within its p90.
    pub(crate) fn learn(&mut self, wait: Wait, quote: Quote) -> bool {
        if self.waits.len() >= WAITS_MAX {
            self.waits.pop_front();
        }
        self.waits.push_back(wait);
        let within = wait.seconds <= quote.p90;
        if within {
            self.within += 1
        } else {
            self.beyond += 1
        }
        within
    }
}

/// Numbers of parties ahead that count as about the same.
const fn bucket(ahead: i64) -> u8 {
    match ahead {
        ..=0 => 0,
        1..=2 => 1,
        3..=5 => 2,
        6..=10 => 3,
        11..=20 => 4,
        21.. => 5,
    }
}

/// The p50 and p90 of enough waits, by nearest rank.
fn of(mut seconds: Vec<i64>) -> Option<Quote> {
    if seconds.len() < WAITS_MIN {
        return None;
    }
    seconds.sort_unstable();
    let rank = |percent: usize| seconds.get((seconds.len() * percent).div_ceil(100) - 1).copied();
    Some(Quote { p50: rank(50)?, p90: rank(90)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(waits: impl Iterator<Item = (i64, i64)>) -> History {
        let waits = waits.map(|(ahead, seconds)| Wait { ahead, seconds }).collect();
        History { waits, ..History::default() }
    }

    #[test]
    fn a_store_without_history_tells_turns() {
        let few = history((1..10).map(|n| (0, n)));
        for history in [History::default(), few] {
            assert_eq!(history.quote(0), Quote { p50: 300, p90: 600 });
            assert_eq!(history.quote(3), Quote { p50: 1_200, p90: 2_400 });
        }
        assert_eq!(History::default().quote(i64::MAX - 1), Quote { p50: 86_400, p90: 86_400 });
    }

    #[test]
    fn waits_with_as_many_ahead_are_ranked() {
        let both = history((1..=10).map(|n| (0, n)).chain((1..=10).map(|n| (4, n * 100))));
        assert_eq!(both.quote(0), Quote { p50: 5, p90: 9 });
        assert_eq!(both.quote(5), Quote { p50: 500, p90: 900 });
    }

    #[test]
    fn where_nobody_had_as_many_ahead_waits_count_in_proportion() {
        let short = history((1..=10).map(|n| (0, n * 60)));
        assert_eq!(short.quote(9), Quote { p50: 3_000, p90: 5_400 });
    }

    #[test]
    fn only_the_last_waits_are_remembered_and_every_quote_is_scored() {
        let mut history = History::default();
        for seconds in 0..300 {
            let within = history.learn(Wait { ahead: 0, seconds }, Quote { p50: 50, p90: 99 });
            assert_eq!(within, seconds <= 99);
        }
        assert_eq!((history.waits.len(), history.within, history.beyond), (WAITS_MAX, 100, 200));
        assert_eq!(history.waits.front().map(|wait| wait.seconds), Some(100));
    }
}
