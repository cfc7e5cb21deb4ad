//! What `seating` publishes: seats of a store taken by a party, and seats given back.

use crate::wire::events;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// A change of who owns seats.
    SeatingEvent {
        /// The party owns seats from now on.
        PartySeated(PartyV1) = "seating.party-seated",
        /// The party owns none any more: it left, or its claim was released.
        SeatsFreed(PartyV1) = "seating.seats-freed",
        /// A party's present state, told again for a rebuild or a new service; nothing happened.
        State(PartyV1) = "seating.state",
    }
);

impl SeatingEvent {
    /// The party, whatever happened to it.
    #[must_use]
    pub const fn party(&self) -> &PartyV1 {
        match self {
            Self::PartySeated(body) | Self::SeatsFreed(body) | Self::State(body) => body,
        }
    }
}

/// The public state of a party at a store after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyV1 {
    pub ticket_id: Uuid,
    /// 1 when it claimed its seats, 2 when they are free again.
    pub version: i64,
    /// `seated`, `left` (it stood up) or `released` (its ticket ended before it sat).
    pub status: String,
    pub offering_id: Uuid,
    /// Seats it owns, or owned.
    pub party_size: i64,
    /// Seats free in the store after this change.
    pub free: i64,
    /// Counts the changes of the store's floor, so that the newest `free` can be told.
    pub floor_version: i64,
}
