//! What a consumer group is behind on, as those see it who wait for it.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What a consumer group is behind on.
#[derive(Debug, Default)]
pub struct Backlog {
    pub(crate) waiting: AtomicU64,
    /// Microseconds of the database's clock; 0 until known.
    pub(crate) read_until_us: AtomicI64,
}

impl Backlog {
    /// Events that wait in the stream or are being handled, as of the last look (at most 200 ms ago, while the
    /// broker answers).
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
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
