//! The shared vocabulary: ids, money, clock, time zones, spans and buckets.
#![doc = include_str!("../README.md")]

mod clock;
mod id;
mod line;
mod money;
mod policy;
mod rating;
mod rules;
mod span;
mod text;

pub use clock::Clock;
pub use id::{EventId, NAMESPACE, OfferingId, PaymentId, ReservationId, ReviewId, TicketId, derived};
pub use line::{LineError, LineRules};
pub use money::{Currency, Money, MoneyError};
pub use policy::{
    CancellationTier, Kind, LateMoney, OutagePolicy, PaymentMode, PolicyError, UnknownWord, refund_percent,
    validate_tiers,
};
pub use rating::{Rating, RatingError, Ratings};
pub use rules::{Opening, Rules, RulesError};
pub use span::{
    BUCKETS_MAX, Bucket, SpanError, YEAR_MAX, YEAR_MIN, bucket_label, date_of_bucket, day_starts_at, nights,
    parse_bucket_date, slots, slots_between, time_zone,
};
pub use text::{Label, LabelError};
