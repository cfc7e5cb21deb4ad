//! Payment's answer, whichever way it comes: decided on the state it finds.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{Reason, Reservation, State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{LateMoney, OutagePolicy, ReservationId};

/// What payment says of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money is there since `at`, by payment's clock.
    Captured {
        at: Timestamp,
    },
    Declined,
    /// The call was not answered in time, or payment could not say.
    Unavailable,
}

pub(crate) fn decide(working: &mut Working, id: ReservationId, outcome: Outcome) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    let next = match (reservation.state, outcome) {
        (State::Held { deadline }, Outcome::Captured { at }) => Some(captured(&reservation, at <= deadline)),
        (State::Held { .. }, Outcome::Declined) => Some(State::Rejected { reason: Reason::PaymentDeclined }),
        (State::Held { .. }, Outcome::Unavailable) => unavailable(&reservation),
        (State::Expired { undecided: true }, Outcome::Captured { .. }) => Some(honour(working, &reservation)),
        // Decided already: money for a lost case goes back by the `keep` of the event that lost it.
        (
            State::Expired { .. }
            | State::Confirmed
            | State::Rejected { .. }
            | State::Cancelled { .. }
            | State::CheckedIn
            | State::Completed
            | State::NoShow,
            Outcome::Captured { .. } | Outcome::Declined | Outcome::Unavailable,
        ) => None,
    };
    let Some(state) = next else { return Ok(Decision::told(Told::settled(reservation))) };
    let turned = working.turn(reservation, state);
    Ok(Decision::happened(transition(state), turned.clone(), Told::settled(turned)))
}

/// Money for a hold: in time it confirms. Late, but before the sweep came, the units are still the guest's own.
fn captured(reservation: &Reservation, in_time: bool) -> State {
    match (in_time, reservation.booking.late_money) {
        (true, _) | (false, LateMoney::HonourIfFree) => State::Confirmed,
        (false, LateMoney::Refund) => State::Expired { undecided: false },
    }
}

fn unavailable(reservation: &Reservation) -> Option<State> {
    match reservation.booking.on_payment_outage {
        OutagePolicy::Refuse => Some(State::Rejected { reason: Reason::PaymentUnavailable }),
        OutagePolicy::Defer => None,
    }
}

/// Late money for units that were given back: they are taken again as a whole, or the money returns.
fn honour(working: &Working, reservation: &Reservation) -> State {
    let booking = &reservation.booking;
    let units = working.offerings.get(&booking.offering).map_or(0, |offering| offering.units);
    match working.allotments.first_full(booking.offering, &booking.buckets, booking.quantity, units) {
        None => State::Confirmed,
        Some(_) => State::Rejected { reason: Reason::SoldMeanwhile },
    }
}

const fn transition(state: State) -> Transition {
    match state {
        State::Held { .. } => Transition::Held,
        State::Confirmed => Transition::Confirmed,
        State::Rejected { .. } => Transition::Rejected,
        State::Expired { .. } => Transition::Expired,
        State::Cancelled { .. } => Transition::Cancelled,
        State::CheckedIn => Transition::CheckedIn,
        State::Completed => Transition::Completed,
        State::NoShow => Transition::NoShow,
    }
}
