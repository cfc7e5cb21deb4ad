//! What `reservation` publishes: one type per transition, each with the reservation's whole public state.

use crate::wire::{MoneyV1, events};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// A transition of a reservation.
    ReservationEvent {
        /// Its units are taken until its deadline.
        Held(ReservationV1) = "reservation.held",
        Confirmed(ReservationV1) = "reservation.confirmed",
        /// Not paid; its units are free again.
        Rejected(ReservationV1) = "reservation.rejected",
        /// Its units are free again; `keep` says what the business may keep.
        Cancelled(ReservationV1) = "reservation.cancelled",
        /// Its deadline passed unpaid; its units are free again.
        Expired(ReservationV1) = "reservation.expired",
        CheckedIn(ReservationV1) = "reservation.checked-in",
        Completed(ReservationV1) = "reservation.completed",
        NoShow(ReservationV1) = "reservation.no-show",
        /// Its present state, told again for a rebuild or a new service; nothing happened.
        State(ReservationV1) = "reservation.state",
    }
);

impl ReservationEvent {
    /// The reservation, whatever happened to it.
    #[must_use]
    pub const fn reservation(&self) -> &ReservationV1 {
        match self {
            Self::Held(body)
            | Self::Confirmed(body)
            | Self::Rejected(body)
            | Self::Cancelled(body)
            | Self::Expired(body)
            | Self::CheckedIn(body)
            | Self::Completed(body)
            | Self::NoShow(body)
            | Self::State(body) => body,
        }
    }
}

/// The public state of a reservation after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationV1 {
    pub reservation_id: Uuid,
    pub version: i64,
    /// `held`, `confirmed`, `rejected`, `expired`, `cancelled`, `checked_in`, `completed` or `no_show`.
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub guest_id: String,
    /// `ko` or `en`: what the guest reads.
    pub language: String,
    /// `nights`, `slots` or `seats`.
    pub kind: String,
    pub quantity: i64,
    /// A local date (nights) or an RFC 3339 instant (slots, seats).
    pub from: String,
    /// Half-open end, as `from`; absent for seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// IANA name.
    pub timezone: String,
    pub total: MoneyV1,
    /// `prepay`, `settle_later` or `none`.
    pub payment: String,
    /// Who begins the capture: `nobody`, `by_call`, `by_event` or `by_call_then_event`.
    pub capture: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// RFC 3339, UTC: when it was placed.
    pub placed_at: String,
    /// RFC 3339, UTC: until when a held reservation waits for its payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// Minor units of `total` that the business may keep of what was captured; absent while undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<i64>,
    /// `block` when the host took the units out of sale and nobody stays there; absent for a guest's booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Why it was rejected, in a word; of a block, why the host blocks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
