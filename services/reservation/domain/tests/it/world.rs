//! Random offerings, working sets and commands, few enough that they meet each other.

use crate::fixture::{Desk, at, case, days, instants, offering, request, won};
use jiff::{SignedDuration, Timestamp};
use kernel::{Bucket, CancellationTier, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, Rules};
use proptest::prelude::*;
use proptest::sample::select;
use reservation_domain::{
    Bookable, Command, Decision, Offering, Outcome, Place, Reservation, Span, SpanRequest, State, Transition, Working,
};
use std::collections::BTreeMap;

/// Reservations are `case(1)` to `case(CASES)`.
pub const CASES: u128 = 12;
pub const NIGHTS: u128 = 1;
pub const SLOTS: u128 = 2;
pub const SEATS: u128 = 3;
pub const LINE: u128 = 4;

pub fn bookable(number: u128) -> Bookable {
    match number {
        NIGHTS => Bookable::Nights,
        SLOTS => Bookable::Slots { minutes: 60 },
        LINE => Bookable::Line,
        _ => Bookable::Seats { starts_at: at("2026-06-03T10:00:00Z") },
    }
}

pub fn terms(number: u128, version: i64) -> impl Strategy<Value = Offering> {
    let money = (
        select(vec![100, 100, 100, 0, Money::AMOUNT_MAX]),
        select(vec![PaymentMode::Prepay, PaymentMode::Prepay, PaymentMode::SettleLater, PaymentMode::None]),
        select(vec![OutagePolicy::Refuse, OutagePolicy::Defer]),
        select(vec![LateMoney::Refund, LateMoney::HonourIfFree]),
    );
    let half = CancellationTier { before_hours: 24, refund_percent: 50 };
    let buffer = prop::option::of(select(vec![15, 60, 90])).prop_map(move |buffer| buffer.filter(|_| number == SLOTS));
    (0i64..5, prop::bool::weighted(0.9), money, select(vec![vec![], vec![half]]), buffer).prop_map(
        move |(units, open, (price, payment, on_payment_outage, late_money), cancellation, buffer_minutes)| {
            let (price, base) = (won(price), offering(number, bookable(number), units));
            let rules = Rules { buffer_minutes, ..Rules::default() };
            Offering { version, open, price, payment, on_payment_outage, late_money, cancellation, rules, ..base }
        },
    )
}

fn span(number: u128) -> BoxedStrategy<SpanRequest> {
    let stay = (1i8..5, 0i8..4)
        .prop_map(|(from, nights)| days(&format!("2026-06-{from:02}"), &format!("2026-06-{:02}", from + nights)));
    let hours = (0i8..5, 0i8..4).prop_map(|(from, hours)| {
        instants(&format!("2026-06-02T{from:02}:00:00Z"), &format!("2026-06-02T{:02}:00:00Z", from + hours))
    });
    match number {
        NIGHTS => stay.boxed(),
        SLOTS => hours.boxed(),
        SEATS => Just(SpanRequest::default()).boxed(),
        _ => prop_oneof![stay, hours, Just(SpanRequest::default())].boxed(),
    }
}

