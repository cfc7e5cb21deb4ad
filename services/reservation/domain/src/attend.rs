//! The visit itself: the guest comes, stays away, or has been.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{State, Transition};
use crate::working::Working;
use kernel::ReservationId;

/// What the host says of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attendance {
    CheckIn,
    NoShow,
    Complete,
}

pub(crate) fn decide(working: &mut Working, id: ReservationId, attendance: Attendance) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    let (state, transition) = match (attendance, reservation.state) {
        (Attendance::CheckIn, State::Confirmed) => (State::CheckedIn, Transition::CheckedIn),
        (Attendance::NoShow, State::Confirmed) => (State::NoShow, Transition::NoShow),
        (Attendance::Complete, State::Confirmed | State::CheckedIn) => (State::Completed, Transition::Completed),
        (Attendance::CheckIn, State::CheckedIn)
        | (Attendance::NoShow, State::NoShow)
        | (Attendance::Complete, State::Completed) => return Ok(Decision::told(Told::settled(reservation))),
        (Attendance::CheckIn | Attendance::NoShow | Attendance::Complete, state) => {
            return Err(Refusal::WrongState { status: state.status() });
        }
    };
    let turned = working.turn(reservation, state);
    Ok(Decision::happened(transition, turned.clone(), Told::settled(turned)))
}
