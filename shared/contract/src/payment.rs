//! What `payment` publishes: each outcome of the one payment of a reservation.

use crate::wire::{MoneyV1, events};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// An outcome of a payment.
    PaymentEvent {
        Captured(PaymentV1) = "payment.captured",
        Declined(PaymentV1) = "payment.declined",
        /// Given back in part or whole: `refunded` says how much.
        Refunded(PaymentV1) = "payment.refunded",
        /// Ended before anything was charged.
        Voided(PaymentV1) = "payment.voided",
        /// Its present state, told again for a rebuild or a new service; nothing happened.
        State(PaymentV1) = "payment.state",
    }
);

impl PaymentEvent {
    /// The payment, whatever happened to it.
    #[must_use]
    pub const fn payment(&self) -> &PaymentV1 {
        match self {
            Self::Captured(body)
            | Self::Declined(body)
            | Self::Refunded(body)
            | Self::Voided(body)
            | Self::State(body) => body,
        }
    }
}

/// The public state of a payment after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentV1 {
    pub payment_id: Uuid,
    pub version: i64,
    pub reservation_id: Uuid,
    /// `requested`, `captured`, `declined`, `voided`, `refunding` or `refunded`.
    pub status: String,
    pub total: MoneyV1,
    /// Minor units captured so far.
    pub captured: i64,
    /// Minor units given back so far.
    pub refunded: i64,
    /// RFC 3339, UTC: when the money was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<String>,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
