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
    /// Of `nights` and `slots`; absent means no rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesV1>,
    /// Of `line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineRulesV1>,
}

/// When and for how long an offering may be booked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesV1 {
    /// Of `slots`: local hours in which a whole slot must lie; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opening_hours: Vec<OpeningV1>,
    /// Real minutes between now and the start of the first bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_notice_minutes: Option<i64>,
    /// Fewest buckets of a booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_min: Option<i64>,
    /// Most buckets of a booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_max: Option<i64>,
    /// Of `slots`: real minutes that stay free between two bookings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buffer_minutes: Option<i64>,
}

/// Opening hours of one weekday; a weekday may have several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningV1 {
    /// `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub day: String,
    /// Local `HH:MM`.
    pub opens: String,
    /// Local `HH:MM`, up to `24:00`.
    pub closes: String,
}

/// How a store runs its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRulesV1 {
    /// How often a bigger party may be passed over before seats are kept for it.
    pub passes_max: i64,
    /// Minutes that a called party has to come.
    pub call_minutes: i64,
    /// How often a party may defer.
    pub deferrals_max: i64,
    /// Local `HH:MM` at which a service day begins.
    pub day_starts_at: String,
}
