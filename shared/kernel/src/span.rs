//! Spans of time and the buckets they cover: nights are local dates, slots are instants on a grid.

use crate::Kind;
use jiff::civil::{Date, Time, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use thiserror::Error;

/// Most buckets one booking may take.
pub const BUCKETS_MAX: usize = 400;
/// First and last year that can be booked.
pub const YEAR_MIN: i16 = 1900;
pub const YEAR_MAX: i16 = 2200;

/// The smallest span whose capacity is counted.
///
/// A night is the number of days since 1970-01-01; a slot and a performance are the seconds since then at which
/// they start. One number, so that one mechanism counts all kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bucket(pub i64);

/// What can be wrong with a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SpanError {
    #[error("the span must end after it begins")]
    Empty,
    #[error("the span covers more than {max} buckets")]
    TooLong {
        /// The bound that was passed.
        max: usize,
    },
    #[error("bookable years are {YEAR_MIN} to {YEAR_MAX}")]
    OutOfCalendar,
    #[error("the instant does not lie on the grid of slots, which begins anew at each local midnight")]
    OffGrid,
}

const EPOCH: Date = date(1970, 1, 1);

fn days_since_epoch(day: Date) -> i64 {
    i64::from(EPOCH.until(day).map_or(0, |span| span.get_days()))
}

fn in_calendar(day: Date) -> Result<Date, SpanError> {
    if (YEAR_MIN..=YEAR_MAX).contains(&day.year()) { Ok(day) } else { Err(SpanError::OutOfCalendar) }
}

/// The zone of that IANA name, from the database that is compiled in.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    // `get` also takes names in other letter cases; what is stored is compared, so only the exact name counts.
    TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name))
}

/// The nights of a stay from `from` until `to`: half-open local dates, at most `max` of them.
///
/// # Errors
/// [`SpanError::Empty`], [`SpanError::TooLong`] or [`SpanError::OutOfCalendar`].
pub fn nights(from: Date, to: Date, max: usize) -> Result<Vec<Bucket>, SpanError> {
    let (first, end) = (days_since_epoch(in_calendar(from)?), days_since_epoch(in_calendar(to)?));
    if end <= first {
        return Err(SpanError::Empty);
    }
    if usize::try_from(end - first).map_or(true, |count| count > max) {
        return Err(SpanError::TooLong { max });
    }
    Ok((first..end).map(Bucket).collect())
}

/// The slots of `minutes` from `from` until `to`, at most `max` of them; both ends must lie on the grid.
///
/// The grid begins anew at each local midnight of `zone` and counts real minutes from there, so a day of 23 or 25
/// hours has fewer or more slots, none of them twice; a last slot that would cross midnight does not exist.
///
/// # Errors
/// [`SpanError::OffGrid`] when an end lies between slots, and as [`nights`].
pub fn slots(
    from: Timestamp,
    to: Timestamp,
    minutes: i64,
    zone: &TimeZone,
    max: usize,
) -> Result<Vec<Bucket>, SpanError> {
    if to <= from {
        return Err(SpanError::Empty);
    }
    let found = slots_between(from, to, minutes, zone, max)?;
    let step = SignedDuration::from_mins(minutes);
    let starts_on_grid = found.first() == Some(&Bucket(from.as_second())) && from.subsec_nanosecond() == 0;
    let last_end =
        found.last().and_then(|slot| Timestamp::from_second(slot.0).ok()).and_then(|at| at.checked_add(step).ok());
    let ends_on_grid = last_end == Some(to) || found.len() > 1 && ends_at_midnight(last_end, to, zone);
    if starts_on_grid && ends_on_grid { Ok(found) } else { Err(SpanError::OffGrid) }
}

/// A span may also end at the midnight behind a day's last slot, where that slot ends a little before it.
fn ends_at_midnight(last_end: Option<Timestamp>, to: Timestamp, zone: &TimeZone) -> bool {
    let midnight = day_starts_at(zone.to_datetime(to).date(), zone);
    last_end.is_some_and(|end| end <= to) && midnight == Some(to)
}

/// Every slot that starts in `from..to`, at most `max`.
///
/// # Errors
/// [`SpanError::TooLong`] or [`SpanError::OutOfCalendar`].
pub fn slots_between(
    from: Timestamp,
    to: Timestamp,
    minutes: i64,
    zone: &TimeZone,
    max: usize,
) -> Result<Vec<Bucket>, SpanError> {
    let (mut day, last) = (in_calendar(zone.to_datetime(from).date())?, in_calendar(zone.to_datetime(to).date())?);
    // Where the clock was turned back over midnight, a moment that shows a date can belong to the day after it.
    let last = last.tomorrow().map_err(|_| SpanError::OutOfCalendar)?;
    let (begin, end, step) = (ceil_second(from), ceil_second(to), minutes.max(1) * 60);
    let mut found = Vec::new();
    while day <= last {
        let tomorrow = day.tomorrow().map_err(|_| SpanError::OutOfCalendar)?;
        let (Some(opens), Some(closes)) = (day_starts_at(day, zone), day_starts_at(tomorrow, zone)) else {
            return Err(SpanError::OutOfCalendar);
        };
        let (opens, closes) = (opens.as_second(), closes.as_second());
        if opens >= end {
            break;
        }
        let skipped = (begin - opens).max(0).div_euclid(step) + i64::from((begin - opens).max(0).rem_euclid(step) > 0);
        let mut at = opens + skipped * step;
        while at + step <= closes && at < end {
            if found.len() == max {
                return Err(SpanError::TooLong { max });
            }
            found.push(Bucket(at));
            at += step;
        }
        day = tomorrow;
    }
    Ok(found)
}

