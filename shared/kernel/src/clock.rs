//! The one place that reads the host's clock.

use jiff::{SignedDuration, Timestamp};

/// The host's clock, shifted by a fixed offset (zero outside tests).
///
/// Deadlines, leases and keys follow the *database's* clock; this one serves SQLite, whose clock is the host's,
/// and whatever is not decided upon. Tests give two replicas clocks ten minutes apart through [`Clock::shifted`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far ahead of the host this clock runs; negative when it lags.
    offset: SignedDuration,
}

impl Clock {
    /// The host's own clock.
    #[must_use]
    pub const fn system() -> Self {
        Self { offset: SignedDuration::ZERO }
    }

    /// A clock that runs `offset` ahead of the host's.
    #[must_use]
    pub const fn shifted(offset: SignedDuration) -> Self {
        Self { offset }
    }

    /// The present moment, UTC, in whole microseconds: what a database stores comes back as it was told.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock everybody else is handed")]
    pub fn now(&self) -> Timestamp {
        let host = Timestamp::now();
        let shifted = host.checked_add(self.offset).unwrap_or(host);
        Timestamp::from_microsecond(shifted.as_microsecond()).unwrap_or(shifted)
    }
}
