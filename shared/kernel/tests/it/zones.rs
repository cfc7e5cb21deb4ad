//! Days, nights and slots around every change of every clock.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{BUCKETS_MAX, Bucket, bucket_label, day_starts_at, nights, slots, slots_between, time_zone};
use std::collections::HashSet;

/// Slots of these lengths are cut; 90 minutes leave something over on a day of 23 hours.
const MINUTES: [i64; 4] = [15, 60, 90, 1_440];
const DAY_HOURS: i64 = 24;

fn instant(year: i16) -> Timestamp {
    date(year, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// Each change of a clock in those years, once for all zones that change alike.
fn changes(from: i16, to: i16) -> Vec<(TimeZone, Timestamp)> {
    let (from, to) = (instant(from), instant(to));
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for name in jiff::tz::db().available() {
        let Some(zone) = time_zone(name.as_str()) else { continue };
        let all: Vec<_> = zone.following(from).map(|change| change.timestamp()).take_while(|at| *at < to).collect();
        for at in all {
            let (before, after) = (zone.to_offset(at - SignedDuration::from_secs(1)), zone.to_offset(at));
            if before != after && seen.insert((at, before, after)) {
                found.push((zone.clone(), at));
            }
        }
    }
    found
}

/// The first moment of a local day by its definition: the earliest that shows its date, or, where the whole date is
/// left out, the first of the date after it.
fn first_moment(day: Date, zone: &TimeZone) -> Timestamp {
    let utc = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let around = (utc - SignedDuration::from_hours(30), utc + SignedDuration::from_hours(30));
    let jumps: Vec<_> =
        zone.following(around.0).map(|change| change.timestamp()).take_while(|at| *at < around.1).collect();
    let offsets = jumps.iter().chain([&around.0, &around.1]).map(|at| zone.to_offset(*at));
    let midnights = offsets.map(|offset| utc - SignedDuration::from_secs(offset.seconds().into()));
    let mut moments: Vec<_> = midnights.chain(jumps.iter().copied()).collect();
    moments.sort_unstable();
    let shows = |wanted: Date| moments.iter().copied().find(|at| zone.to_datetime(*at).date() == wanted);
    shows(day).or_else(|| shows(day.tomorrow().unwrap())).unwrap()
}

fn days_around(zone: &TimeZone, change: Timestamp) -> Vec<Date> {
    let day = zone.to_datetime(change).date();
    (-2..3).map(|days| day + days.days()).collect()
}

fn starts(slots: &[Bucket]) -> Vec<i64> {
    slots.iter().map(|slot| slot.0).collect()
}

/// The slots of a day by their definition: from its first moment on, as long as a whole one fits before the next day.
fn cut(day: Date, minutes: i64, zone: &TimeZone) -> Vec<i64> {
    let (opens, closes) = (first_moment(day, zone), first_moment(day.tomorrow().unwrap(), zone));
    let step = minutes * 60;
    (0..).map(|n| opens.as_second() + n * step).take_while(|at| at + step <= closes.as_second()).collect()
}

fn check_days(from: i16, to: i16, minutes: &[i64]) {
    let changes = changes(from, to);
    assert!(changes.len() > 500, "{} changes", changes.len());
    for (zone, change) in changes {
        let days = days_around(&zone, change);
        let name = format!("{:?} at {change}", zone.iana_name());
        for day in &days {
            assert_eq!(day_starts_at(*day, &zone), Some(first_moment(*day, &zone)), "{day} of {name}");
        }
        for minutes in minutes {
            let whole: Vec<i64> = days.iter().flat_map(|day| cut(*day, *minutes, &zone)).collect();
            assert!(whole.windows(2).all(|pair| pair[1] - pair[0] >= minutes * 60), "{minutes} of {name}");
            let ends = (first_moment(days[0], &zone), first_moment(days[4].tomorrow().unwrap(), &zone));
            let asked = |from, to| slots_between(from, to, *minutes, &zone, 10_000).unwrap();
            assert_eq!(starts(&asked(ends.0, ends.1)), whole, "{minutes} of {name}");
            // However a span is asked for in parts, each slot is in one of them.
            for part in [-5_400, -1_801, -1, 0, 1, 1_799, 3_600, 9_000] {
                let at = change + SignedDuration::from_secs(part);
                let parts = [asked(ends.0, at), asked(at, ends.1)].concat();
                assert_eq!(starts(&parts), whole, "{minutes} of {name}, parted {part} s from it");
            }
        }
    }
}

#[test]
fn each_slot_belongs_to_one_day_and_none_is_lost_or_doubled() {
    check_days(2020, 2041, &MINUTES);
}

/// Clocks did odder things then: they were turned back over midnight, and forward from half an hour before it.
#[test]
fn nor_is_any_in_the_century_before() {
    check_days(1901, 2020, &[60]);
}

#[test]
fn a_day_is_booked_whole_from_its_first_moment_to_the_next_ones() {
    for (zone, change) in changes(2020, 2041) {
        for day in days_around(&zone, change) {
            let (opens, closes) = (first_moment(day, &zone), first_moment(day.tomorrow().unwrap(), &zone));
            let day_minutes = closes.duration_since(opens).as_mins();
            for minutes in MINUTES.into_iter().filter(|minutes| 2 * minutes <= day_minutes) {
                let booked = slots(opens, closes, minutes, &zone, BUCKETS_MAX);
                assert_eq!(booked.map(|found| starts(&found)), Ok(cut(day, minutes, &zone)), "{day} {zone:?}");
            }
        }
    }
}

#[test]
fn nights_are_local_dates_whatever_the_clock_does() {
    for (zone, change) in changes(2020, 2041) {
        let days = days_around(&zone, change);
        let (arrival, departure) = (days[0], days[4]);
        let stay = nights(arrival, departure, BUCKETS_MAX).unwrap();
        let dates: Vec<String> = days[..4].iter().map(ToString::to_string).collect();
        let labels: Vec<String> = stay.iter().map(|night| bucket_label(kernel::Kind::Nights, *night)).collect();
        assert_eq!(labels, dates);
        for pair in days.windows(2) {
            let (from, to) = (day_starts_at(pair[0], &zone).unwrap(), day_starts_at(pair[1], &zone).unwrap());
            let hours = to.duration_since(from).as_hours();
            assert!((DAY_HOURS - 3..=DAY_HOURS + 3).contains(&hours), "{} has {hours} h in {zone:?}", pair[0]);
        }
    }
}

#[test]
fn a_date_that_a_place_left_out_has_a_night_but_no_slot() {
    for (name, left_out) in [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Fakaofo", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
    ] {
        let zone = time_zone(name).unwrap();
        let (before, after) = (left_out.yesterday().unwrap(), left_out.tomorrow().unwrap());
        let moment = |day: Date| day_starts_at(day, &zone).unwrap();
        assert_eq!(moment(left_out), moment(after), "{name}");
        assert_eq!(nights(before, after, BUCKETS_MAX).unwrap().len(), 2);
        let hours = slots(moment(before), moment(after), 60, &zone, BUCKETS_MAX).unwrap();
        assert_eq!(hours.len(), 24, "{name}");
    }
}

#[test]
fn the_odd_ones_are_among_them() {
    let all = changes(2020, 2041);
    for (name, seconds) in [
        ("Australia/Lord_Howe", 1_800),
        ("Antarctica/Troll", 7_200),
        ("Africa/Casablanca", 3_600),
        ("Africa/Cairo", 3_600),
        ("America/Nuuk", 3_600),
    ] {
        let zone = time_zone(name).unwrap();
        let own = |(other, at): &&(TimeZone, Timestamp)| {
            let moved = |zone: &TimeZone| {
                let before = zone.to_offset(*at - SignedDuration::from_secs(1)).seconds();
                (zone.to_offset(*at).seconds() - before).abs()
            };
            moved(other) == seconds && moved(&zone) == seconds
        };
        assert!(all.iter().filter(own).count() >= 10, "{name}");
    }
}
