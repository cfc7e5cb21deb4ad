//! What became of a capture: decided under the newest claim it finds.

use crate::command::{Decision, Next, Refusal};
use crate::payment::{Charge, Payment, State, Transition, retry_at};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;

/// What the provider says of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole total was taken, at that moment by the provider's clock.
    Captured { at: Timestamp },
    /// It refuses, for a reason of its own; nothing was taken.
    Declined { reason: String },
    /// It has no charge of this payment. What it was asked for less than `charges_within` ago may still become one.
    NotCharged { charges_within: SignedDuration },
    /// It could not be asked, or its answer was lost.
    Unknown,
}

pub(crate) fn decide(
    working: &mut Working,
    reservation: ReservationId,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let payment = working.known(reservation)?;
    match (&payment.state, outcome) {
        // Money that a slow call took after the case was closed is money all the same: the claim says whose it is.
        (State::Requested { .. } | State::Declined { .. } | State::Voided, Outcome::Captured { at }) => {
            Ok(captured(working, payment, *at, now))
        }
        (State::Requested { .. }, Outcome::Declined { reason }) => {
            let declined = Payment { state: State::Declined { reason: reason.clone() }, ..payment };
            Ok(Decision::happened(working, Transition::Declined, declined, Next::Rest))
        }
        (State::Requested { asked_at, attempts, .. }, Outcome::NotCharged { charges_within }) => {
            let (asked_at, attempts) = (*asked_at, *attempts);
            if payment.may_be_sent() || now.duration_since(asked_at) < *charges_within {
                return Ok(again(working, payment, (asked_at, attempts), now));
            }
            let voided = Payment { state: State::Voided, ..payment };
            Ok(Decision::happened(working, Transition::Voided, voided, Next::Rest))
        }
        // The call that has ended now may have been the last to reach the provider.
        (State::Requested { attempts, .. }, Outcome::Unknown) => {
            let attempts = *attempts;
            Ok(again(working, payment, (now, attempts), now))
        }
        (
            State::Unasked { .. } | State::Captured { .. } | State::Refunding { .. } | State::Refunded { .. },
            Outcome::Captured { .. } | Outcome::Declined { .. } | Outcome::NotCharged { .. } | Outcome::Unknown,
        )
        | (
            State::Declined { .. } | State::Voided,
            Outcome::Declined { .. } | Outcome::NotCharged { .. } | Outcome::Unknown,
        ) => Ok(Decision::quiet(payment, Next::Rest)),
    }
}

fn captured(working: &mut Working, mut payment: Payment, at: Timestamp, now: Timestamp) -> Decision {
    let charge = Charge { amount: payment.terms.total.amount(), at };
    let next = payment.hold(charge, 0, now);
    Decision::happened(working, Transition::Captured, payment, next)
}

