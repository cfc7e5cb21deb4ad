//! What reservation knows of an offering: its own copy, fed by catalog's events.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{CancellationTier, Kind, Label, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, Rules};

/// How an offering's time is cut into buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bookable {
    Nights,
    Slots {
        /// 5..=1440, a divisor of 1440.
        minutes: i64,
    },
    Seats {
        starts_at: Timestamp,
    },
    /// Its walk-in line is another service's; nothing can be reserved.
    Line,
}

impl Bookable {
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Nights => Kind::Nights,
            Self::Slots { .. } => Kind::Slots,
            Self::Seats { .. } => Kind::Seats,
            Self::Line => Kind::Line,
        }
    }
}

/// An offering at its version `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    pub id: OfferingId,
    pub version: i64,
    /// False once retired: nothing more is sold, what is sold stands.
    pub open: bool,
    pub business: Label,
    pub name: String,
    pub bookable: Bookable,
    /// Units per bucket, 0 or more.
    pub units: i64,
    pub zone: TimeZone,
    pub price: Money,
    pub payment: PaymentMode,
    pub on_payment_outage: OutagePolicy,
    pub late_money: LateMoney,
    /// How long units are held for a payment, in seconds.
    pub hold_seconds: i64,
    /// From the earliest cancel to the latest.
    pub cancellation: Vec<CancellationTier>,
    pub rules: Rules,
}

impl Offering {
    /// The zone's IANA name.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}
