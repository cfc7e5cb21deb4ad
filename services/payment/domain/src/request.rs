//! A caller asks for the money: once per reservation, whoever asks and however often.

use crate::command::{Decision, Next, Refusal};
use crate::payment::{Payment, Standing, State, Terms};
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;

/// What a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub reservation: ReservationId,
    pub terms: Terms,
}

pub(crate) fn decide(working: &mut Working, ask: &Ask, now: Timestamp) -> Result<Decision, Refusal> {
    let known = working.payment(ask.reservation).cloned();
    let mut payment = known.unwrap_or_else(|| Payment::unasked(ask.reservation, ask.terms.clone()));
    if payment.terms.total != ask.terms.total {
        return Err(Refusal::Mismatch);
    }
    match (&payment.state, payment.standing()) {
        (State::Unasked { .. }, None | Some(Standing::Held)) => {
            payment.terms = ask.terms.clone();
            let next = payment.begin(now);
            working.put(&payment);
            Ok(Decision::quiet(payment, next))
        }
        (State::Unasked { .. }, Some(Standing::Stands | Standing::Undecided | Standing::Ended { .. }))
        | (State::Requested { .. }, Some(Standing::Ended { .. })) => Err(Refusal::ClaimEnded),
        (State::Requested { .. }, None | Some(Standing::Held | Standing::Stands | Standing::Undecided)) => {
            Ok(Decision::quiet(payment, Next::Await))
        }
        (
            State::Captured { .. }
            | State::Declined { .. }
            | State::Voided
            | State::Refunding { .. }
            | State::Refunded { .. },
            None | Some(Standing::Held | Standing::Stands | Standing::Undecided | Standing::Ended { .. }),
        ) => Ok(Decision::quiet(payment, Next::Rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Work;
    use crate::follow::Capture;
    use crate::settle::Outcome;
    use crate::testing::{Case, at, won};

    #[test]
    fn rule07_a_second_request_waits_for_the_first_ones_outcome() {
        let mut case = Case::new(Capture::ByCall);
        assert_eq!(case.request(), Ok(Next::Call(Work::Capture { find_first: false })));
        assert_eq!(case.request(), Ok(Next::Await));
        case.settle(Outcome::Captured { at: at(0) });
        assert_eq!(case.request(), Ok(Next::Rest));
        assert_eq!(case.status(), "captured");
    }

    #[test]
    fn rule07_call_and_event_begin_one_capture() {
        let mut case = Case::new(Capture::ByEvent);
        case.follow(1, Standing::Held);
        assert_eq!(case.request(), Ok(Next::Await));

        let mut called = Case::new(Capture::ByEvent);
        called.request().unwrap();
        assert_eq!(called.follow(1, Standing::Held), Next::Await);
    }

    #[test]
    fn rule30_another_amount_is_a_mismatch_and_changes_nothing() {
        let mut case = Case::new(Capture::ByCall);
        case.request().unwrap();
        let before = case.working.clone();
        assert_eq!(case.request_of(won(1)), Err(Refusal::Mismatch));
        assert_eq!(case.working, before);
    }

    #[test]
    fn an_ended_claim_is_never_captured() {
        let mut case = Case::new(Capture::ByCall);
        case.follow(2, Standing::Ended { keep: 0 });
        let before = case.working.clone();
        assert_eq!(case.request(), Err(Refusal::ClaimEnded));
        assert_eq!(case.working, before);
    }
}