fn ceil_second(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

/// The first instant of a local day.
#[must_use]
pub fn day_starts_at(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight()));
    let offset = midnight.offset();
    let first = midnight.compatible().ok()?;
    match offset {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => Some(first),
        // Midnight was skipped: the day begins where the clock jumped to, which may be less than the gap behind it.
        AmbiguousOffset::Gap { .. } => {
            let just_after = first.checked_add(SignedDuration::from_secs(1)).ok()?;
            zone.preceding(just_after).next().map(|jump| jump.timestamp())
        }
    }
}

/// The local date of a night.
#[must_use]
pub fn date_of_bucket(bucket: Bucket) -> Option<Date> {
    let days = i32::try_from(bucket.0).ok()?;
    EPOCH.checked_add(days.days()).ok()
}

/// A date in the one form the API takes: `YYYY-MM-DD`.
#[must_use]
pub fn parse_bucket_date(text: &str) -> Option<Date> {
    // jiff also reads `20261224` and `2026-12-24T00:00`; one spelling is enough.
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// How a bucket is written: a date for a night, an RFC 3339 instant in UTC otherwise.
#[must_use]
pub fn bucket_label(kind: Kind, bucket: Bucket) -> String {
    match kind {
        Kind::Nights => date_of_bucket(bucket).map_or_else(|| bucket.0.to_string(), |day| day.to_string()),
        Kind::Slots | Kind::Seats | Kind::Line => {
            Timestamp::from_second(bucket.0).map_or_else(|_| bucket.0.to_string(), |at| at.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn nights_are_half_open_local_dates() {
        let stay = nights(date(2026, 12, 30), date(2027, 1, 2), BUCKETS_MAX).unwrap();
        let labels: Vec<_> = stay.iter().map(|night| bucket_label(Kind::Nights, *night)).collect();
        assert_eq!(labels, ["2026-12-30", "2026-12-31", "2027-01-01"]);
        assert_eq!(nights(date(2026, 1, 1), date(2026, 1, 1), BUCKETS_MAX), Err(SpanError::Empty));
        assert_eq!(nights(date(1899, 12, 31), date(1900, 1, 2), BUCKETS_MAX), Err(SpanError::OutOfCalendar));
        assert_eq!(
            nights(date(2026, 1, 1), date(2027, 2, 6), BUCKETS_MAX),
            Err(SpanError::TooLong { max: BUCKETS_MAX })
        );
    }

    #[test]
    fn a_slot_lies_on_the_local_grid() {
        let india = time_zone("Asia/Kolkata").unwrap();
        // 09:00 in India is 03:30 UTC: on the hourly grid there, though not in UTC.
        let found = slots(at("2026-03-01T03:30:00Z"), at("2026-03-01T05:30:00Z"), 60, &india, BUCKETS_MAX).unwrap();
        assert_eq!(found.len(), 2);
        let off = slots(at("2026-03-01T03:00:00Z"), at("2026-03-01T04:00:00Z"), 60, &india, BUCKETS_MAX);
        assert_eq!(off, Err(SpanError::OffGrid));
    }

    #[test]
    fn a_day_has_as_many_slots_as_it_has_hours() {
        let berlin = time_zone("Europe/Berlin").unwrap();
        for (day, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)] {
            let opens = day_starts_at(day.parse().unwrap(), &berlin).unwrap();
            let closes = day_starts_at(day.parse::<Date>().unwrap().tomorrow().unwrap(), &berlin).unwrap();
            assert_eq!(slots(opens, closes, 60, &berlin, BUCKETS_MAX).unwrap().len(), hours, "{day}");
        }
    }

    proptest! {
        #[test]
        fn slots_are_strictly_rising_and_never_overlap(start in 1_577_836_800i64..2_000_000_000, hours in 1i64..300, minutes in prop::sample::select(vec![5i64, 15, 30, 60, 90, 120, 1440])) {
            let zone = time_zone("America/New_York").unwrap();
            let from = Timestamp::from_second(start).unwrap();
            let to = Timestamp::from_second(start + hours * 3600).unwrap();
            let found = slots_between(from, to, minutes, &zone, 10_000).unwrap();
            prop_assert!(found.windows(2).all(|pair| pair[1].0 - pair[0].0 >= minutes * 60));
            prop_assert!(found.iter().all(|slot| (start..start + hours * 3600).contains(&slot.0)));
        }
    }
}
