//! Both domains with what lies between them: events, a provider's ledger, and a clock.

use jiff::{SignedDuration, Timestamp};
use kernel::{CancellationTier, Label, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, ReservationId, Rules};
use payment_domain::{Ask, Giving, Next, Snapshot, Standing, Terms, Work};
use reservation_domain::{
    Bookable, Capture, Command, Offering, Place, Purpose, Refusal, Reservation, SpanRequest, State, Told, When,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Two nights of 50,000 won.
pub const PRICE: i64 = 100_000;
pub const DEADLINE_SECONDS: i64 = 600;
const OPENING: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// What a provider took and gave back.
type Ledger = (i64, i64);

pub struct World {
    reservations: reservation_domain::Working,
    payments: payment_domain::Working,
    now: Timestamp,
    ledger: BTreeMap<ReservationId, Ledger>,
    /// What payment has not heard yet.
    events: Vec<Reservation>,
    shuffled: bool,
}

fn id(case: u128) -> ReservationId {
    ReservationId(Uuid::from_u128(case))
}

fn label(text: &str) -> Label {
    Label::try_from(text.to_owned()).unwrap()
}

impl World {
    /// One room, whose cancels keep half.
    pub fn new((payment, on_payment_outage): (PaymentMode, OutagePolicy), late_money: LateMoney) -> Self {
        let room = Offering {
            id: OfferingId(Uuid::from_u128(9)),
            version: 1,
            open: true,
            business: label("seaside"),
            name: "Double room".into(),
            bookable: Bookable::Nights,
            units: 1,
            zone: kernel::time_zone("Asia/Seoul").unwrap(),
            price: Money::new(PRICE / 2, "KRW".parse().unwrap()).unwrap(),
            payment,
            on_payment_outage,
            late_money,
            hold_seconds: DEADLINE_SECONDS,
            cancellation: vec![CancellationTier { before_hours: 0, refund_percent: 50 }],
            rules: Rules::default(),
        };
        let mut reservations = reservation_domain::Working::default();
        reservations.offerings.insert(room.id, room);
        let (payments, ledger, events) = (payment_domain::Working::default(), BTreeMap::new(), Vec::new());
        Self { reservations, payments, now: OPENING, ledger, events, shuffled: false }
    }

    /// Sets the clock to so many seconds after the opening.
    pub fn at(&mut self, seconds: i64) {
        self.now = OPENING + SignedDuration::from_secs(seconds);
    }

    pub fn seconds(&self) -> i64 {
        self.now.as_second() - OPENING.as_second()
    }

    /// From now on payment hears in reverse and twice, and only when [`World::deliver`] says so.
    pub fn shuffle(&mut self, shuffled: bool) {
        self.shuffled = shuffled;
    }

    pub fn reservation(&self, case: u128) -> &Reservation {
        self.reservations.reservation(id(case)).unwrap()
    }

    fn run(&mut self, command: &Command) -> Result<Told, Refusal> {
        let decision = reservation_domain::decide(&mut self.reservations, command, self.now);
        self.events.extend(decision.happened.map(|(_, reservation)| reservation));
        if !self.shuffled {
            self.deliver();
        }
        decision.told
    }

    pub fn place(&mut self, case: u128) -> Result<Told, Refusal> {
        let day = |day| Some(When::Day(jiff::civil::date(2026, 8, day)));
        let place = Place {
            id: id(case),
            offering: OfferingId(Uuid::from_u128(9)),
            guest: label(&format!("guest {case}")),
            language: "ko".into(),
            quantity: 1,
            span: SpanRequest { from: day(1), to: day(3) },
            payment_method: Some(label("card-ok")),
            call_seconds_max: Some(1),
            purpose: Purpose::Stay,
        };
        self.run(&Command::Place(Box::new(place)))
    }

    pub fn expire(&mut self, case: u128) {
        self.run(&Command::Expire { reservation: id(case) }).unwrap();
    }

    /// Cancels what can be; the rest has ended in its own way.
    pub fn cancel(&mut self, case: u128) {
        if self.reservations.reservation(id(case)).is_some() {
            let told = self.run(&Command::Cancel { reservation: id(case) });
            assert!(matches!(told, Ok(_) | Err(Refusal::WrongState { .. })), "{told:?}");
        }
    }

    /// The call of a prepaid hold; by event, payment has begun when it heard of it.
    pub fn begin_capture(&mut self, case: u128) {
        self.deliver();
        let reservation = self.reservation(case).clone();
        if reservation.booking.capture.begins_by_call() {
            let ask = Ask { reservation: reservation.id, terms: terms(&reservation) };
            let next = self.pay(&payment_domain::Command::Request(Box::new(ask)));
            assert_eq!(next, Next::Call(Work::Capture { find_first: false }));
        }
        assert_eq!(self.payments.payment(reservation.id).unwrap().status(), "requested");
    }

    /// Payment learns now that the provider took the money, so many seconds after the opening, and tells of it.
    pub fn captured(&mut self, case: u128, seconds: i64) {
        self.ledger.entry(id(case)).or_default().0 += PRICE;
        let at = OPENING + SignedDuration::from_secs(seconds);
        let outcome = payment_domain::Outcome::Captured { at };
        self.pay(&payment_domain::Command::Settle { reservation: id(case), outcome });
        let outcome = reservation_domain::Outcome::Captured { at };
        self.run(&Command::Settle { reservation: id(case), outcome }).unwrap();
    }

    /// Payment learns that the provider took nothing.
    pub fn not_charged(&mut self, case: u128) {
        let outcome = payment_domain::Outcome::NotCharged { charges_within: SignedDuration::ZERO };
        self.pay(&payment_domain::Command::Settle { reservation: id(case), outcome });
        assert_eq!(self.payments.payment(id(case)).unwrap().status(), "voided");
    }

    /// Payment hears what it has not heard yet. Confirmations it does not listen to.
    pub fn deliver(&mut self) {
        let mut events = std::mem::take(&mut self.events);
        if self.shuffled {
            events.reverse();
            events.extend(events.clone());
        }
        for event in events.iter().filter(|event| event.state != State::Confirmed) {
            let snapshot = Snapshot {
                reservation: event.id,
                version: event.version,
                standing: standing(event),
                owner: payment_domain::Owner {
                    guest: event.booking.guest.clone(),
                    business: event.booking.business.clone(),
                },
                terms: terms(event),
                capture: match event.booking.capture {
                    Capture::Nobody => continue,
                    Capture::ByCall => payment_domain::Capture::ByCall,
                    Capture::ByEvent => payment_domain::Capture::ByEvent,
                    Capture::ByCallThenEvent => payment_domain::Capture::ByCallThenEvent,
                },
                placed_at: event.booking.placed_at,
            };
            self.pay(&payment_domain::Command::Follow(Box::new(snapshot)));
        }
    }

    /// Decides at payment, and makes the refunds that it asks for.
    fn pay(&mut self, command: &payment_domain::Command) -> Next {
        let decision = payment_domain::decide(&mut self.payments, command, self.now);
        let next = decision.told.unwrap().next;
        if let Next::Call(Work::Refund { amount, goal }) = next {
            self.ledger.entry(command.reservation()).or_default().1 += amount;
            let giving = Giving::Given { total: goal };
            return self.pay(&payment_domain::Command::Give { reservation: command.reservation(), giving });
        }
        next
    }

    /// What the provider took of the case and gave back.
    pub fn ledger(&self, case: u128) -> Ledger {
        self.ledger.get(&id(case)).copied().unwrap_or_default()
    }

    /// Captured − refunded = price of what stands + fees kept, by the provider's own book.
    pub fn is_balanced(&self, story: &str) {
        for case in [1, 2] {
            let Some(reservation) = self.reservations.reservation(id(case)) else { continue };
            let (captured, refunded) = self.ledger(case);
            let stays = match reservation.state {
                State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => PRICE,
                State::Cancelled { keep } => keep.min(captured),
                State::Held { .. } | State::Rejected { .. } | State::Expired { .. } => 0,
            };
            assert_eq!(captured - refunded, stays, "{story}: {:?}", reservation.state);
            if let Some(payment) = self.payments.payment(reservation.id) {
                assert_eq!(
                    (payment.charge().map_or(0, |charge| charge.amount), payment.refunded()),
                    (captured, refunded)
                );
            }
        }
    }
}

fn standing(reservation: &Reservation) -> Standing {
    match (reservation.state, reservation.keep()) {
        (State::Held { .. }, _) => Standing::Held,
        (State::Confirmed | State::CheckedIn | State::Completed | State::NoShow, _) => Standing::Stands,
        (State::Rejected { .. } | State::Expired { .. } | State::Cancelled { .. }, Some(keep)) => {
            Standing::Ended { keep }
        }
        (State::Rejected { .. } | State::Expired { .. } | State::Cancelled { .. }, None) => Standing::Undecided,
    }
}

fn terms(reservation: &Reservation) -> Terms {
    Terms { total: reservation.booking.total, method: label("card-ok") }
}
