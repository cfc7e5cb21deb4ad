//! Cancelling: the units come back and the tiers say what of the money does.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{ReservationId, refund_percent};

pub(crate) fn decide(working: &mut Working, id: ReservationId, now: Timestamp) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    let keep = match reservation.state {
        State::Held { .. } => 0,
        State::Confirmed => {
            let seconds_before = reservation.booking.starts_at.as_second() - now.as_second();
            reservation.booking.total.kept_after(refund_percent(&reservation.booking.cancellation, seconds_before))
        }
        State::Cancelled { .. } => return Ok(Decision::told(Told::settled(reservation))),
        State::Rejected { .. } | State::Expired { .. } | State::CheckedIn | State::Completed | State::NoShow => {
            return Err(Refusal::WrongState { status: reservation.state.status() });
        }
    };
    let cancelled = working.turn(reservation, State::Cancelled { keep });
    Ok(Decision::happened(Transition::Cancelled, cancelled.clone(), Told::settled(cancelled)))
}
