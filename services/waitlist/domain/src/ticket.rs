//! A party in a line, and where it stands.

use crate::wait::Quote;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Label, OfferingId, TicketId};

/// Where a party stands. `Left`, `Cancelled` and `NoShow` never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its place in line is fixed and its seats are being asked for; past the deadline a sweep goes on.
    Joining {
        deadline: Timestamp,
    },
    Waiting,
    /// Its seats are its own until the deadline.
    Called {
        deadline: Timestamp,
    },
    Seated,
    /// Its seats are given back.
    Left,
    Cancelled,
    NoShow,
}

impl State {
    /// The word of the API and the events.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Joining { .. } => "joining",
            Self::Waiting => "waiting",
            Self::Called { .. } => "called",
            Self::Seated => "seated",
            Self::Left => "left",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// Whether others stand behind it.
    #[must_use]
    pub const fn is_queued(&self) -> bool {
        match self {
            Self::Joining { .. } | Self::Waiting => true,
            Self::Called { .. } | Self::Seated | Self::Left | Self::Cancelled | Self::NoShow => false,
        }
    }

    /// When time alone changes it.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Joining { deadline } | Self::Called { deadline } => Some(*deadline),
            Self::Waiting | Self::Seated | Self::Left | Self::Cancelled | Self::NoShow => None,
        }
    }
}

/// What happened to a ticket; each is an event of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Joined,
    Issued,
    Deferred,
    Called,
    Seated,
    Left,
    Cancelled,
    NoShow,
}

/// Who stands in which line; never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub line: OfferingId,
    pub offering_name: String,
    pub business: Label,
    /// IANA name.
    pub timezone: String,
    pub guest: Label,
    /// `ko` or `en`.
    pub language: String,
    /// 1 or more.
    pub size: i64,
    pub joined_at: Timestamp,
}

/// A ticket after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub id: TicketId,
    pub version: i64,
    pub party: Party,
    pub state: State,
    /// Its place in the line's order: who has a lower one goes first. Nobody else's business, so it has no version.
    pub place: i64,
    /// The service day of its number, or on which it joined.
    pub day: Date,
    /// Absent for a party that never had to wait.
    pub number: Option<i64>,
    pub called_at: Option<Timestamp>,
    pub seated_at: Option<Timestamp>,
    /// How often it deferred.
    pub deferrals: i64,
    /// How often a later party went before it for want of room.
    pub passes: i64,
    /// What it was told when it got its number.
    pub quote: Option<Quote>,
    /// Parties ahead of it then.
    pub quoted_ahead: i64,
}
