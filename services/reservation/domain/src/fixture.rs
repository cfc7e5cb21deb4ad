//! Offerings, requests and a desk that decides them, for tests; `tests/it` takes this file in by its path.

use crate::{Bookable, Command, Decision, Offering, Place, Purpose, Reservation, SpanRequest, When, Working, decide};
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, ReservationId, Rules, time_zone};
use uuid::Uuid;

/// When a [`Desk`] opens.
pub const OPENING: &str = "2026-06-01T00:00:00Z";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn case(number: u128) -> ReservationId {
    ReservationId(Uuid::from_u128(number))
}

pub fn won(amount: i64) -> Money {
    Money::new(amount, "KRW".parse().unwrap()).unwrap()
}

/// An open offering in Seoul at version 1: 100 won a unit and bucket, prepaid, held for 600 seconds.
pub fn offering(number: u128, bookable: Bookable, units: i64) -> Offering {
    Offering {
        id: OfferingId(Uuid::from_u128(number)),
        version: 1,
        open: true,
        business: Label::try_from("host".to_owned()).unwrap(),
        name: format!("offering {number}"),
        bookable,
        units,
        zone: time_zone("Asia/Seoul").unwrap(),
        price: won(100),
        payment: PaymentMode::Prepay,
        on_payment_outage: OutagePolicy::Refuse,
        late_money: LateMoney::Refund,
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: Rules::default(),
    }
}

pub fn days(from: &str, to: &str) -> SpanRequest {
    SpanRequest { from: Some(When::Day(from.parse().unwrap())), to: Some(When::Day(to.parse().unwrap())) }
}

pub fn instants(from: &str, to: &str) -> SpanRequest {
    SpanRequest { from: Some(When::Instant(at(from))), to: Some(When::Instant(at(to))) }
}

/// A guest with a card asks for `quantity` of `offering`.
pub fn request(number: u128, offering: &Offering, quantity: i64, span: SpanRequest) -> Place {
    Place {
        id: case(number),
        offering: offering.id,
        guest: Label::try_from(format!("guest {number}")).unwrap(),
        language: "ko".to_owned(),
        quantity,
        span,
        payment_method: Some(Label::try_from("card-ok".to_owned()).unwrap()),
        call_seconds_max: Some(1),
        purpose: Purpose::Stay,
    }
}

/// A working set and the time at which it is decided upon.
#[derive(Clone, Debug)]
pub struct Desk {
    pub working: Working,
    pub now: Timestamp,
}

impl Desk {
    pub fn with(offerings: &[Offering]) -> Self {
        let mut desk = Self { working: Working::default(), now: at(OPENING) };
        for offering in offerings {
            desk.working.offerings.insert(offering.id, offering.clone());
        }
        desk
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub fn run(&mut self, command: &Command) -> Decision {
        decide(&mut self.working, command, self.now)
    }

    pub fn place(&mut self, place: Place) -> Decision {
        self.run(&Command::Place(Box::new(place)))
    }

    pub fn stored(&self, number: u128) -> Reservation {
        self.working.reservation(case(number)).unwrap().clone()
    }

    /// Units taken of every bucket of a stored reservation.
    pub fn taken(&self, number: u128) -> Vec<i64> {
        let booking = self.stored(number).booking;
        booking.buckets.iter().map(|bucket| self.working.allotments.taken(booking.offering, *bucket)).collect()
    }
}
