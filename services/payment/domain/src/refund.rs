//! What became of a refund: known, unknown and tried again, or refused, which is an alarm.

use crate::command::{Decision, Next, Refusal};
use crate::payment::{Payment, State, Transition, retry_at};
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;

/// What the provider says of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giving {
    /// In all, `total` minor units have gone back.
    Given { total: i64 },
    /// It could not be asked, or its answer was lost.
    Unknown,
    /// It does not give the money back. The payment stays as it is and is tried again; somebody has to look.
    Refused,
}

pub(crate) fn decide(
    working: &mut Working,
    reservation: ReservationId,
    giving: Giving,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let mut payment = working.known(reservation)?;
    match payment.state {
        State::Refunding { charge, goal, .. } => {
            let Some(state) = pending(&payment.state, giving, now) else {
                // A newer claim may have lowered what is kept while the call was out.
                let next = payment.hold(charge, goal, now);
                return Ok(Decision::happened(working, Transition::Refunded, payment, next));
            };
            if state == payment.state {
                return Ok(Decision::quiet(payment, Next::Await));
            }
            payment = Payment { state, ..payment };
            working.put(&payment);
            Ok(Decision::quiet(payment, Next::Unsure))
        }
        State::Unasked { .. }
        | State::Requested { .. }
        | State::Captured { .. }
        | State::Declined { .. }
        | State::Voided
        | State::Refunded { .. } => Ok(Decision::quiet(payment, Next::Rest)),
    }
}

/// The refund as it goes on being due, or none when its goal is reached.
fn pending(state: &State, giving: Giving, now: Timestamp) -> Option<State> {
    let State::Refunding { charge, refunded, goal, attempts, refusals, due_at: _ } = *state else {
        return Some(state.clone());
    };
    let tried = attempts.saturating_add(1);
    match giving {
        Giving::Given { total } if total == goal => None,
        // An answer to an earlier call, whose money is counted already.
        Giving::Given { .. } => Some(state.clone()),
        Giving::Unknown => {
            let due_at = retry_at(now, tried);
            Some(State::Refunding { charge, refunded, goal, attempts: tried, refusals, due_at })
        }
        Giving::Refused => {
            let (refusals, due_at) = (refusals.saturating_add(1), retry_at(now, u32::MAX));
            Some(State::Refunding { charge, refunded, goal, attempts: tried, refusals, due_at })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Work;
    use crate::follow::Capture;
    use crate::payment::Standing;
    use crate::settle::Outcome;
    use crate::testing::{Case, TOTAL, at};

    fn captured() -> Case {
        let mut case = Case::new(Capture::ByCall);
        case.request().unwrap();
        case.settle(Outcome::Captured { at: at(0) });
        case.follow(2, Standing::Stands);
        case
    }

    #[test]
    fn rule11_exactly_what_may_not_be_kept_goes_back_once() {
        let mut case = captured();
        let refund = Next::Call(Work::Refund { amount: TOTAL - 300, goal: TOTAL - 300 });
        assert_eq!(case.follow(3, Standing::Ended { keep: 300 }), refund);
        assert_eq!(case.follow(3, Standing::Ended { keep: 300 }), Next::Rest);
        assert_eq!(case.give(Giving::Given { total: TOTAL - 300 }), Next::Rest);
        assert_eq!(case.give(Giving::Given { total: TOTAL - 300 }), Next::Rest);
        assert_eq!((case.status(), case.refunded()), ("refunded", TOTAL - 300));
        assert_eq!(case.happened, [Transition::Captured, Transition::Refunded]);
    }

    #[test]
    fn rule11_nothing_goes_back_where_everything_is_kept() {
        let mut case = captured();
        assert_eq!(case.follow(3, Standing::Ended { keep: TOTAL }), Next::Rest);
        assert_eq!(case.status(), "captured");
    }

    #[test]
    fn rule11_a_lower_keep_refunds_the_rest() {
        let mut case = captured();
        case.follow(3, Standing::Ended { keep: 300 });
        assert_eq!(case.follow(4, Standing::Ended { keep: 0 }), Next::Await);
        let rest = Next::Call(Work::Refund { amount: 300, goal: TOTAL });
        assert_eq!(case.give(Giving::Given { total: TOTAL - 300 }), rest);
        let out = case.payment().clone();
        assert_eq!(case.give(Giving::Given { total: TOTAL - 300 }), Next::Await, "the first answer, told again");
        assert_eq!(case.payment(), &out);
        case.give(Giving::Given { total: TOTAL });
        assert_eq!((case.status(), case.refunded(), case.version()), ("refunded", TOTAL, 3));
    }

    #[test]
    fn rule10_a_refund_is_tried_with_the_same_key_until_it_is_known() {
        let mut case = captured();
        case.follow(3, Standing::Ended { keep: 0 });
        assert_eq!(case.give(Giving::Unknown), Next::Unsure);
        let refund = Ok(Next::Call(Work::Refund { amount: TOTAL, goal: TOTAL }));
        assert_eq!(case.take_up(at(1)), refund);
        assert_eq!(case.take_up(at(30)), Err(Refusal::NotDue), "whoever took it up has it for 30 seconds");
        assert_eq!(case.take_up(at(31)), refund);
    }

    #[test]
    fn rule10_a_refused_refund_stays_in_sight() {
        let mut case = captured();
        case.follow(3, Standing::Ended { keep: 0 });
        case.give(Giving::Refused);
        assert_eq!(case.status(), "refunding");
        assert!(matches!(case.payment().state, State::Refunding { refusals: 1, .. }));
        assert_eq!(case.take_up(at(59)), Err(Refusal::NotDue));
        assert!(case.take_up(at(60)).is_ok());
    }
}
