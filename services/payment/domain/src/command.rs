//! Every change of a payment, and the one function that decides it.

use crate::follow::{self, Snapshot};
use crate::payment::{Payment, Transition};
use crate::refund::{self, Giving};
use crate::request::{self, Ask};
use crate::settle::{self, Outcome};
use crate::take_up;
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;
use thiserror::Error;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The reservation told of a change.
    Follow(Box<Snapshot>),
    /// A caller asks for the money and waits for it.
    Request(Box<Ask>),
    /// What became of a capture.
    Settle { reservation: ReservationId, outcome: Outcome },
    /// What became of a refund.
    Give { reservation: ReservationId, giving: Giving },
    /// A sweep takes up what is due: a capture to begin, or a call that its owner may not have finished.
    TakeUp { reservation: ReservationId },
}

impl Command {
    /// The reservation whose payment it is about.
    #[must_use]
    pub const fn reservation(&self) -> ReservationId {
        match self {
            Self::Follow(snapshot) => snapshot.reservation,
            Self::Request(ask) => ask.reservation,
            Self::Settle { reservation, .. } | Self::Give { reservation, .. } | Self::TakeUp { reservation } => {
                *reservation
            }
        }
    }
}

/// A call to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Capture the total.
    Capture {
        /// An earlier call may have reached the provider: look for its charge before sending another.
        find_first: bool,
    },
    /// Only find out whether the provider charged: the claim no longer lets a capture be sent.
    Ascertain,
    /// Give back `amount` minor units, after which `goal` have gone back in all.
    Refund { amount: i64, goal: i64 },
}

/// What is to be done about the payment of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Call the provider: whoever got this answer has the case until its lease ends.
    Call(Work),
    /// A call is out or will be; its outcome is a command of its own.
    Await,
    /// The call ended without a known outcome; a sweep will ask again.
    Unsure,
    /// Nothing.
    Rest,
}

/// What the asker is told when nothing was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How the payment stands now.
    pub payment: Box<Payment>,
    pub next: Next,
}

/// Why a command changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("this reservation's payment has another amount or currency")]
    Mismatch,
    #[error("the reservation no longer waits for money")]
    ClaimEnded,
    #[error("no such payment")]
    PaymentNotFound,
    #[error("it is not due")]
    NotDue,
}

/// What a command came to: an answer, and at most one thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub told: Result<Told, Refusal>,
    /// With the payment as it is after it.
    pub happened: Option<(Transition, Payment)>,
}

impl Decision {
    /// Nothing to publish.
    pub(crate) fn quiet(payment: Payment, next: Next) -> Self {
        Self { told: Ok(Told { payment: Box::new(payment), next }), happened: None }
    }

    /// Counts and stores a change that is published.
    pub(crate) fn happened(working: &mut Working, transition: Transition, mut payment: Payment, next: Next) -> Self {
        payment.version += 1;
        working.put(&payment);
        Self { told: Ok(Told { payment: Box::new(payment.clone()), next }), happened: Some((transition, payment)) }
    }
}

impl From<Refusal> for Decision {
    fn from(refusal: Refusal) -> Self {
        Self { told: Err(refusal), happened: None }
    }
}

/// Decides `command` at `now`. A refusal leaves the working set exactly as it was; a repeat is told how things stand.
#[must_use]
pub fn decide(working: &mut Working, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Follow(snapshot) => follow::decide(working, snapshot, now),
        Command::Request(ask) => request::decide(working, ask, now).unwrap_or_else(Decision::from),
        Command::Settle { reservation, outcome } => {
            settle::decide(working, *reservation, outcome, now).unwrap_or_else(Decision::from)
        }
        Command::Give { reservation, giving } => {
            refund::decide(working, *reservation, *giving, now).unwrap_or_else(Decision::from)
        }
        Command::TakeUp { reservation } => take_up::decide(working, *reservation, now).unwrap_or_else(Decision::from),
    }
}
