//! Rules of booking: what availability shows and what placing lets through are decided by the same functions.
//!
//! A buffer is kept by letting the units of a booking rest in the slots that begin within so many real minutes of its
//! end: taken like any other, per unit, so that one count and one lock hold for both. Bookings begin on the grid,
//! therefore no booking could begin in a resting slot anyway, and two bookings of one unit are never nearer than the
//! buffer, whichever was placed first.

use crate::offering::{Bookable, Offering};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{Bucket, Opening, bucket_label, date_of_bucket, day_starts_at, slots_between};
use thiserror::Error;

/// Most slots that rest behind a booking: a day of the shortest, and one that the last hour repeats.
const RESTING_MAX: usize = 400;
const DAY_SECONDS: i64 = 86_400;

/// Which rule a booking breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RuleRefusal {
    #[error("the offering is not open for all of the bucket {bucket}")]
    OutsideOpeningHours {
        /// The first closed one, as the API writes it.
        bucket: String,
    },
    #[error("this offering is booked at least {minutes} minutes before the start")]
    TooShortNotice { minutes: i64 },
    #[error("a booking of this offering has at least {least} buckets")]
    StayTooShort { least: i64 },
    #[error("a booking of this offering has at most {most} buckets")]
    StayTooLong { most: i64 },
}

/// What takes a bucket out of sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Retired,
    OpeningHours,
    MinimumNotice,
    /// Its units are booked.
    Taken,
    /// Its units are not booked, but a booking would come too near to another one.
    Buffer,
}

impl Removal {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::OpeningHours => "opening_hours",
            Self::MinimumNotice => "minimum_notice",
            Self::Taken => "taken",
            Self::Buffer => "buffer",
        }
    }
}

/// Units of a bucket that nobody else may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub taken: i64,
    /// Part of `taken` that only rests.
    pub resting: i64,
}

/// What can be booked of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// So many units can be booked with this bucket in the span, as far as this bucket is concerned.
    pub free: i64,
    /// Why none is free.
    pub removed_by: Option<Removal>,
}

/// What can be booked of `bucket` at `now`, where `taken` says what is taken of a bucket.
///
/// A span can be booked if its length keeps the rules of stay and as many units as are wanted are shown free in each
/// of its buckets; the reverse holds as well.
pub fn shown(offering: &Offering, bucket: Bucket, now: Timestamp, taken: impl Fn(Bucket) -> Taken) -> Shown {
    let free_of = |bucket| (offering.units - taken(bucket).taken).max(0);
    let removed = if offering.open { removed_by(offering, bucket, now) } else { Some(Removal::Retired) };
    if removed.is_some() {
        return Shown { free: 0, removed_by: removed };
    }
    let free = resting(offering, bucket).into_iter().map(free_of).fold(free_of(bucket), i64::min);
    let own = taken(bucket);
    let removed_by = match free {
        0 if offering.units > own.taken - own.resting => Some(Removal::Buffer),
        0 => Some(Removal::Taken),
        _ => None,
    };
    Shown { free, removed_by }
}

/// Whether a booking of `buckets` keeps the rules.
pub(crate) fn allow(offering: &Offering, buckets: &[Bucket], now: Timestamp) -> Result<(), RuleRefusal> {
    let rules = &offering.rules;
    for bucket in buckets {
        match removed_by(offering, *bucket, now) {
            Some(Removal::OpeningHours) => {
                let bucket = bucket_label(offering.bookable.kind(), *bucket);
                return Err(RuleRefusal::OutsideOpeningHours { bucket });
            }
            Some(Removal::MinimumNotice) => {
                let minutes = rules.minimum_notice_minutes.unwrap_or(0);
                return Err(RuleRefusal::TooShortNotice { minutes });
            }
            // Units are counted where they are taken.
            Some(Removal::Retired | Removal::Taken | Removal::Buffer) | None => {}
        }
    }
    let count = i64::try_from(buckets.len()).unwrap_or(i64::MAX);
    if let Some(least) = rules.stay_min.filter(|least| count < *least) {
        return Err(RuleRefusal::StayTooShort { least });
    }
    if let Some(most) = rules.stay_max.filter(|most| count > *most) {
        return Err(RuleRefusal::StayTooLong { most });
    }
    Ok(())
}

/// The slots behind `last` in which the units of a booking rest; none where there is no buffer.
#[must_use]
pub fn resting(offering: &Offering, last: Bucket) -> Vec<Bucket> {
    let (Bookable::Slots { minutes }, Some(buffer)) = (&offering.bookable, offering.rules.buffer_minutes) else {
        return Vec::new();
    };
    let end = last.0 + minutes * 60;
    let instants = (Timestamp::from_second(end), Timestamp::from_second(end + buffer * 60));
    let (Ok(from), Ok(to)) = instants else { return Vec::new() };
    // Behind the end of the calendar nothing can be booked, so that nothing need rest there.
    slots_between(from, to, *minutes, &offering.zone, RESTING_MAX).unwrap_or_default()
}

/// The rule that keeps `bucket` from being booked at `now`, if one does.
fn removed_by(offering: &Offering, bucket: Bucket, now: Timestamp) -> Option<Removal> {
    let rules = &offering.rules;
    if let Bookable::Slots { minutes } = offering.bookable
        && !is_open(&rules.opening_hours, bucket.0, bucket.0 + minutes * 60, &offering.zone)
    {
        return Some(Removal::OpeningHours);
    }
    let notice = SignedDuration::from_mins(rules.minimum_notice_minutes?);
    let starts_at = starts_at(offering, bucket)?;
    (starts_at.duration_since(now) < notice).then_some(Removal::MinimumNotice)
}

/// When a bucket begins; a night at its local midnight, as the tiers of a cancel count it.
fn starts_at(offering: &Offering, bucket: Bucket) -> Option<Timestamp> {
    match offering.bookable {
        Bookable::Nights => day_starts_at(date_of_bucket(bucket)?, &offering.zone),
        Bookable::Slots { .. } | Bookable::Seats { .. } | Bookable::Line => Timestamp::from_second(bucket.0).ok(),
    }
}

/// Whether the local clock shows a time within the opening hours in every moment from `at` until `end` (seconds since
/// 1970): what the wall shows decides, also on a day on which it jumps.
fn is_open(opening_hours: &[Opening], mut at: i64, end: i64, zone: &TimeZone) -> bool {
    if opening_hours.is_empty() {
        return true;
    }
    while at < end {
        let Ok(moment) = Timestamp::from_second(at) else { return false };
        let wall = zone.to_datetime(moment);
        let opens = i64::from(wall.hour()) * 3600 + i64::from(wall.minute()) * 60 + i64::from(wall.second());
        // Until the clock jumps or the date turns, it runs as real time does.
        let jump = zone.following(moment).next().map_or(end, |next| next.timestamp().as_second());
        let until = end.min(jump).min(at + DAY_SECONDS - opens);
        if until <= at || !covers(opening_hours, wall.weekday(), opens, opens + until - at) {
            return false;
        }
        at = until;
    }
    true
}

/// Whether the opening hours of `day`, sorted, hold everything from `from` until `to` (seconds since midnight).
fn covers(opening_hours: &[Opening], day: jiff::civil::Weekday, from: i64, to: i64) -> bool {
    let of_day = opening_hours.iter().filter(|opening| opening.day() == day).map(Opening::seconds);
    let reached =
        of_day.fold(from, |reached, (opens, closes)| if opens <= reached { reached.max(closes) } else { reached });
    reached >= to
}
