//! A change of the reservation: the newest version seen says what may become of the money.

use crate::command::{Decision, Next};
use crate::payment::{Claim, Owner, Payment, Standing, State, Terms};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;

/// A hold that is paid by call is left to its caller for this long; then the event counts too.
const CALLER_SECONDS: i64 = 1;

/// A hold that is heard of later than this was placed while nobody listened here: it may have ended since then.
const PROMPT_SECONDS_MAX: i64 = 5;

/// Who begins the capture of a reservation that is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// The synchronous call alone.
    ByCall,
    /// The event alone.
    ByEvent,
    /// The call, and the event once the hold is older than a second.
    ByCallThenEvent,
}

/// A reservation after its change number `version`, as far as its payment cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub reservation: ReservationId,
    pub version: i64,
    pub standing: Standing,
    pub owner: Owner,
    pub terms: Terms,
    pub capture: Capture,
    /// By the reservation's database.
    pub placed_at: Timestamp,
}

pub(crate) fn decide(working: &mut Working, snapshot: &Snapshot, now: Timestamp) -> Decision {
    let known = working.payment(snapshot.reservation).cloned();
    let mut payment = known.unwrap_or_else(|| Payment::unasked(snapshot.reservation, snapshot.terms.clone()));
    let is_new = payment.owner.is_none();
    payment.owner.get_or_insert_with(|| snapshot.owner.clone());
    if payment.claim.is_some_and(|claim| claim.version >= snapshot.version) {
        if is_new {
            // Whose it is holds for all versions: a payment from before owners were kept learns it by any of them.
            working.put(&payment);
        }
        return Decision::quiet(payment, Next::Rest);
    }
    payment.claim = Some(Claim { version: snapshot.version, standing: snapshot.standing });
    let next = match payment.state {
        State::Unasked { .. } => {
            payment.terms = snapshot.terms.clone();
            consider(&mut payment, snapshot, now)
        }
        // The outcome of the call that is out decides, under the claim it then finds.
        State::Requested { .. } | State::Refunding { .. } => Next::Await,
        State::Captured { charge } => payment.hold(charge, 0, now),
        State::Refunded { charge, refunded } => payment.hold(charge, refunded, now),
        State::Declined { .. } | State::Voided => Next::Rest,
    };
    working.put(&payment);
    Decision::quiet(payment, next)
}

/// Begins the capture of a hold where the event may, notes when it may, or leaves it to a call.
fn consider(payment: &mut Payment, snapshot: &Snapshot, now: Timestamp) -> Next {
    let left_to_caller_until = snapshot.placed_at + SignedDuration::from_secs(CALLER_SECONDS);
    let is_late = now.duration_since(snapshot.placed_at) > SignedDuration::from_secs(PROMPT_SECONDS_MAX);
    let due_at = match (snapshot.standing, snapshot.capture) {
        // Whoever takes up what is due reads first what else was published until now.
        (Standing::Held, Capture::ByEvent | Capture::ByCallThenEvent) if is_late => Some(now),
        (Standing::Held, Capture::ByEvent) => return payment.begin(now),
        (Standing::Held, Capture::ByCallThenEvent) if left_to_caller_until <= now => return payment.begin(now),
        (Standing::Held, Capture::ByCallThenEvent) => Some(left_to_caller_until),
        (Standing::Held, Capture::ByCall)
        | (
            Standing::Stands | Standing::Undecided | Standing::Ended { .. },
            Capture::ByCall | Capture::ByEvent | Capture::ByCallThenEvent,
        ) => None,
    };
    payment.state = State::Unasked { due_at };
    Next::Rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Work;
    use crate::testing::{Case, at};

    #[test]
    fn rule07_by_call_never_begins_by_event() {
        let mut case = Case::new(Capture::ByCall);
        assert_eq!(case.follow(1, Standing::Held), Next::Rest);
        assert_eq!(case.take_up(at(1_000)), Err(crate::Refusal::NotDue));
    }

    #[test]
    fn rule07_by_event_begins_at_once() {
        let mut case = Case::new(Capture::ByEvent);
        assert_eq!(case.follow(1, Standing::Held), Next::Call(Work::Capture { find_first: false }));
        assert_eq!(case.follow(1, Standing::Held), Next::Rest);
        assert_eq!(case.status(), "requested");
    }

    #[test]
    fn rule07_a_deferred_hold_begins_by_event_when_it_is_a_second_old() {
        let mut case = Case::new(Capture::ByCallThenEvent);
        assert_eq!(case.follow(1, Standing::Held), Next::Rest);
        assert_eq!(case.take_up(at(0)), Err(crate::Refusal::NotDue));
        assert_eq!(case.take_up(at(1)), Ok(Next::Call(Work::Capture { find_first: false })));

        let mut late = Case::new(Capture::ByCallThenEvent);
        late.now = at(1);
        assert_eq!(late.follow(1, Standing::Held), Next::Call(Work::Capture { find_first: false }));
    }

    #[test]
    fn a_hold_that_is_heard_of_late_is_not_begun_before_what_ended_it_is_read() {
        for capture in [Capture::ByEvent, Capture::ByCallThenEvent] {
            let mut late = Case::new(capture);
            late.now = at(7_200);
            assert_eq!(late.follow(1, Standing::Held), Next::Rest);
            let mut stands = late.clone();
            assert_eq!(stands.take_up(at(7_200)), Ok(Next::Call(Work::Capture { find_first: false })));
            late.follow(2, Standing::Ended { keep: 0 });
            assert_eq!((late.take_up(at(7_300)), late.version()), (Err(crate::Refusal::NotDue), 0));
        }
    }

    #[test]
    fn a_deferred_hold_that_ended_meanwhile_is_not_begun() {
        let mut case = Case::new(Capture::ByCallThenEvent);
        case.follow(1, Standing::Held);
        case.follow(2, Standing::Ended { keep: 0 });
        assert_eq!(case.take_up(at(60)), Err(crate::Refusal::NotDue));
    }

    #[test]
    fn a_cancel_that_overtakes_its_hold_leaves_a_tombstone() {
        let mut case = Case::new(Capture::ByEvent);
        assert_eq!(case.follow(2, Standing::Ended { keep: 0 }), Next::Rest);
        assert_eq!(case.follow(1, Standing::Held), Next::Rest);
        assert_eq!((case.status(), case.version()), ("unasked", 0));
    }
}
