//! A store's line: what catalog says of the store, what seating says of its floor, and the one claim that is out.

use crate::day::service_day;
use crate::wait::History;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, OfferingId, TicketId};

/// A party that joins has its outcome by then, or a sweep goes on.
pub const JOIN_SECONDS: i64 = 5;
/// Whoever asks for seats has the claim for so long; another may take it up afterwards.
pub const CLAIM_SECONDS: i64 = 2;
/// An unanswered claim is repeated, and a lost nudge made up for, after so long.
pub const RETRY_SECONDS: i64 = 1;
/// The party in front is claimed for that often, whatever is known of free seats: a hint may be wrong, but not for ever.
pub const PROBE_SECONDS: i64 = 10;

/// How a store runs its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How often a bigger party is passed over, 0 or more.
    pub passes_max: i64,
    /// How long a called party has to come, in minutes, 1 or more.
    pub call_minutes: i64,
    /// How often a party may defer, 0 or more.
    pub deferrals_max: i64,
    /// Local time at which a service day begins.
    pub day_starts_at: Time,
}

impl Default for Rules {
    fn default() -> Self {
        Self { passes_max: 3, call_minutes: 5, deferrals_max: 2, day_starts_at: Time::constant(5, 0, 0, 0) }
    }
}

/// A store at catalog's version `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    pub id: OfferingId,
    pub version: i64,
    /// False once retired: nobody joins any more, who waits is served.
    pub open: bool,
    pub business: Label,
    pub name: String,
    /// Seats in the store.
    pub units: i64,
    pub zone: TimeZone,
    pub rules: Rules,
}

impl Shop {
    /// The zone's IANA name.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// Free seats as seating told them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    pub free: i64,
    /// Counts the changes of the floor; 0 where an answer did not say.
    pub version: i64,
}

/// Seats that are being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub ticket: TicketId,
    /// Until then only its owner asks.
    pub due: Timestamp,
}

/// What happened to a line; each is an event of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineTransition {
    Paused,
    Resumed,
}

/// A line after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counts pauses and resumptions.
    pub version: i64,
    pub shop: Shop,
    pub paused: bool,
    /// The service day of the last number.
    pub day: Option<Date>,
    /// The last number given on that day.
    pub last_number: i64,
    /// The last place given.
    pub last_place: i64,
    /// What seating last told; all seats count as free until it did.
    pub floor: Option<Floor>,
    pub claim: Option<Claim>,
    /// How many were given out: the number of the one that is out, if one is, and of the last one, if none is.
    pub claims: i64,
    /// When a sweep should look for the next party; none while nobody is queued.
    pub look_due: Option<Timestamp>,
    /// When the party in front is claimed for, whatever is known of free seats.
    pub probe_due: Timestamp,
    pub history: History,
}

impl Line {
    /// The line of a store that was just heard of.
    #[must_use]
    pub fn of(shop: Shop) -> Self {
        Self {
            version: 0,
            shop,
            paused: false,
            day: None,
            last_number: 0,
            last_place: 0,
            floor: None,
            claim: None,
            claims: 0,
            look_due: None,
            probe_due: Timestamp::UNIX_EPOCH,
            history: History::default(),
        }
    }

    #[must_use]
    pub const fn id(&self) -> OfferingId {
        self.shop.id
    }

    /// `open`, `paused` or `retired`.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match (self.shop.open, self.paused) {
            (false, _) => "retired",
            (true, true) => "paused",
            (true, false) => "open",
        }
    }

    /// Seats that are free, as far as is known.
    #[must_use]
    pub fn free(&self) -> i64 {
        self.floor.map_or(self.shop.units, |floor| floor.free)
    }

    /// Takes over a newer state of the store, and guesses what its units mean for free seats.
    pub(crate) fn adopt(&mut self, shop: &Shop) {
        if let Some(floor) = &mut self.floor {
            floor.free = floor.free.saturating_add(shop.units - self.shop.units).max(0);
        }
        self.shop = shop.clone();
    }

    /// Takes over what seating told, if it is newer.
    pub(crate) fn hear(&mut self, told: Floor, now: Timestamp) {
        if self.floor.is_none_or(|known| known.version < told.version) {
            self.floor = Some(told);
        }
        self.probe_due = now + SignedDuration::from_secs(PROBE_SECONDS);
    }

    /// Takes over that a party of `size` found no room. It does not fit, whatever else the answer says, so that it is not
    /// asked for in a circle; an answer without a version can only lower what is known.
    pub(crate) fn hear_no_room(&mut self, size: i64, told: Floor, now: Timestamp) {
        let (known, version) = (self.free(), self.floor.map_or(0, |floor| floor.version));
        let free = if told.version == 0 { known.min(told.free) } else { told.free };
        if told.version == 0 || told.version >= version {
            self.floor = Some(Floor { free: free.min(size - 1).max(0), version: told.version.max(version) });
        }
        self.probe_due = now + SignedDuration::from_secs(PROBE_SECONDS);
    }

    /// Gives out the claim, under a number of its own also where one is taken up: seating decides each number once, and
    /// none below one that it has decided.
    pub(crate) fn claim_for(&mut self, ticket: TicketId, now: Timestamp) {
        self.claims += 1;
        self.claim = Some(Claim { ticket, due: now + SignedDuration::from_secs(CLAIM_SECONDS) });
    }

    pub(crate) fn is_claiming(&self, ticket: TicketId) -> bool {
        self.claim.is_some_and(|claim| claim.ticket == ticket)
    }

    /// The next number: 1 on a new service day. A day never goes back, whatever zone or clock the store is given.
    pub(crate) fn number(&mut self, now: Timestamp) -> (Date, i64) {
        let today = self.today(now);
        if self.day != Some(today) {
            (self.day, self.last_number) = (Some(today), 0);
        }
        self.last_number += 1;
        (today, self.last_number)
    }

    /// The service day at `now`.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Date {
        let today = service_day(now, &self.shop.zone, self.shop.rules.day_starts_at);
        self.day.map_or(today, |day| day.max(today))
    }
}
