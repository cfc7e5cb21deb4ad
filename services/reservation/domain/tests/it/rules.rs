//! What availability shows can be booked, what can be booked is shown, and each rule means what it says.

use crate::fixture::{Desk, at, case, days, offering, request};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{Bucket, Opening, Rules, slots_between, time_zone};
use proptest::prelude::*;
use proptest::sample::select;
use reservation_domain::{
    Bookable, Command, Offering, Place, Purpose, Refusal, Removal, Reservation, RuleRefusal, Shown, Span, SpanRequest,
    State, Taken, When, shown,
};

const ZONES: [&str; 4] = ["Asia/Seoul", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"];

pub fn open(day: &str, opens: &str, closes: &str) -> Opening {
    Opening::parse(day, opens, closes).unwrap()
}

pub fn opening_hours() -> impl Strategy<Value = Vec<Opening>> {
    let day = select(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let hours = select(vec![("00:00", "24:00"), ("09:00", "12:00"), ("12:00", "18:30"), ("01:30", "03:00")]);
    prop::collection::vec((day, hours).prop_map(|(day, (opens, closes))| open(day, opens, closes)), 0..12).prop_map(
        |mut hours| {
            hours.sort_by_key(|opening| (opening.day().to_monday_zero_offset(), opening.seconds()));
            hours.dedup();
            hours
        },
    )
}

fn rules() -> impl Strategy<Value = Rules> {
    let stay = (prop::option::of(1i64..4), prop::option::of(2i64..6));
    let minutes = (prop::option::of(0i64..3_000), prop::option::of(select(vec![0i64, 10, 60, 61, 150])));
    (opening_hours(), minutes, stay).prop_map(
        |(opening_hours, (minimum_notice_minutes, buffer_minutes), (stay_min, stay_max))| Rules {
            opening_hours,
            minimum_notice_minutes,
            stay_min,
            stay_max,
            buffer_minutes,
        },
    )
}

/// An office or a hotel, on days around the end of summer time.
fn ruled() -> impl Strategy<Value = Offering> {
    let bookable = select(vec![Bookable::Nights, Bookable::Slots { minutes: 30 }, Bookable::Slots { minutes: 60 }]);
    (bookable, 0i64..4, select(ZONES.to_vec()), rules(), prop::bool::weighted(0.9)).prop_map(
        |(bookable, units, zone, rules, open)| {
            let rules = match bookable {
                Bookable::Nights => Rules { opening_hours: Vec::new(), buffer_minutes: None, ..rules },
                Bookable::Slots { .. } | Bookable::Seats { .. } | Bookable::Line => rules,
            };
            Offering { zone: time_zone(zone).unwrap(), rules, open, ..offering(1, bookable, units) }
        },
    )
}

/// A span of so many buckets, the first of them so many after the opening of the desk.
fn span(offering: &Offering, first: i64, length: i64) -> SpanRequest {
    match offering.bookable {
        Bookable::Slots { minutes } => {
            let from = at("2026-10-24T12:00:00Z");
            let grid = slots_between(from, from + 200.hours(), minutes, &offering.zone, 1_000).unwrap();
            let slot = |number: i64| Timestamp::from_second(grid[usize::try_from(number).unwrap()].0).unwrap();
            SpanRequest { from: Some(When::Instant(slot(first))), to: Some(When::Instant(slot(first + length))) }
        }
        Bookable::Nights | Bookable::Seats { .. } | Bookable::Line => {
            let from = jiff::civil::date(2026, 10, 20) + first.days();
            days(&from.to_string(), &(from + length.days()).to_string())
        }
    }
}

fn wishes() -> impl Strategy<Value = Vec<(i64, i64, i64, u8)>> {
    prop::collection::vec((0i64..60, 1i64..7, 1i64..3, 0u8..6), 1..40)
}

fn taken(desk: &Desk, offering: &Offering, bucket: Bucket) -> Taken {
    let count = |part: fn(&Reservation) -> &[Bucket]| {
        let live = (1..=40).filter_map(|number| desk.working.reservation(case(number)));
        let of = live.filter(|known| known.state.holds_units() && part(known).contains(&bucket));
        of.map(|known| known.booking.quantity).sum::<i64>()
    };
    let resting = count(|known| &known.booking.resting);
    assert_eq!(desk.working.allotments.taken(offering.id, bucket), resting + count(|known| &known.booking.buckets));
    Taken { taken: desk.working.allotments.taken(offering.id, bucket), resting }
}

/// Whether availability calls the span bookable.
fn is_shown(desk: &Desk, offering: &Offering, span: SpanRequest, quantity: i64) -> bool {
    let Ok((_, buckets)) = Span::of(offering, span) else { return false };
    let count = i64::try_from(buckets.len()).unwrap();
    let fits = offering.rules.stay_min.is_none_or(|least| count >= least)
        && offering.rules.stay_max.is_none_or(|most| count <= most);
    fits && buckets.iter().all(|bucket| {
        let Shown { free, removed_by } = shown(offering, *bucket, desk.now, |bucket| taken(desk, offering, bucket));
        assert_eq!(free == 0, removed_by.is_some());
        free >= quantity
    })
}

/// Gives each booking units of its own, the first that have rested long enough.
fn keeps_the_distance(desk: &Desk, offering: &Offering) -> bool {
    let buffer = SignedDuration::from_mins(offering.rules.buffer_minutes.unwrap_or(0));
    let known = (1..=40).filter_map(|number| desk.working.reservation(case(number)));
    let mut live: Vec<_> = known.filter(|known| known.state.holds_units()).map(|known| &known.booking).collect();
    live.sort_by_key(|booking| booking.starts_at);
    let mut free_from = vec![Timestamp::MIN; usize::try_from(offering.units).unwrap()];
    live.iter().all(|booking| {
        (0..booking.quantity).all(|_| {
            let unit = free_from.iter_mut().find(|free_from| **free_from <= booking.starts_at);
            unit.map(|free_from| *free_from = booking.ends_at + buffer).is_some()
        })
    })
}

/// Whether every minute of a slot shows a time within the hours.
pub fn is_open_each_minute(hours: &[Opening], zone: &TimeZone, start: Timestamp, minutes: i64) -> bool {
    hours.is_empty()
        || (0..minutes).all(|minute| {
            let wall = zone.to_datetime(start + minute.minutes());
            let second = wall.time().duration_since(time(0, 0, 0, 0)).as_secs();
            hours.iter().any(|open| {
                let (opens, closes) = open.seconds();
                open.day() == wall.weekday() && (opens..closes).contains(&second)
            })
        })
}

proptest! {
    #[test]
    fn what_is_shown_can_be_booked_and_what_can_be_booked_is_shown(offering in ruled(), wishes in wishes()) {
        let mut desk = Desk::with(std::slice::from_ref(&offering));
        desk.now = at("2026-10-23T23:17:05Z");
        for (number, (first, length, quantity, then)) in (1u128..).zip(wishes) {
            let span = span(&offering, first, length);
            let is_shown = is_shown(&desk, &offering, span, quantity);
            let decision = desk.place(request(number, &offering, quantity, span));
            prop_assert_eq!(is_shown, decision.told.is_ok(), "{:?} of {:?}", decision.told, span);
            if then == 0 {
                desk.run(&Command::Cancel { reservation: case(number) });
            }
            prop_assert!(keeps_the_distance(&desk, &offering));
        }
    }
}

/// An office in Seoul, in slots of an hour, where it is 09:00 at midnight UTC.
fn office(rules: Rules) -> Offering {
    Offering { rules, ..offering(1, Bookable::Slots { minutes: 60 }, 1) }
}

fn refused(desk: &mut Desk, offering: &Offering, span: SpanRequest) -> Refusal {
    let before = desk.working.clone();
    let refusal = desk.place(request(99, offering, 1, span)).told.unwrap_err();
    assert_eq!(desk.working, before);
    refusal
}

fn hours(from: i64, to: i64) -> SpanRequest {
    let hour = |hour: i64| Some(When::Instant(at("2026-06-01T00:00:00Z") + hour.hours()));
    SpanRequest { from: hour(from), to: hour(to) }
}

#[test]
fn each_rule_refuses_by_its_name() {
    let monday = Rules { opening_hours: vec![open("mon", "09:00", "18:00")], ..Rules::default() };
    let closed = |bucket: &str| RuleRefusal::OutsideOpeningHours { bucket: bucket.to_owned() };
    let notice = Rules { minimum_notice_minutes: Some(61), ..Rules::default() };
    let stay = Rules { stay_min: Some(2), stay_max: Some(3), ..Rules::default() };
    for (rules, span, refusal) in [
        (&monday, hours(0, 9), None),
        (&monday, hours(-1, 2), Some(closed("2026-05-31T23:00:00Z"))),
        (&monday, hours(0, 10), Some(closed("2026-06-01T09:00:00Z"))),
        (&monday, hours(24, 25), Some(closed("2026-06-02T00:00:00Z"))),
        (&notice, hours(2, 3), None),
        (&notice, hours(1, 2), Some(RuleRefusal::TooShortNotice { minutes: 61 })),
        (&notice, hours(-30, -29), Some(RuleRefusal::TooShortNotice { minutes: 61 })),
        (&stay, hours(0, 1), Some(RuleRefusal::StayTooShort { least: 2 })),
        (&stay, hours(0, 2), None),
        (&stay, hours(-40, -37), None),
        (&stay, hours(0, 4), Some(RuleRefusal::StayTooLong { most: 3 })),
    ] {
        let office = office(rules.clone());
        let mut desk = Desk::with(std::slice::from_ref(&office));
        match refusal {
            Some(refusal) => assert_eq!(refused(&mut desk, &office, span), Refusal::Rule(refusal)),
            None => assert!(desk.place(request(1, &office, 1, span)).told.is_ok(), "{span:?}"),
        }
    }
}

#[test]
fn notice_is_real_time_before_the_local_midnight_of_a_night() {
    let rules = Rules { minimum_notice_minutes: Some(120), ..Rules::default() };
    let room = Offering { rules, zone: time_zone("Europe/Berlin").unwrap(), ..offering(1, Bookable::Nights, 1) };
    let midnight = at("2026-10-24T22:00:00Z");
    for (before, is_placed) in [(7_200_000, true), (7_199_999, false)] {
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.now = midnight - SignedDuration::from_millis(before);
        assert_eq!(desk.place(request(1, &room, 1, days("2026-10-25", "2026-10-26"))).told.is_ok(), is_placed);
    }
}

#[test]
fn a_buffer_stays_free_on_both_sides_and_is_named_where_it_removes() {
    let office = office(Rules { buffer_minutes: Some(15), ..Rules::default() });
    let mut desk = Desk::with(std::slice::from_ref(&office));
    assert!(desk.place(request(1, &office, 1, hours(4, 6))).told.is_ok());
    let full = |bucket: &str| Refusal::SoldOut { bucket: bucket.to_owned() };
    assert_eq!(refused(&mut desk, &office, hours(6, 7)), full("2026-06-01T06:00:00Z"), "right behind it");
    assert_eq!(refused(&mut desk, &office, hours(2, 4)), full("2026-06-01T04:00:00Z"), "right before it");
    let removal = |hour: i64| {
        let bucket = Bucket(at("2026-06-01T00:00:00Z").as_second() + hour * 3600);
        shown(&office, bucket, desk.now, |bucket| taken(&desk, &office, bucket)).removed_by
    };
    let (buffer, taken) = (Some(Removal::Buffer), Some(Removal::Taken));
    assert_eq!([2, 3, 4, 5, 6, 7].map(removal), [None, buffer, taken, taken, buffer, None]);
    for (number, span) in [(2, hours(7, 8)), (3, hours(1, 3))] {
        assert!(desk.place(request(number, &office, 1, span)).told.is_ok(), "an hour is far enough");
    }
    desk.run(&Command::Cancel { reservation: case(1) });
    assert!(desk.place(request(4, &office, 1, hours(4, 6))).told.is_ok(), "what rested came back as well");
}

#[test]
fn late_money_needs_the_distance_too() {
    let rules = Rules { buffer_minutes: Some(60), ..Rules::default() };
    for (rival, status) in [(hours(6, 7), "rejected"), (hours(7, 8), "confirmed")] {
        let office = Offering { late_money: kernel::LateMoney::HonourIfFree, ..office(rules.clone()) };
        let mut desk = Desk::with(std::slice::from_ref(&office));
        desk.place(request(1, &office, 1, hours(4, 6)));
        desk.pass(600);
        desk.run(&Command::Expire { reservation: case(1) });
        assert!(desk.place(request(2, &office, 1, rival)).told.is_ok());
        let outcome = reservation_domain::Outcome::Captured { at: desk.now };
        desk.run(&Command::Settle { reservation: case(1), outcome });
        assert_eq!(desk.stored(1).state.status(), status);
    }
}

#[test]
fn a_block_takes_units_like_any_booking_and_heeds_no_rule() {
    let rules = Rules {
        opening_hours: vec![open("sun", "09:00", "18:00")],
        minimum_notice_minutes: Some(6_000),
        stay_max: Some(1),
        buffer_minutes: Some(60),
        ..Rules::default()
    };
    let office = office(rules);
    let block = |number, span| Place {
        purpose: Purpose::Block { reason: None },
        payment_method: None,
        ..request(number, &office, 1, span)
    };
    let mut desk = Desk::with(std::slice::from_ref(&office));
    assert!(desk.place(block(1, hours(-3, 2))).told.is_ok());
    let blocked = desk.stored(1);
    assert_eq!((blocked.state, blocked.booking.total.amount()), (State::Confirmed, 0));
    assert_eq!((blocked.booking.buckets.len(), blocked.booking.resting.len()), (5, 0));
    let refused = desk.place(block(2, hours(1, 2))).told;
    assert_eq!(refused, Err(Refusal::SoldOut { bucket: "2026-06-01T01:00:00Z".to_owned() }));
    assert!(desk.place(block(2, hours(2, 3))).told.is_ok());
    let visits = [Command::CheckIn { reservation: case(1) }, Command::NoShow { reservation: case(1) }];
    let completed = Command::Complete { reservation: case(1) };
    for command in visits.iter().chain([&completed]) {
        assert_eq!(desk.run(command).told, Err(Refusal::IsBlock), "{command:?} while it lasts");
    }
    desk.pass(2 * 3600);
    desk.run(&completed);
    assert_eq!(desk.stored(1).state, State::Completed);
    desk.run(&Command::Cancel { reservation: case(2) });
    assert_eq!((desk.stored(2).state, desk.taken(2)), (State::Cancelled { keep: 0 }, vec![0]));
}
