//! What `waitlist` publishes: each transition of a party in a line, and whether the line takes parties.

use crate::wire::events;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// A transition of a ticket or of a line.
    WaitlistEvent {
        /// A party stands in line; its seats are being asked for.
        Joined(TicketV1) = "waitlist.joined",
        /// It has a number and waits.
        Issued(TicketV1) = "waitlist.issued",
        /// It let others go first.
        Deferred(TicketV1) = "waitlist.deferred",
        /// Its seats are kept until its call deadline.
        Called(TicketV1) = "waitlist.called",
        Seated(TicketV1) = "waitlist.seated",
        /// It was seated and has gone.
        Left(TicketV1) = "waitlist.left",
        Cancelled(TicketV1) = "waitlist.cancelled",
        /// It was called and did not come.
        NoShow(TicketV1) = "waitlist.no-show",
        /// A ticket's present state, told again for a rebuild or a new service; nothing happened.
        State(TicketV1) = "waitlist.state",
        /// The line gives no numbers from now on.
        LinePaused(LineV1) = "waitlist.line-paused",
        LineResumed(LineV1) = "waitlist.line-resumed",
        /// A line's present state, told again for a rebuild or a new service; nothing happened.
        LineState(LineV1) = "waitlist.line-state",
    }
);

/// The public state of a ticket after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketV1 {
    pub ticket_id: Uuid,
    pub version: i64,
    /// `joining`, `waiting`, `called`, `seated`, `left`, `cancelled` or `no_show`.
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub guest_id: String,
    /// `ko` or `en`: what the guest reads.
    pub language: String,
    pub party_size: i64,
    /// 1, 2, 3 … per store and service day; absent for a party that was seated at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The store's local date on which the service day began.
    pub service_day: String,
    /// IANA name.
    pub timezone: String,
    /// RFC 3339, UTC.
    pub joined_at: String,
    /// RFC 3339, UTC: when it was called last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<String>,
    /// RFC 3339, UTC: until when a called party's seats are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_deadline: Option<String>,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seated_at: Option<String>,
    /// How often it deferred.
    pub deferrals: i64,
    /// How often a later party was called before it, for want of room.
    pub passes: i64,
    /// The waiting time that the party was told, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<QuoteV1>,
}

/// A waiting time as it was told, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteV1 {
    pub p50: i64,
    pub p90: i64,
}

/// The public state of a line after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineV1 {
    pub offering_id: Uuid,
    pub version: i64,
    pub business: String,
    /// `open` or `paused`.
    pub status: String,
}
