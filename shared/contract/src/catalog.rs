//! What `catalog` publishes: every change of an offering, with its whole public state.

use crate::wire::{MoneyV1, TierV1, events};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// A change of an offering.
    CatalogEvent {
        /// It can be booked from now on.
        Published(OfferingV1) = "catalog.published",
        /// Its owner changed it.
        Changed(OfferingV1) = "catalog.changed",
        /// It cannot be booked any more; what is booked stays.
        Retired(OfferingV1) = "catalog.retired",
        /// Its present state, told again for a rebuild or a new service; nothing happened.
        State(OfferingV1) = "catalog.state",
    }
);

impl CatalogEvent {
    /// The offering, whatever happened to it.
    #[must_use]
    pub const fn offering(&self) -> &OfferingV1 {
        match self {
            Self::Published(body) | Self::Changed(body) | Self::Retired(body) | Self::State(body) => body,
        }
    }
}

/// The public state of an offering after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferingV1 {
    pub offering_id: Uuid,
    pub version: i64,
    /// `open` or `retired`.
    pub status: String,
    pub business: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// `nights`, `slots`, `seats` or `line`.
    pub kind: String,
    pub units: i64,
    /// IANA name.
    pub timezone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_minutes: Option<i64>,
    /// RFC 3339, UTC; of `seats`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    pub price: MoneyV1,
    /// `prepay`, `settle_later` or `none`.
    pub payment: String,
    /// `refuse` or `defer`.
    pub on_payment_outage: String,
    /// `refund` or `honour_if_free`.
    pub late_money: String,
    /// Seconds that units are held for a payment.
    pub hold_seconds: i64,
    /// From the earliest cancel to the latest.
    pub cancellation: Vec<TierV1>,
}
