//! What is going to happen, in order of time; what is due at the same instant, in order of its planning.

use jiff::Timestamp;
use kernel::TicketId;
use std::collections::BTreeMap;

/// What a guest or a host wants of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Join,
    Cancel,
    Defer,
    /// The called party is there.
    Come,
    /// The party stands up.
    Leave,
}

/// Something that is going to happen at a store.
#[derive(Clone, Debug)]
pub enum Item {
    /// The next party comes to the store.
    Arrival,
    Party {
        ticket: TicketId,
        wish: Wish,
    },
    /// The host changes something.
    Upset,
    Resume,
    /// Nobody joins any more; who is too large for the store gives up.
    Closing,
    /// A service goes down, or the database's clock jumps.
    Misfortune,
    /// A claim reaches seating, and its answer waitlist.
    Request {
        ticket: TicketId,
        claim: i64,
        is_heard: bool,
    },
    Answer {
        ticket: TicketId,
        outcome: waitlist_domain::Outcome,
    },
    /// An event reaches its reader.
    ToWaitlist(waitlist_domain::Command),
    ToSeating(seating_domain::Command),
    /// Waitlist looks for the next party and for deadlines.
    Nudge,
    Sweep,
}

/// Items by time; each belongs to a store.
#[derive(Debug, Default)]
pub struct Agenda {
    items: BTreeMap<(Timestamp, u64), (usize, Item)>,
    planned: u64,
}

impl Agenda {
    pub fn plan(&mut self, at: Timestamp, store: usize, item: Item) {
        self.planned += 1;
        self.items.insert((at, self.planned), (store, item));
    }

    pub fn next(&mut self) -> Option<(Timestamp, usize, Item)> {
        self.items.pop_first().map(|((at, _), (store, item))| (at, store, item))
    }
}
