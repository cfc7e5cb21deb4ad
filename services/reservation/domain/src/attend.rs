//! The visit itself: the guest comes, stays away, or has been.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{Purpose, State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::ReservationId;

/// What the host says of the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attendance {
    CheckIn,
    NoShow,
    Complete,
}

pub(crate) fn decide(
    working: &mut Working,
    id: ReservationId,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    // Nobody visits a block; it is over when its span is, and until then it can be lifted.
    let lasts = match attendance {
        Attendance::CheckIn | Attendance::NoShow => true,
        Attendance::Complete => now < reservation.booking.ends_at,
    };
    if matches!(reservation.booking.purpose, Purpose::Block { .. }) && lasts {
        return Err(Refusal::IsBlock);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::fixture::{Desk, case, days, offering, request};
    use crate::offering::{Bookable, Offering};
    use kernel::PaymentMode;

    fn checked_in() -> Command {
        Command::CheckIn { reservation: case(1) }
    }

    fn stayed_away() -> Command {
        Command::NoShow { reservation: case(1) }
    }

    fn completed() -> Command {
        Command::Complete { reservation: case(1) }
    }

    /// Case 1 after `steps`, which all succeed.
    fn after(payment: PaymentMode, steps: &[Command]) -> Desk {
        let room = Offering { payment, ..offering(1, Bookable::Nights, 1) };
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        for step in steps {
            assert!(desk.run(step).told.is_ok());
        }
        desk
    }

    #[test]
    fn a_visit_goes_one_way() {
        let (confirmed, in_house) = (&[][..], &[checked_in()][..]);
        for (steps, command, transition, status) in [
            (confirmed, checked_in(), Transition::CheckedIn, "checked_in"),
            (confirmed, stayed_away(), Transition::NoShow, "no_show"),
            (confirmed, completed(), Transition::Completed, "completed"),
            (in_house, completed(), Transition::Completed, "completed"),
        ] {
            let mut desk = after(PaymentMode::None, steps);
            let version = desk.stored(1).version;
            let decision = desk.run(&command);
            let turned = desk.stored(1);
            assert_eq!((turned.state.status(), turned.version), (status, version + 1));
            // The visit was sold: its units stay taken whether or not the guest came.
            assert_eq!(desk.taken(1), [1, 1]);
            let told = Told::settled(turned.clone());
            assert_eq!(decision, Decision::happened(transition, turned.clone(), told.clone()));
            let before = desk.working.clone();
            assert_eq!(desk.run(&command), Decision::told(told), "twice is once");
            assert_eq!(desk.working, before);
        }
    }

    #[test]
    fn every_other_state_refuses() {
        let cancelled = || Command::Cancel { reservation: case(1) };
        for (payment, steps, refused) in [
            (PaymentMode::Prepay, vec![], vec![checked_in(), stayed_away(), completed()]),
            (PaymentMode::None, vec![cancelled()], vec![checked_in(), stayed_away(), completed()]),
            (PaymentMode::None, vec![checked_in()], vec![stayed_away()]),
            (PaymentMode::None, vec![stayed_away()], vec![checked_in(), completed()]),
            (PaymentMode::None, vec![completed()], vec![checked_in(), stayed_away()]),
        ] {
            for command in refused {
                let mut desk = after(payment, &steps);
                let status = desk.stored(1).state.status();
                let before = desk.working.clone();
                assert_eq!(desk.run(&command), Decision::from(Refusal::WrongState { status }), "{command:?}");
                assert_eq!(desk.working, before);
            }
        }
    }
}
