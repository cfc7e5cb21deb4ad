//! Rules on the days on which a clock changes, in every zone: hours by the wall, notice by real time.

use crate::fixture::{Desk, at, days, offering, request};
use crate::rules::{is_open_each_minute, open, opening_hours};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{Opening, Rules, day_starts_at, slots_between, time_zone};
use proptest::prelude::*;
use proptest::sample::Index;
use reservation_domain::{Bookable, Offering, Taken, shown};
use std::collections::HashSet;
use std::sync::LazyLock;

/// A change of a clock from 2020 to 2040, once for all that change alike on the same days of the week.
static CHANGES: LazyLock<Vec<(TimeZone, Timestamp)>> = LazyLock::new(|| {
    let (from, to) = (at("2020-01-01T00:00:00Z"), at("2041-01-01T00:00:00Z"));
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for name in jiff::tz::db().available() {
        let Some(zone) = time_zone(name.as_str()) else { continue };
        let all: Vec<_> = zone.following(from).map(|change| change.timestamp()).take_while(|at| *at < to).collect();
        for at in all {
            let before = zone.to_offset(at - SignedDuration::from_secs(1));
            let wall = zone.to_datetime(at);
            if before != zone.to_offset(at) && seen.insert((before, zone.to_offset(at), wall.time(), wall.weekday())) {
                found.push((zone.clone(), at));
            }
        }
    }
    assert!(found.len() > 50, "{} kinds of changes", found.len());
    found
});

fn check_hours(hours: &[Opening], (zone, change): &(TimeZone, Timestamp), minutes: i64) {
    let rules = Rules { opening_hours: hours.to_vec(), ..Rules::default() };
    let office = Offering { zone: zone.clone(), rules, ..offering(1, Bookable::Slots { minutes }, 1) };
    for slot in slots_between(*change - 30.hours(), *change + 30.hours(), minutes, zone, 1_000).unwrap() {
        let start = Timestamp::from_second(slot.0).unwrap();
        let is_open = is_open_each_minute(hours, zone, start, minutes);
        let shown = shown(&office, slot, start, |_| Taken::default());
        assert_eq!(shown.removed_by.is_none(), is_open, "{start} in {zone:?} with {hours:?}");
    }
}

#[test]
fn opening_hours_are_what_the_wall_shows_on_every_odd_day() {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours = |times: &[(&str, &str)]| -> Vec<Opening> {
        days.iter().flat_map(|day| times.iter().map(|(opens, closes)| open(day, opens, closes))).collect()
    };
    for change in CHANGES.iter() {
        for times in [&[("00:00", "24:00")][..], &[("00:30", "02:15"), ("02:15", "03:30"), ("22:00", "23:30")]] {
            check_hours(&hours(times), change, 30);
        }
    }
}

proptest! {
    #[test]
    fn a_slot_is_open_if_every_minute_of_it_is(
        hours in opening_hours(), change in any::<Index>(), minutes in prop::sample::select(vec![15i64, 60, 90, 480]),
    ) {
        check_hours(&hours, change.get(&CHANGES), minutes);
    }
}

#[test]
fn notice_is_real_time_on_every_odd_day() {
    let rules = Rules { minimum_notice_minutes: Some(36 * 60), ..Rules::default() };
    for (zone, change) in CHANGES.iter() {
        let room = Offering { zone: zone.clone(), rules: rules.clone(), ..offering(1, Bookable::Nights, 9) };
        for day in (-1..3).map(|days| zone.to_datetime(*change).date() + days.days()) {
            let begins = day_starts_at(day, zone).unwrap();
            for (late, is_placed) in [(-1, true), (0, true), (1, false)] {
                let mut desk = Desk::with(std::slice::from_ref(&room));
                desk.now = begins - SignedDuration::from_hours(36) + SignedDuration::from_secs(late);
                let stay = days(&day.to_string(), &(day + 1.days()).to_string());
                assert_eq!(desk.place(request(1, &room, 1, stay)).told.is_ok(), is_placed, "{day} {late} {zone:?}");
            }
        }
    }
}
