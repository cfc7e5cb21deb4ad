//! From what a guest asks for to the buckets it takes.

use crate::offering::{Bookable, Offering};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{BUCKETS_MAX, Bucket, SpanError, day_starts_at, nights, slots};
use thiserror::Error;

/// One end of a requested span, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Day(Date),
    Instant(Timestamp),
}

/// A requested span, before it is known what the offering's kind makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanRequest {
    pub from: Option<When>,
    pub to: Option<When>,
}

/// Why a requested span cannot be one of the offering's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SpanRefusal {
    #[error("`from` and `to` are local dates, such as 2026-12-24, for this offering")]
    WantsDates,
    #[error("`from` and `to` are instants, such as 2026-12-24T09:00:00Z, for this offering")]
    WantsInstants,
    #[error("a performance is one whole: leave `from` and `to` away")]
    WantsNothing,
    #[error("a walk-in line takes no reservations; join it instead")]
    IsLine,
    #[error(transparent)]
    Span(#[from] SpanError),
}

/// What a reservation covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Nights { from: Date, to: Date },
    Slots { from: Timestamp, to: Timestamp },
    Seats { starts_at: Timestamp },
}

impl Span {
    /// The span of `offering` that `request` means, and its buckets in rising order.
    ///
    /// # Errors
    /// [`SpanRefusal`] says what the offering's kind wants instead, or which bound was passed.
    pub fn of(offering: &Offering, request: SpanRequest) -> Result<(Self, Vec<Bucket>), SpanRefusal> {
        match (&offering.bookable, request.from, request.to) {
            (Bookable::Nights, Some(When::Day(from)), Some(When::Day(to))) => {
                Ok((Self::Nights { from, to }, nights(from, to, BUCKETS_MAX)?))
            }
            (Bookable::Nights, _, _) => Err(SpanRefusal::WantsDates),
            (Bookable::Slots { minutes }, Some(When::Instant(from)), Some(When::Instant(to))) => {
                Ok((Self::Slots { from, to }, slots(from, to, *minutes, &offering.zone, BUCKETS_MAX)?))
            }
            (Bookable::Slots { .. }, _, _) => Err(SpanRefusal::WantsInstants),
            (Bookable::Seats { starts_at }, None, None) => {
                Ok((Self::Seats { starts_at: *starts_at }, vec![Bucket(starts_at.as_second())]))
            }
            (Bookable::Seats { .. }, _, _) => Err(SpanRefusal::WantsNothing),
            (Bookable::Line, _, _) => Err(SpanRefusal::IsLine),
        }
    }

    /// The instants at which it starts and ends; nights run from local midnight to local midnight.
    #[must_use]
    pub fn instants(&self, zone: &TimeZone) -> (Timestamp, Timestamp) {
        match self {
            Self::Nights { from, to } => {
                let start = day_starts_at(*from, zone).unwrap_or(Timestamp::UNIX_EPOCH);
                (start, day_starts_at(*to, zone).unwrap_or(start + SignedDuration::from_hours(24)))
            }
            Self::Slots { from, to } => (*from, *to),
            Self::Seats { starts_at } => (*starts_at, *starts_at),
        }
    }
}
