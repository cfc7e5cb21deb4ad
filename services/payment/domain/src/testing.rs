//! One case for tests: its working set, its clock, and what happened in it.

use crate::command::{Command, Decision, Next, Refusal, decide};
use crate::follow::{Capture, Snapshot};
use crate::payment::{Owner, Payment, Standing, Terms, Transition};
use crate::refund::Giving;
use crate::request::Ask;
use crate::settle::Outcome;
use crate::working::Working;
use jiff::Timestamp;
use kernel::{Label, Money, ReservationId};
use uuid::Uuid;

/// The total of every case.
pub const TOTAL: i64 = 1_000;
const ID: ReservationId = ReservationId(Uuid::from_u128(7));

/// That many seconds after the case was placed.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub fn won(amount: i64) -> Money {
    Money::new(amount, "KRW".parse().unwrap()).unwrap()
}

#[derive(Clone)]
pub struct Case {
    pub working: Working,
    pub now: Timestamp,
    pub happened: Vec<Transition>,
    capture: Capture,
}

impl Case {
    /// A case placed at `at(0)`, which is now.
    pub fn new(capture: Capture) -> Self {
        Self { working: Working::default(), now: at(0), happened: Vec::new(), capture }
    }

    pub fn decide(&mut self, command: &Command) -> Result<Next, Refusal> {
        let Decision { told, happened } = decide(&mut self.working, command, self.now);
        if let Some((transition, payment)) = happened {
            self.happened.push(transition);
            assert_eq!(payment.version, i64::try_from(self.happened.len()).unwrap(), "versions have no gap");
            assert_eq!(Some(&payment), self.working.payment(ID));
        }
        told.map(|told| told.next)
    }

    pub fn follow(&mut self, version: i64, standing: Standing) -> Next {
        let snapshot = Snapshot {
            reservation: ID,
            version,
            standing,
            owner: owner(),
            terms: terms(won(TOTAL)),
            capture: self.capture,
            placed_at: at(0),
        };
        self.decide(&Command::Follow(Box::new(snapshot))).unwrap()
    }

    pub fn request(&mut self) -> Result<Next, Refusal> {
        self.request_of(won(TOTAL))
    }

    pub fn request_of(&mut self, total: Money) -> Result<Next, Refusal> {
        self.decide(&Command::Request(Box::new(Ask { reservation: ID, terms: terms(total) })))
    }

    pub fn settle(&mut self, outcome: Outcome) -> Next {
        self.decide(&Command::Settle { reservation: ID, outcome }).unwrap()
    }

    pub fn give(&mut self, giving: Giving) -> Next {
        self.decide(&Command::Give { reservation: ID, giving }).unwrap()
    }

    pub fn take_up(&mut self, now: Timestamp) -> Result<Next, Refusal> {
        self.now = now;
        self.decide(&Command::TakeUp { reservation: ID })
    }

    pub fn payment(&self) -> &Payment {
        self.working.payment(ID).unwrap()
    }

    pub fn status(&self) -> &'static str {
        self.payment().status()
    }

    pub fn version(&self) -> i64 {
        self.payment().version
    }

    pub fn refunded(&self) -> i64 {
        self.payment().refunded()
    }
}

fn terms(total: Money) -> Terms {
    Terms { total, method: String::from("card-ok").try_into().unwrap() }
}

/// Whose every payment of these tests is.
pub fn owner() -> Owner {
    let label = |text: &str| Label::try_from(text.to_owned()).unwrap();
    Owner { guest: label("ana"), business: label("seaside") }
}
