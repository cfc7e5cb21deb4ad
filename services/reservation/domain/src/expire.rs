//! The deadline: an unpaid hold gives its units back.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{LateMoney, ReservationId};

pub(crate) fn decide(working: &mut Working, id: ReservationId, now: Timestamp) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    match reservation.state {
        State::Held { deadline } if deadline <= now => {}
        State::Held { .. } => return Err(Refusal::NotDue),
        State::Expired { .. } => return Ok(Decision::told(Told::settled(reservation))),
        State::Confirmed
        | State::Rejected { .. }
        | State::Cancelled { .. }
        | State::CheckedIn
        | State::Completed
        | State::NoShow => return Err(Refusal::WrongState { status: reservation.state.status() }),
    }
    let undecided = match reservation.booking.late_money {
        LateMoney::Refund => false,
        LateMoney::HonourIfFree => true,
    };
    let expired = working.turn(reservation, State::Expired { undecided });
    Ok(Decision::happened(Transition::Expired, expired.clone(), Told::settled(expired)))
}
