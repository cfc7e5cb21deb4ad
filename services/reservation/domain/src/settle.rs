//! Payment's answer, whichever way it comes: decided on the state it finds.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{Capture, Reason, Reservation, State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{LateMoney, ReservationId};

/// What payment says of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money is there since `at`, by payment's clock.
    Captured {
        at: Timestamp,
    },
    Declined,
    /// The call was not answered in time, or payment could not say.
    Unavailable,
}

pub(crate) fn decide(working: &mut Working, id: ReservationId, outcome: Outcome) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    let next = match (reservation.state, outcome) {
        (State::Held { deadline }, Outcome::Captured { at }) => Some(captured(&reservation, at <= deadline)),
        (State::Held { .. }, Outcome::Declined) => Some(State::Rejected { reason: Reason::PaymentDeclined }),
        (State::Held { .. }, Outcome::Unavailable) => unavailable(&reservation),
        (State::Expired { undecided: true }, Outcome::Captured { .. }) => Some(honour(working, &reservation)),
        // Decided already: money for a lost case goes back by the `keep` of the event that lost it.
        (
            State::Expired { .. }
            | State::Confirmed
            | State::Rejected { .. }
            | State::Cancelled { .. }
            | State::CheckedIn
            | State::Completed
            | State::NoShow,
            Outcome::Captured { .. } | Outcome::Declined | Outcome::Unavailable,
        ) => None,
    };
    let Some(state) = next else { return Ok(Decision::told(Told::settled(reservation))) };
    let turned = working.turn(reservation, state);
    Ok(Decision::happened(transition(state), turned.clone(), Told::settled(turned)))
}

/// Money for a hold: in time it confirms. Late, but before the sweep came, the units are still the guest's own.
fn captured(reservation: &Reservation, in_time: bool) -> State {
    match (in_time, reservation.booking.late_money) {
        (true, _) | (false, LateMoney::HonourIfFree) => State::Confirmed,
        (false, LateMoney::Refund) => State::Expired { undecided: false },
    }
}

/// Where only the call charges, nothing else would ever settle the hold; an event still may.
fn unavailable(reservation: &Reservation) -> Option<State> {
    match reservation.booking.capture {
        Capture::ByCall => Some(State::Rejected { reason: Reason::PaymentUnavailable }),
        Capture::Nobody | Capture::ByEvent | Capture::ByCallThenEvent => None,
    }
}

/// Late money for units that were given back: they are taken again as a whole, or the money returns.
fn honour(working: &Working, reservation: &Reservation) -> State {
    let booking = &reservation.booking;
    let units = working.offerings.get(&booking.offering).map_or(0, |offering| offering.units);
    match working.allotments.first_full(booking.offering, booking.takes(), booking.quantity, units) {
        None => State::Confirmed,
        Some(_) => State::Rejected { reason: Reason::SoldMeanwhile },
    }
}

