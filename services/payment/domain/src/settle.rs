//! What became of a capture: decided under the newest claim it finds.

use crate::command::{Decision, Next, Refusal};
use crate::payment::{Charge, Payment, Standing, State, Transition, retry_at};
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;

/// What the provider says of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole total was taken, at that moment by the provider's clock.
    Captured { at: Timestamp },
    /// It refuses, for a reason of its own; nothing was taken.
    Declined { reason: String },
    /// It has no charge of this payment.
    NotCharged,
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
        (State::Requested { since, attempts, .. }, Outcome::NotCharged) => {
            let (since, attempts) = (*since, *attempts);
            Ok(not_charged(working, payment, (since, attempts), now))
        }
        (State::Requested { since, attempts, .. }, Outcome::Unknown) => {
            let (since, attempts) = (*since, *attempts);
            Ok(again(working, payment, (since, attempts), now))
        }
        (
            State::Unasked { .. } | State::Captured { .. } | State::Refunding { .. } | State::Refunded { .. },
            Outcome::Captured { .. } | Outcome::Declined { .. } | Outcome::NotCharged | Outcome::Unknown,
        )
        | (State::Declined { .. } | State::Voided, Outcome::Declined { .. } | Outcome::NotCharged | Outcome::Unknown) => {
            Ok(Decision::quiet(payment, Next::Rest))
        }
    }
}

fn captured(working: &mut Working, mut payment: Payment, at: Timestamp, now: Timestamp) -> Decision {
    let charge = Charge { amount: payment.terms.total.amount(), at };
    let next = payment.hold(charge, 0, now);
    Decision::happened(working, Transition::Captured, payment, next)
}

/// Nothing was taken: the end of a payment whose claim is over, another try of one that is still wanted.
fn not_charged(
    working: &mut Working,
    payment: Payment,
    (since, attempts): (Timestamp, u32),
    now: Timestamp,
) -> Decision {
    match payment.standing() {
        None | Some(Standing::Held | Standing::Stands) => again(working, payment, (since, attempts), now),
        Some(Standing::Undecided | Standing::Ended { .. }) => {
            let voided = Payment { state: State::Voided, ..payment };
            Decision::happened(working, Transition::Voided, voided, Next::Rest)
        }
    }
}

fn again(working: &mut Working, mut payment: Payment, (since, attempts): (Timestamp, u32), now: Timestamp) -> Decision {
    let attempts = attempts.saturating_add(1);
    payment.state = State::Requested { since, attempts, due_at: retry_at(now, attempts) };
    working.put(&payment);
    Decision::quiet(payment, Next::Unsure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Work;
    use crate::follow::Capture;
    use crate::testing::{Case, TOTAL, at};

    const ENDED: Standing = Standing::Ended { keep: 0 };

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
        spared.settle(Outcome::NotCharged);
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
        assert_eq!(case.settle(Outcome::NotCharged), Next::Unsure);
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
    fn money_taken_after_the_void_goes_back() {
        let mut case = requested();
        case.follow(2, ENDED);
        case.settle(Outcome::NotCharged);
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
