//! A party on a floor.

use jiff::Timestamp;
use kernel::{OfferingId, TicketId};

/// Where a party stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It owns its seats, called or sitting.
    Seated,
    /// It stood up.
    Left,
    /// Its ticket ended before it sat; the seats are free again.
    Released,
    /// Its ticket ended before its claim came: it never owned seats and never will.
    Barred,
}

impl State {
    /// The status word of the wire.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Seated => "seated",
            Self::Left => "left",
            Self::Released | Self::Barred => "released",
        }
    }
}

/// A party of a ticket; there is one per ticket, at one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub ticket: TicketId,
    pub offering: OfferingId,
    /// Seats it owns, or owned.
    pub party_size: i64,
    /// When it claimed them; of a barred party, when its ticket's end was heard of.
    pub since: Timestamp,
    pub state: State,
}

impl Party {
    /// Counts its changes: 1 when it claimed its seats, 2 when they were free again, 0 if it never had any.
    #[must_use]
    pub const fn version(&self) -> i64 {
        match self.state {
            State::Barred => 0,
            State::Seated => 1,
            State::Left | State::Released => 2,
        }
    }
}

/// A party, and its store's floor after that party's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub party: Party,
    pub free: i64,
    pub floor_version: i64,
}

/// What happened to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Seated,
    Freed,
}