const fn transition(state: State) -> Transition {
    match state {
        State::Held { .. } => Transition::Held,
        State::Confirmed => Transition::Confirmed,
        State::Rejected { .. } => Transition::Rejected,
        State::Expired { .. } => Transition::Expired,
        State::Cancelled { .. } => Transition::Cancelled,
        State::CheckedIn => Transition::CheckedIn,
        State::Completed => Transition::Completed,
        State::NoShow => Transition::NoShow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Stage};
    use crate::fixture::{Desk, at, case, days, offering, request};
    use crate::offering::{Bookable, Offering};
    use kernel::LateMoney::{HonourIfFree, Refund};
    use kernel::OutagePolicy::{Defer, Refuse};
    use kernel::{OutagePolicy, PaymentMode};

    /// The end of the 600 seconds that a fixture's reservation is held.
    const DEADLINE: &str = "2026-06-01T00:10:00Z";
    const IN_TIME: Outcome = Outcome::Captured { at: jiff::Timestamp::UNIX_EPOCH };
    const LATE: Outcome = Outcome::Captured { at: jiff::Timestamp::MAX };
    const STATUSES: [&str; 8] =
        ["held", "confirmed", "rejected", "expired", "cancelled", "checked_in", "completed", "no_show"];

    fn room(on_payment_outage: OutagePolicy, late_money: LateMoney) -> Offering {
        Offering { on_payment_outage, late_money, ..offering(1, Bookable::Nights, 1) }
    }

    fn settle(outcome: Outcome) -> Command {
        Command::Settle { reservation: case(1), outcome }
    }

    /// Case 1 in that status; its unit is then asked for by case 2 if there is a rival.
    fn desk_in(status: &str, room: &Offering, rival: bool) -> Desk {
        let (mut desk, reservation) = (Desk::with(std::slice::from_ref(room)), case(1));
        desk.place(request(1, room, 1, days("2026-06-06", "2026-06-08")));
        let steps = match status {
            "held" => vec![],
            "confirmed" => vec![settle(IN_TIME)],
            "rejected" => vec![settle(Outcome::Declined)],
            "expired" => vec![Command::Expire { reservation }],
            "cancelled" => vec![Command::Cancel { reservation }],
            "checked_in" => vec![settle(IN_TIME), Command::CheckIn { reservation }],
            "completed" => vec![settle(IN_TIME), Command::Complete { reservation }],
            "no_show" => vec![settle(IN_TIME), Command::NoShow { reservation }],
            _ => vec![],
        };
        desk.now = at(DEADLINE);
        for step in steps {
            assert!(desk.run(&step).told.is_ok());
        }
        assert_eq!(desk.stored(1).state.status(), status);
        if rival {
            desk.place(request(2, room, 1, days("2026-06-07", "2026-06-09")));
        }
        desk
    }

    /// What the design's pages say becomes of a status, and why where it is rejected.
    fn expected(
        status: &'static str,
        outcome: Outcome,
        room: &Offering,
        rival: bool,
    ) -> (&'static str, Option<Reason>) {
        match (status, outcome, room.on_payment_outage, room.late_money) {
            ("held", Outcome::Captured { .. }, _, HonourIfFree) => ("confirmed", None),
            ("held", Outcome::Captured { .. }, _, Refund) if outcome == IN_TIME => ("confirmed", None),
            ("held", Outcome::Captured { .. }, _, Refund) => ("expired", None),
            ("held", Outcome::Declined, _, _) => ("rejected", Some(Reason::PaymentDeclined)),
            ("held", Outcome::Unavailable, Refuse, _) => ("rejected", Some(Reason::PaymentUnavailable)),
            ("expired", Outcome::Captured { .. }, _, HonourIfFree) if rival => {
                ("rejected", Some(Reason::SoldMeanwhile))
            }
            ("expired", Outcome::Captured { .. }, _, HonourIfFree) => ("confirmed", None),
            ("rejected", _, _, _) => ("rejected", Some(Reason::PaymentDeclined)),
            (unchanged, _, _, _) => (unchanged, None),
        }
    }

    fn check(status: &'static str, outcome: Outcome, room: &Offering, rival: bool) {
        let mut desk = desk_in(status, room, rival);
        let before = desk.stored(1);
        let decision = desk.run(&settle(outcome));
        let after = desk.stored(1);
        let (status_then, reason) = expected(status, outcome, room, rival);
        let row = format!("{status} {outcome:?} {} {} rival: {rival}", room.on_payment_outage, room.late_money);
        let reason_then = match after.state {
            State::Rejected { reason } => Some(reason),
            _ => None,
        };
        assert_eq!((after.state.status(), reason_then), (status_then, reason), "{row}");
        let stands = Told::Stands { reservation: Box::new(after.clone()), stage: Stage::Settled };
        assert_eq!(decision.told, Ok(stands), "{row}");
        if status_then == status {
            assert_eq!((decision.happened, &after), (None, &before), "{row}");
        } else {
            assert_eq!(decision.happened, Some((transition(after.state), after.clone())), "{row}");
            assert_eq!((after.version, after.intent_due), (before.version + 1, None), "{row}");
        }
        let own = i64::from(after.state.holds_units());
        let rivals = i64::from(rival && !before.state.holds_units());
        assert_eq!(desk.taken(1), [own, own + rivals], "{row}");
    }

    #[test]
    fn every_outcome_on_every_state_under_every_policy() {
        for (outage, late) in [(Refuse, Refund), (Refuse, HonourIfFree), (Defer, Refund), (Defer, HonourIfFree)] {
            let room = room(outage, late);
            for outcome in [IN_TIME, LATE, Outcome::Declined, Outcome::Unavailable] {
                for status in STATUSES {
                    for rival in [false, true] {
                        check(status, outcome, &room, rival);
                    }
                }
            }
        }
    }

    #[test]
    fn each_change_has_an_event_of_its_own_kind() {
        let room = room(Refuse, Refund);
        for (outcome, kind) in [
            (IN_TIME, Transition::Confirmed),
            (LATE, Transition::Expired),
            (Outcome::Declined, Transition::Rejected),
            (Outcome::Unavailable, Transition::Rejected),
        ] {
            let happened = desk_in("held", &room, false).run(&settle(outcome)).happened;
            assert_eq!(happened.map(|(transition, _)| transition), Some(kind));
        }
    }

    #[test]
    fn money_at_the_deadline_is_in_time_and_a_nanosecond_later_is_late() {
        let room = room(Refuse, Refund);
        let deadline = at(DEADLINE);
        for (captured_at, status) in
            [(deadline, "confirmed"), (deadline + jiff::SignedDuration::from_nanos(1), "expired")]
        {
            let mut desk = desk_in("held", &room, false);
            desk.run(&settle(Outcome::Captured { at: captured_at }));
            assert_eq!(desk.stored(1).state.status(), status);
        }
    }

    #[test]
    fn late_money_is_honoured_by_the_terms_it_was_placed_under_and_the_units_of_now() {
        let placed_under = room(Refuse, HonourIfFree);
        for (units, status) in [(0, "rejected"), (1, "confirmed")] {
            let mut desk = desk_in("expired", &placed_under, false);
            let changed = Offering { version: 2, units, late_money: Refund, ..placed_under.clone() };
            desk.run(&Command::Adopt(Box::new(changed)));
            desk.run(&settle(LATE));
            assert_eq!(desk.stored(1).state.status(), status);
        }
    }

    #[test]
    fn a_settle_later_hold_that_payment_cannot_answer_for_goes_on_waiting() {
        let musical = Offering { payment: PaymentMode::SettleLater, ..room(Refuse, Refund) };
        let mut desk = desk_in("held", &musical, false);
        desk.run(&settle(Outcome::Unavailable));
        assert_eq!(desk.stored(1).state.status(), "held");
    }
}
