//! Every change of capacity and reservations, and the one function that decides it.

use crate::attend::{self, Attendance};
use crate::offering::Offering;
use crate::place::{self, Place};
use crate::reservation::{Reservation, Transition};
use crate::rules::RuleRefusal;
use crate::settle::{self, Outcome};
use crate::span::SpanRefusal;
use crate::working::Working;
use crate::{cancel, expire};
use jiff::{SignedDuration, Timestamp};
use kernel::{MoneyError, ReservationId};
use thiserror::Error;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Catalog told of an offering's newest state.
    Adopt(Box<Offering>),
    Place(Box<Place>),
    /// Payment's answer, by call or by event.
    Settle {
        reservation: ReservationId,
        outcome: Outcome,
    },
    /// Says how a case stands; changes nothing.
    Recall {
        reservation: ReservationId,
    },
    /// A sweep takes up a call that its owner may not have finished; nobody else may until `for_seconds` later.
    TakeUp {
        reservation: ReservationId,
        for_seconds: i64,
    },
    Cancel {
        reservation: ReservationId,
    },
    CheckIn {
        reservation: ReservationId,
    },
    NoShow {
        reservation: ReservationId,
    },
    Complete {
        reservation: ReservationId,
    },
    Expire {
        reservation: ReservationId,
    },
}

/// Who asks, where the decision depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Guest,
    Host,
    Platform,
}

/// Whether the case of an answer is settled or waits for a synchronous call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Begun,
    Settled,
}

/// What the asker is told when nothing was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// How the reservation stands now.
    Stands { reservation: Box<Reservation>, stage: Stage },
    /// The offering was adopted, or was known as new already.
    Adopted,
}

impl Told {
    pub(crate) fn begun(reservation: Reservation) -> Self {
        Self::Stands { reservation: Box::new(reservation), stage: Stage::Begun }
    }

    pub(crate) fn settled(reservation: Reservation) -> Self {
        Self::Stands { reservation: Box::new(reservation), stage: Stage::Settled }
    }
}

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no such offering is known here; a new one is known moments after it was published")]
    OfferingNotFound,
    #[error("the offering is retired")]
    OfferingRetired,
    #[error("`quantity` is 1 to {}", place::QUANTITY_MAX)]
    Quantity,
    #[error(transparent)]
    Span(#[from] SpanRefusal),
    #[error(transparent)]
    Rule(#[from] RuleRefusal),
    #[error("the total is too large")]
    Amount(#[from] MoneyError),
    #[error("this offering is paid: name a `payment_method`")]
    MethodMissing,
    #[error("too few units are free")]
    SoldOut {
        /// The first bucket that is full, as the API writes it.
        bucket: String,
    },
    #[error("payment cannot take money now, so nothing was booked; try again shortly")]
    PaymentUnavailable,
    #[error("no such reservation")]
    ReservationNotFound,
    #[error("the reservation is {status}")]
    WrongState {
        /// Its status word.
        status: &'static str,
    },
    #[error("the host blocks this span; nobody stays there")]
    IsBlock,
    #[error("it is not due")]
    NotDue,
}

/// What a command came to: an answer, and at most one thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub told: Result<Told, Refusal>,
    pub happened: Option<(Transition, Reservation)>,
}

impl Decision {
    pub(crate) fn told(told: Told) -> Self {
        Self { told: Ok(told), happened: None }
    }

    pub(crate) fn happened(transition: Transition, reservation: Reservation, told: Told) -> Self {
        Self { told: Ok(told), happened: Some((transition, reservation)) }
    }
}

impl From<Refusal> for Decision {
    fn from(refusal: Refusal) -> Self {
        Self { told: Err(refusal), happened: None }
    }
}

/// Decides `command` at `now`. A refusal leaves the working set exactly as it was.
#[must_use]
pub fn decide(working: &mut Working, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Adopt(offering) => {
            working.adopt(offering);
            Decision::told(Told::Adopted)
        }
        Command::Place(place) => place::decide(working, place, now).unwrap_or_else(Decision::from),
        Command::Settle { reservation, outcome } => {
            settle::decide(working, *reservation, *outcome).unwrap_or_else(Decision::from)
        }
        Command::Recall { reservation } => match working.known(*reservation) {
            Ok(reservation) => Decision::told(Told::settled(reservation)),
            Err(refusal) => refusal.into(),
        },
        Command::TakeUp { reservation, for_seconds } => {
            take_up(working, *reservation, *for_seconds, now).unwrap_or_else(Decision::from)
        }
        Command::Cancel { reservation } => cancel::decide(working, *reservation, now).unwrap_or_else(Decision::from),
        Command::CheckIn { reservation } => attended(working, *reservation, Attendance::CheckIn, now),
        Command::NoShow { reservation } => attended(working, *reservation, Attendance::NoShow, now),
        Command::Complete { reservation } => attended(working, *reservation, Attendance::Complete, now),
        Command::Expire { reservation } => expire::decide(working, *reservation, now).unwrap_or_else(Decision::from),
    }
}

