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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{at, days, instants, offering};
    use kernel::{bucket_label, time_zone};

    fn in_zone(zone: &str, bookable: Bookable) -> Offering {
        Offering { zone: time_zone(zone).unwrap(), ..offering(1, bookable, 1) }
    }

    fn labels(offering: &Offering, request: SpanRequest) -> Vec<String> {
        let (_, buckets) = Span::of(offering, request).unwrap();
        buckets.iter().map(|bucket| bucket_label(offering.bookable.kind(), *bucket)).collect()
    }

    const HOURLY: Bookable = Bookable::Slots { minutes: 60 };

    #[test]
    fn a_stay_takes_each_night_until_the_day_it_leaves() {
        let room = in_zone("Asia/Seoul", Bookable::Nights);
        assert_eq!(labels(&room, days("2026-12-30", "2027-01-02")), ["2026-12-30", "2026-12-31", "2027-01-01"]);
    }

    #[test]
    fn a_performance_is_one_bucket() {
        let starts_at = at("2026-07-01T10:30:00Z");
        let musical = in_zone("Asia/Seoul", Bookable::Seats { starts_at });
        assert_eq!(labels(&musical, SpanRequest::default()), ["2026-07-01T10:30:00Z"]);
        let (span, _) = Span::of(&musical, SpanRequest::default()).unwrap();
        assert_eq!(span.instants(&musical.zone), (starts_at, starts_at));
    }

    #[test]
    fn each_kind_says_what_it_wants() {
        let (dates, hours) =
            (days("2026-06-01", "2026-06-02"), instants("2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z"));
        let starts_at = at("2026-07-01T10:30:00Z");
        let nothing = SpanRequest::default();
        let half = |request: SpanRequest| [SpanRequest { from: None, ..request }, SpanRequest { to: None, ..request }];
        let mixed = SpanRequest { from: dates.from, to: hours.to };
        for (bookable, right, wrong, refusal) in [
            (Bookable::Nights, Some(dates), vec![hours, nothing, mixed], SpanRefusal::WantsDates),
            (HOURLY, Some(hours), vec![dates, nothing, mixed], SpanRefusal::WantsInstants),
            (Bookable::Seats { starts_at }, Some(nothing), vec![dates, hours, mixed], SpanRefusal::WantsNothing),
            (Bookable::Line, None, vec![dates, hours, mixed, nothing], SpanRefusal::IsLine),
        ] {
            let offering = in_zone("Asia/Seoul", bookable);
            assert!(right.is_none_or(|request| Span::of(&offering, request).is_ok()));
            let halves = half(dates).into_iter().chain(half(hours));
            for request in wrong.into_iter().chain(halves) {
                assert_eq!(Span::of(&offering, request), Err(refusal), "{:?} {request:?}", offering.bookable);
            }
        }
    }

    #[test]
    fn bounds_of_a_span_are_refusals() {
        let room = in_zone("Asia/Seoul", Bookable::Nights);
        let office = in_zone("Asia/Seoul", HOURLY);
        for (offering, request, refusal) in [
            (&room, days("2026-06-01", "2026-06-01"), SpanError::Empty),
            (&room, days("2026-06-02", "2026-06-01"), SpanError::Empty),
            (&room, days("2026-06-01", "2027-07-07"), SpanError::TooLong { max: BUCKETS_MAX }),
            (&room, days("2200-12-31", "2201-01-01"), SpanError::OutOfCalendar),
            (&office, instants("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"), SpanError::Empty),
            (
                &office,
                instants("2026-06-01T00:00:00Z", "2026-06-17T17:00:00Z"),
                SpanError::TooLong { max: BUCKETS_MAX },
            ),
            (&office, instants("2026-06-01T00:30:00Z", "2026-06-01T01:30:00Z"), SpanError::OffGrid),
        ] {
            assert_eq!(Span::of(offering, request), Err(SpanRefusal::Span(refusal)), "{request:?}");
        }
        assert_eq!(labels(&room, days("2026-06-01", "2027-07-06")).len(), BUCKETS_MAX);
        assert_eq!(labels(&office, instants("2026-06-01T00:00:00Z", "2026-06-17T16:00:00Z")).len(), BUCKETS_MAX);
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_slots_and_one_that_never_comes_is_none() {
        let office = in_zone("Europe/Berlin", HOURLY);
        // Clocks go back at 01:00 UTC: 02:00 to 03:00 happens at 00:00 UTC and again at 01:00 UTC.
        let autumn = labels(&office, instants("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"));
        assert_eq!(autumn, ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]);
        // Clocks go forward at 01:00 UTC: 01:00 to 04:00 by the wall are two real hours.
        let spring = labels(&office, instants("2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"));
        assert_eq!(spring, ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"]);
    }

    #[test]
    fn the_grid_lies_on_local_midnight_in_half_hour_zones() {
        for (zone, on, off) in [
            ("Asia/Kolkata", "2026-06-01T03:30:00Z", "2026-06-01T03:00:00Z"),
            ("Asia/Kathmandu", "2026-06-01T03:15:00Z", "2026-06-01T03:30:00Z"),
            // Lord Howe Island moves its clocks by half an hour: the grid before and after 4 October differs.
            ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-03T14:00:00Z"),
            ("Australia/Lord_Howe", "2026-10-04T13:00:00Z", "2026-10-04T13:30:00Z"),
        ] {
            let office = in_zone(zone, HOURLY);
            let hour = |from: &str| SpanRequest {
                from: Some(When::Instant(at(from))),
                to: Some(When::Instant(at(from) + SignedDuration::from_hours(1))),
            };
            assert_eq!(labels(&office, hour(on)), [on], "{zone}");
            assert_eq!(Span::of(&office, hour(off)), Err(SpanRefusal::Span(SpanError::OffGrid)), "{zone}");
        }
    }

    #[test]
    fn nights_run_from_local_midnight_to_local_midnight() {
        for (zone, from, to, starts_at, ends_at) in [
            ("Asia/Seoul", "2026-06-01", "2026-06-02", "2026-05-31T15:00:00Z", "2026-06-01T15:00:00Z"),
            ("Europe/Berlin", "2026-03-29", "2026-03-30", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            // In Cairo that day has no midnight: it begins at 01:00.
            ("Africa/Cairo", "2026-04-24", "2026-04-25", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
        ] {
            let room = in_zone(zone, Bookable::Nights);
            let (span, _) = Span::of(&room, days(from, to)).unwrap();
            assert_eq!(span.instants(&room.zone), (at(starts_at), at(ends_at)), "{zone}");
        }
    }
}
