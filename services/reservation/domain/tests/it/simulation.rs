//! Ten thousand commands of a busy month, each answered as the naive reference answers it.

use crate::fixture::{Desk, case, offering, request, won};
use crate::reference::{Answer, Reference};
use crate::split_mix::SplitMix;
use crate::world::leads_to;
use jiff::SignedDuration;
use kernel::{CancellationTier, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, time_zone};
use reservation_domain::{Bookable, Command, Decision, Offering, Outcome, Place, SpanRequest, Told, When};
use std::collections::BTreeMap;

const COMMANDS: usize = 10_000;
/// Guests go on about the newest cases.
const RECENT: u64 = 14;
const NIGHTS: u128 = 1;
const SLOTS: u128 = 2;
const LINE: u128 = 3;
/// A new performance comes every third day, numbered from here.
const SEATS: u128 = 10;

struct Simulation {
    random: SplitMix,
    desk: Desk,
    reference: Reference,
    placed: u128,
    /// How often each answer was given.
    seen: BTreeMap<String, usize>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let (random, desk) = (SplitMix(seed), Desk::with(&[]));
        Self { random, desk, reference: Reference::default(), placed: 0, seen: BTreeMap::new() }
    }

    fn day(&self) -> jiff::civil::Date {
        self.desk.now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn number(&mut self) -> u128 {
        let performance = SEATS + u128::from(self.day().day_of_year().unsigned_abs() / 3);
        match self.random.below(16) {
            0..6 => NIGHTS,
            6..10 => SLOTS,
            10 => LINE,
            _ => performance,
        }
    }

    fn offering(&mut self) -> Offering {
        let number = self.number();
        let starts_at = self.desk.now.round(jiff::Unit::Hour).unwrap() + SignedDuration::from_hours(60);
        let (bookable, zone) = match number {
            NIGHTS => (Bookable::Nights, "Europe/Berlin"),
            SLOTS => (Bookable::Slots { minutes: 60 }, "Asia/Kolkata"),
            LINE => (Bookable::Line, "Asia/Seoul"),
            // What never changes: a performance's time is that of its first version.
            _ => (self.first(number).unwrap_or(Bookable::Seats { starts_at }), "Asia/Seoul"),
        };
        // Mostly newer than what is known, and now and then older or the same.
        let version = 20 * i64::from(self.day().day_of_year()) + self.random.within(0, 20);
        let random = &mut self.random;
        let tier = |before_hours, refund_percent| CancellationTier { before_hours, refund_percent };
        let tiers = [vec![], vec![tier(48, 100), tier(24, 33)], vec![tier(36, 50)], vec![tier(0, 10)]];
        Offering {
            version,
            open: random.below(12) > 0,
            units: random.within(0, 12),
            zone: time_zone(zone).unwrap(),
            price: won(random.pick(&[12_345, 12_345, 99, 99, 99, 0, Money::AMOUNT_MAX / 2])),
            payment: random.pick(&[
                PaymentMode::Prepay,
                PaymentMode::Prepay,
                PaymentMode::SettleLater,
                PaymentMode::None,
            ]),
            on_payment_outage: random.pick(&[OutagePolicy::Refuse, OutagePolicy::Defer]),
            late_money: random.pick(&[LateMoney::Refund, LateMoney::HonourIfFree]),
            hold_seconds: random.within(5, 4_000),
            cancellation: tiers[random.index(tiers.len())].clone(),
            ..offering(number, bookable, 0)
        }
    }

    fn first(&self, number: u128) -> Option<Bookable> {
        let id = OfferingId(uuid::Uuid::from_u128(number));
        self.reference.offerings.iter().find(|known| known.id == id).map(|known| known.bookable.clone())
    }

    fn span(&mut self, number: u128) -> SpanRequest {
        let odd = self.random.below(40);
        let (from, length) = (self.random.within(0, 9), self.random.within(1, 4) - i64::from(odd == 0) * 3);
        let length = if odd == 1 { 500 } else { length };
        match number + u128::from(odd == 2) {
            NIGHTS => {
                let from = self.day() + SignedDuration::from_hours(24 * from);
                let to = from + SignedDuration::from_hours(24 * length);
                SpanRequest { from: Some(When::Day(from)), to: Some(When::Day(to)) }
            }
            SLOTS => {
                let half = SignedDuration::from_mins(if odd == 3 { 0 } else { 30 });
                let from = self.desk.now.round(jiff::Unit::Hour).unwrap() + half + SignedDuration::from_hours(from);
                let to = from + SignedDuration::from_hours(length);
                SpanRequest { from: Some(When::Instant(from)), to: Some(When::Instant(to)) }
            }
            _ => SpanRequest::default(),
        }
    }

    fn place(&mut self) -> Place {
        let number = self.number();
        let span = self.span(number);
        let case = self.placed + u128::from(self.random.below(12) > 0);
        let quantity =
            if self.random.below(30) == 0 { self.random.pick(&[0, -1, 1_001]) } else { self.random.within(1, 4) };
        let mut place = request(case, &offering(number, Bookable::Line, 0), quantity, span);
        place.payment_method = place.payment_method.filter(|_| self.random.below(20) > 0);
        place.call_seconds_max = (self.random.below(20) > 0).then_some(1);
        place
    }

    /// The next command, as the domain and as the reference answer it.
    fn decide(&mut self) -> (Decision, Answer) {
        let now = self.desk.now;
        let reservation = case(self.placed.saturating_sub(u128::from(self.random.below(RECENT))));
        let for_seconds = 30;
        let captured_at = now - SignedDuration::from_secs(self.random.within(0, 900));
        let settle = |outcome| Command::Settle { reservation, outcome };
        let (command, answer) = match self.random.below(24) {
            0..9 => {
                let place = self.place();
                let answer = self.reference.place(&place, now);
                // A refused request is asked again under its own id.
                self.placed += u128::from(answer.is_ok() && place.id == case(self.placed + 1));
                return (self.desk.place(place), answer);
            }
            9 => {
                let offering = self.offering();
                self.reference.adopt(&offering);
                (Command::Adopt(Box::new(offering)), Ok(("adopted", 0, false)))
            }
            10..13 => {
                let at = captured_at;
                (settle(Outcome::Captured { at }), self.reference.paid(reservation, at))
            }
            13 => (settle(Outcome::Declined), self.reference.declined(reservation)),
            14 => (settle(Outcome::Unavailable), self.reference.unanswered(reservation)),
            15 | 16 => (Command::Cancel { reservation }, self.reference.cancel(reservation, now)),
            17..20 => (Command::Expire { reservation }, self.reference.expire(reservation, now)),
            20 => (Command::CheckIn { reservation }, self.reference.attend(reservation, &["confirmed"], "checked_in")),
            21 => {
                let from = &["confirmed", "checked_in"];
                (Command::Complete { reservation }, self.reference.attend(reservation, from, "completed"))
            }
            22 => (Command::NoShow { reservation }, self.reference.attend(reservation, &["confirmed"], "no_show")),
            _ if self.random.below(2) == 0 => (Command::Recall { reservation }, self.reference.recall(reservation)),
            _ => {
                let answer = self.reference.take_up(reservation, now, for_seconds);
                (Command::TakeUp { reservation, for_seconds }, answer)
            }
        };
        (self.desk.run(&command), answer)
    }

    fn step(&mut self) {
        let pause = self.random.pick(&[1, 60, 60, 600, 3_000]);
        self.desk.pass(self.random.within(0, pause));
        let (decision, expected) = self.decide();
        let happened = decision.happened.as_ref();
        let answer = decision.told.map(|told| match told {
            Told::Stands { reservation, .. } => (reservation.state.status(), reservation.version, happened.is_some()),
            Told::Adopted => ("adopted", 0, happened.is_some()),
        });
        assert_eq!(answer, expected);
        if let Some((transition, told)) = happened {
            assert_eq!(answer, Ok((leads_to(*transition), told.version, true)));
        }
        let seen = match answer {
            Ok((status, _, happened)) => format!("{status} {happened}"),
            Err(refusal) => refusal.to_string(),
        };
        *self.seen.entry(seen).or_default() += 1;
    }

    /// Every case of the reference from `from` on stands in the domain just so, and every bucket is taken as often.
    fn compare(&self, from: u128) {
        for number in from..=self.placed {
            let stored = self.desk.working.reservation(case(number));
            let expected = self.reference.row(case(number));
            assert_eq!(stored.is_some(), expected.is_some());
            if let Some(row) = expected {
                let stored = self.desk.stored(number);
                let (status, keep) = (stored.state.status(), stored.keep());
                assert_eq!((status, stored.version, keep), (row.status, row.version, row.keep), "{row:?}");
                let counted: Vec<_> = row.buckets.iter().map(|bucket| self.reference.taken(row, bucket)).collect();
                assert_eq!(self.desk.taken(number), counted, "{row:?}");
            }
        }
    }
}

#[test]
fn ten_thousand_commands_are_answered_as_the_reference_answers_them() {
    for seed in [1, 2, 3] {
        let mut simulation = Simulation::new(seed);
        for _ in 0..COMMANDS {
            simulation.step();
            simulation.compare(simulation.placed.saturating_sub(u128::from(RECENT)));
        }
        simulation.compare(1);
        let words = ["held", "confirmed", "rejected", "expired", "cancelled", "checked_in", "completed", "no_show"];
        for word in words {
            let times = simulation.seen.get(&format!("{word} true")).copied().unwrap_or_default();
            assert!(times > 50, "seed {seed} hardly comes to {word}: {:?}", simulation.seen);
        }
    }
}
