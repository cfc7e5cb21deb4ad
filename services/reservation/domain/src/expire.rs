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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::fixture::{Desk, case, days, offering, request};
    use crate::offering::{Bookable, Offering};
    use crate::settle::Outcome;

    const EXPIRE: fn() -> Command = || Command::Expire { reservation: case(1) };

    fn held(late_money: LateMoney) -> Desk {
        let room = Offering { late_money, ..offering(1, Bookable::Nights, 1) };
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        desk
    }

    #[test]
    fn a_hold_expires_at_its_deadline_and_not_before() {
        for (late_money, undecided, keep) in
            [(LateMoney::Refund, false, Some(0)), (LateMoney::HonourIfFree, true, None)]
        {
            let mut desk = held(late_money);
            desk.pass(599);
            let before = desk.working.clone();
            assert_eq!(desk.run(&EXPIRE()), Decision::from(Refusal::NotDue));
            assert_eq!(desk.working, before);
            desk.pass(1);
            let decision = desk.run(&EXPIRE());
            let expired = desk.stored(1);
            assert_eq!((expired.state, expired.version), (State::Expired { undecided }, 2));
            assert_eq!((expired.keep(), expired.intent_due, desk.taken(1)), (keep, None, vec![0, 0]));
            let told = Told::settled(expired.clone());
            assert_eq!(decision, Decision::happened(Transition::Expired, expired, told.clone()));
            let before = desk.working.clone();
            assert_eq!(desk.run(&EXPIRE()), Decision::told(told), "twice is once");
            assert_eq!(desk.working, before);
        }
    }

    #[test]
    fn only_a_hold_expires() {
        let reservation = case(1);
        let captured = Command::Settle { reservation, outcome: Outcome::Captured { at: held(LateMoney::Refund).now } };
        let declined = Command::Settle { reservation, outcome: Outcome::Declined };
        for steps in [
            vec![captured.clone()],
            vec![declined],
            vec![Command::Cancel { reservation }],
            vec![captured.clone(), Command::CheckIn { reservation }],
            vec![captured.clone(), Command::Complete { reservation }],
            vec![captured, Command::NoShow { reservation }],
        ] {
            let mut desk = held(LateMoney::Refund);
            for step in steps {
                assert!(desk.run(&step).told.is_ok());
            }
            desk.pass(600);
            let status = desk.stored(1).state.status();
            let before = desk.working.clone();
            assert_eq!(desk.run(&EXPIRE()), Decision::from(Refusal::WrongState { status }));
            assert_eq!(desk.working, before);
        }
    }
}