fn again(
    working: &mut Working,
    mut payment: Payment,
    (asked_at, attempts): (Timestamp, u32),
    now: Timestamp,
) -> Decision {
    let attempts = attempts.saturating_add(1);
    payment.state = State::Requested { asked_at, attempts, due_at: retry_at(now, attempts) };
    working.put(&payment);
    Decision::quiet(payment, Next::Unsure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Work;
    use crate::follow::Capture;
    use crate::payment::Standing;
    use crate::testing::{Case, TOTAL, at};

    const ENDED: Standing = Standing::Ended { keep: 0 };
    const NOT_CHARGED: Outcome = Outcome::NotCharged { charges_within: SignedDuration::from_secs(60) };
    const NEVER_CHARGED: Outcome = Outcome::NotCharged { charges_within: SignedDuration::ZERO };

    fn requested() -> Case {
        let mut case = Case::new(Capture::ByCall);
        case.request().unwrap();
        case
    }

    #[test]
    fn rule10_a_cancel_while_a_call_is_out_is_decided_by_the_outcome() {
        let mut charged = requested();
        assert_eq!(charged.follow(2, ENDED), Next::Await);
        let next = charged.settle(Outcome::Captured { at: at(0) });
        assert_eq!(next, Next::Call(Work::Refund { amount: TOTAL, goal: TOTAL }));
        assert_eq!(charged.happened, [Transition::Captured]);

        let mut spared = requested();
        spared.follow(2, ENDED);
        spared.settle(NEVER_CHARGED);
        assert_eq!((spared.status(), &*spared.happened), ("voided", &[Transition::Voided][..]));
    }

    #[test]
    fn rule09_an_unknown_outcome_is_asked_for_before_another_capture_is_sent() {
        let mut case = requested();
        assert_eq!(case.settle(Outcome::Unknown), Next::Unsure);
        assert_eq!(case.take_up(at(0)), Err(Refusal::NotDue));
        assert_eq!(case.take_up(at(1)), Ok(Next::Call(Work::Capture { find_first: true })));
        assert_eq!(case.take_up(at(30)), Err(Refusal::NotDue), "whoever took it up has it for 30 seconds");
        assert_eq!(case.take_up(at(31)), Ok(Next::Call(Work::Capture { find_first: true })));
    }

    #[test]
    fn nothing_taken_for_a_hold_is_another_try() {
        let mut case = requested();
        case.follow(1, Standing::Held);
        assert_eq!(case.settle(NEVER_CHARGED), Next::Unsure);
        assert_eq!(case.status(), "requested");
        assert_eq!(case.take_up(at(1)), Ok(Next::Call(Work::Capture { find_first: true })));
    }

    #[test]
    fn an_ended_claim_is_only_asked_about() {
        let mut case = requested();
        case.settle(Outcome::Unknown);
        case.follow(2, ENDED);
        assert_eq!(case.take_up(at(1)), Ok(Next::Call(Work::Ascertain)));
    }

    #[test]
    fn money_for_an_undecided_expiry_stays_until_the_decision() {
        let mut case = requested();
        case.follow(2, Standing::Undecided);
        assert_eq!(case.settle(Outcome::Captured { at: at(0) }), Next::Rest);
        assert_eq!(case.status(), "captured");
        assert_eq!(case.follow(3, ENDED), Next::Call(Work::Refund { amount: TOTAL, goal: TOTAL }));
    }

    #[test]
    fn rule10_what_a_slow_provider_may_still_take_is_not_void() {
        let mut case = requested();
        case.now = at(9);
        case.settle(Outcome::Unknown);
        case.follow(2, ENDED);
        assert_eq!(case.take_up(at(10)), Ok(Next::Call(Work::Ascertain)));
        assert_eq!(case.settle(NOT_CHARGED), Next::Unsure, "the call has ended a second ago");
        assert_eq!(case.take_up(at(68)), Ok(Next::Call(Work::Ascertain)));
        assert_eq!(case.settle(NOT_CHARGED), Next::Unsure);
        let mut charged = case.clone();
        let next = charged.settle(Outcome::Captured { at: at(68) });
        assert_eq!(next, Next::Call(Work::Refund { amount: TOTAL, goal: TOTAL }));
        case.take_up(at(130)).unwrap();
        assert_eq!((case.settle(NOT_CHARGED), case.status()), (Next::Rest, "voided"));
    }

    #[test]
    fn money_taken_after_the_void_goes_back() {
        let mut case = requested();
        case.follow(2, ENDED);
        case.settle(NEVER_CHARGED);
        let next = case.settle(Outcome::Captured { at: at(5) });
        assert_eq!(next, Next::Call(Work::Refund { amount: TOTAL, goal: TOTAL }));
        assert_eq!(case.happened, [Transition::Voided, Transition::Captured]);
    }

    #[test]
    fn an_outcome_told_twice_happens_once() {
        let mut case = requested();
        case.settle(Outcome::Declined { reason: "no-money".into() });
        let before = case.working.clone();
        assert_eq!(case.settle(Outcome::Declined { reason: "no-money".into() }), Next::Rest);
        assert_eq!(case.working, before);
        assert_eq!((case.version(), case.happened.len()), (1, 1));
    }
}