/// What somebody asks of one of the offerings, now and then with the span of another kind or without a method.
pub fn asked(cases: impl Strategy<Value = u128>) -> impl Strategy<Value = Place> {
    let asked = (1..=LINE).prop_flat_map(|number| (Just(number), prop_oneof![9 => span(number), 1 => span(LINE)]));
    let (has_method, answers) = (prop::bool::weighted(0.9), prop::bool::weighted(0.9));
    (cases, asked, 0i64..4, has_method, answers).prop_map(|(case, (number, span), quantity, has_method, answers)| {
        let asked = request(case, &offering(number, bookable(number), 0), quantity, span);
        Place {
            payment_method: asked.payment_method.filter(|_| has_method),
            call_seconds_max: answers.then_some(1),
            ..asked
        }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => (0i64..1_500).prop_map(|second| Outcome::Captured { at: after_opening(second) }),
        1 => Just(Outcome::Declined),
        1 => Just(Outcome::Unavailable),
    ]
}

pub fn after_opening(seconds: i64) -> Timestamp {
    at(crate::fixture::OPENING) + SignedDuration::from_secs(seconds)
}

pub fn command() -> impl Strategy<Value = Command> {
    let known = || (1..=CASES).prop_map(case);
    prop_oneof![
        6 => asked(1..=CASES).prop_map(|place| Command::Place(Box::new(place))),
        5 => (known(), outcome()).prop_map(|(reservation, outcome)| Command::Settle { reservation, outcome }),
        2 => (1..=LINE, 1i64..6).prop_flat_map(|(number, version)| terms(number, version))
            .prop_map(|offering| Command::Adopt(Box::new(offering))),
        2 => known().prop_map(|reservation| Command::Cancel { reservation }),
        3 => known().prop_map(|reservation| Command::Expire { reservation }),
        1 => known().prop_map(|reservation| Command::CheckIn { reservation }),
        1 => known().prop_map(|reservation| Command::NoShow { reservation }),
        1 => known().prop_map(|reservation| Command::Complete { reservation }),
        1 => known().prop_map(|reservation| Command::TakeUp { reservation, for_seconds: 30 }),
        1 => known().prop_map(|reservation| Command::Recall { reservation }),
    ]
}

/// A desk that knows most offerings and finds units already taken by reservations that no command names.
pub fn desk() -> impl Strategy<Value = Desk> {
    let known = (terms(NIGHTS, 1), terms(SLOTS, 1), terms(SEATS, 1), terms(LINE, 1));
    let others = prop::collection::vec(asked(Just(0)), 0..3);
    (known, prop::option::weighted(0.1, 1..=LINE), others).prop_map(
        |((nights, slots, seats, line), missing, others)| {
            let mut desk = Desk::with(&[nights, slots, seats, line]);
            for other in others {
                let offering = &desk.working.offerings[&other.offering];
                for bucket in Span::of(offering, other.span).map(|(_, buckets)| buckets).unwrap_or_default() {
                    desk.working.allotments.load(other.offering, bucket, other.quantity);
                }
            }
            if let Some(number) = missing {
                desk.working.offerings.remove(&offering(number, Bookable::Line, 0).id);
            }
            desk
        },
    )
}

/// Commands, each so many seconds after the one before.
pub fn script() -> impl Strategy<Value = Vec<(i64, Command)>> {
    prop::collection::vec((prop_oneof![0i64..60, 0i64..400, 0i64..90_000], command()), 1..60)
}

/// One decision, and the working set on both sides of it.
#[derive(Debug)]
pub struct Step<'a> {
    pub before: &'a Working,
    pub command: &'a Command,
    pub decision: &'a Decision,
    pub after: &'a Working,
}

/// Runs a script, and `check` after each of its commands.
pub fn play(
    desk: &mut Desk,
    script: &[(i64, Command)],
    mut check: impl FnMut(Step<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    for (seconds, command) in script {
        desk.pass(*seconds);
        let before = desk.working.clone();
        let decision = desk.run(command);
        check(Step { before: &before, command, decision: &decision, after: &desk.working })?;
    }
    Ok(())
}

pub fn standing(working: &Working) -> impl Iterator<Item = &Reservation> {
    (1..=CASES).filter_map(|number| working.reservation(case(number)))
}

/// Units that the reservations in a state that has them add up to.
pub fn booked(working: &Working) -> BTreeMap<(OfferingId, Bucket), i64> {
    let mut booked = BTreeMap::new();
    for reservation in standing(working) {
        let has_units = match reservation.state.status() {
            "held" | "confirmed" | "checked_in" | "completed" | "no_show" => 1,
            _ => 0,
        };
        for bucket in reservation.booking.takes() {
            *booked.entry((reservation.booking.offering, bucket)).or_default() +=
                has_units * reservation.booking.quantity;
        }
    }
    booked
}

pub const fn is_terminal(state: &State) -> bool {
    match state {
        State::Rejected { .. } | State::Cancelled { .. } | State::Completed | State::NoShow => true,
        State::Held { .. } | State::Confirmed | State::Expired { .. } | State::CheckedIn => false,
    }
}

/// The status that a transition leads to.
pub const fn leads_to(transition: Transition) -> &'static str {
    match transition {
        Transition::Held => "held",
        Transition::Confirmed => "confirmed",
        Transition::Rejected => "rejected",
        Transition::Expired => "expired",
        Transition::Cancelled => "cancelled",
        Transition::CheckedIn => "checked_in",
        Transition::Completed => "completed",
        Transition::NoShow => "no_show",
    }
}
