//! A sweep takes up what is due: nobody else may until its lease ends.

use crate::command::{Decision, Next, Refusal, Work};
use crate::payment::{Standing, State, lease_end};
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;

pub(crate) fn decide(working: &mut Working, id: ReservationId, now: Timestamp) -> Result<Decision, Refusal> {
    let mut payment = working.known(id)?;
    let may_be_sent = payment.may_be_sent();
    let next = match (&mut payment.state, payment.claim.map(|claim| claim.standing)) {
        (State::Unasked { due_at: Some(due_at) }, Some(Standing::Held)) if *due_at <= now => payment.begin(now),
        (State::Requested { asked_at, due_at, .. }, _) if *due_at <= now => {
            *due_at = lease_end(now);
            Next::Call(if may_be_sent {
                *asked_at = now;
                Work::Capture { find_first: true }
            } else {
                Work::Ascertain
            })
        }
        (State::Refunding { due_at, refunded, goal, .. }, _) if *due_at <= now => {
            *due_at = lease_end(now);
            Next::Call(Work::Refund { amount: *goal - *refunded, goal: *goal })
        }
        (
            State::Unasked { .. }
            | State::Requested { .. }
            | State::Refunding { .. }
            | State::Captured { .. }
            | State::Declined { .. }
            | State::Voided
            | State::Refunded { .. },
            None | Some(Standing::Held | Standing::Stands | Standing::Undecided | Standing::Ended { .. }),
        ) => return Err(Refusal::NotDue),
    };
    working.put(&payment);
    Ok(Decision::quiet(payment, next))
}