fn attended(working: &mut Working, id: ReservationId, attendance: Attendance, now: Timestamp) -> Decision {
    attend::decide(working, id, attendance, now).unwrap_or_else(Decision::from)
}

fn take_up(working: &mut Working, id: ReservationId, for_seconds: i64, now: Timestamp) -> Result<Decision, Refusal> {
    let mut reservation = working.known(id)?;
    if reservation.intent_due.is_none_or(|due| due > now) {
        return Err(Refusal::NotDue);
    }
    reservation.intent_due = Some(now + SignedDuration::from_secs(for_seconds));
    working.note(&reservation);
    Ok(Decision::told(Told::begun(reservation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Desk, case, days, offering, request};
    use crate::offering::Bookable;
    use kernel::OutagePolicy;

    fn desk(on_payment_outage: OutagePolicy) -> Desk {
        let room = Offering { on_payment_outage, ..offering(1, Bookable::Nights, 1) };
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        desk
    }

    fn take_up(for_seconds: i64) -> Command {
        Command::TakeUp { reservation: case(1), for_seconds }
    }

    #[test]
    fn a_call_is_taken_up_by_one_sweep_at_a_time() {
        let mut desk = desk(OutagePolicy::Refuse);
        desk.pass(1);
        assert_eq!(desk.run(&take_up(30)), Decision::from(Refusal::NotDue), "its owner may still be calling");
        desk.pass(1);
        let decision = desk.run(&take_up(30));
        let leased = desk.stored(1);
        assert_eq!(leased.intent_due, Some(desk.now + SignedDuration::from_secs(30)));
        assert_eq!(leased.version, 1, "a lease is nobody else's business");
        assert_eq!(decision, Decision::told(Told::begun(leased)));
        assert_eq!(desk.run(&take_up(30)), Decision::from(Refusal::NotDue), "another sweep has it");
        desk.pass(30);
        assert!(desk.run(&take_up(30)).told.is_ok(), "that sweep died");
        assert_eq!(desk.taken(1), [1, 1]);
    }

    #[test]
    fn what_is_settled_or_waits_for_the_event_is_never_taken_up() {
        let mut by_event = desk(OutagePolicy::Defer);
        let mut settled = desk(OutagePolicy::Refuse);
        settled.run(&Command::Settle { reservation: case(1), outcome: Outcome::Captured { at: settled.now } });
        for desk in [&mut by_event, &mut settled] {
            desk.pass(100_000);
            assert_eq!(desk.run(&take_up(30)), Decision::from(Refusal::NotDue));
        }
    }

    #[test]
    fn recall_tells_and_changes_nothing() {
        let mut desk = desk(OutagePolicy::Refuse);
        let before = desk.working.clone();
        let told = Told::settled(desk.stored(1));
        assert_eq!(desk.run(&Command::Recall { reservation: case(1) }), Decision::told(told));
        assert_eq!(desk.working, before);
    }

    #[test]
    fn an_unknown_case_is_refused_by_every_command_that_names_one() {
        let mut desk = desk(OutagePolicy::Refuse);
        let (before, reservation) = (desk.working.clone(), case(2));
        for command in [
            Command::Settle { reservation, outcome: Outcome::Captured { at: desk.now } },
            Command::Recall { reservation },
            Command::TakeUp { reservation, for_seconds: 30 },
            Command::Cancel { reservation },
            Command::CheckIn { reservation },
            Command::NoShow { reservation },
            Command::Complete { reservation },
            Command::Expire { reservation },
        ] {
            assert_eq!(desk.run(&command), Decision::from(Refusal::ReservationNotFound), "{command:?}");
        }
        assert_eq!(desk.working, before);
    }
}
