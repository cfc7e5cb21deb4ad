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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::fixture::{Desk, at, case, days, offering, request, won};
    use crate::offering::{Bookable, Offering};
    use crate::settle::Outcome;
    use jiff::SignedDuration;
    use kernel::{CancellationTier, LateMoney};

    const CANCEL: fn() -> Command = || Command::Cancel { reservation: case(1) };

    /// A stay of 101 won that starts at `2026-06-09T15:00:00Z`.
    fn desk(cancellation: &[CancellationTier], late_money: LateMoney) -> Desk {
        let bookable = Bookable::Nights;
        let room =
            Offering { price: won(101), cancellation: cancellation.to_vec(), late_money, ..offering(1, bookable, 1) };
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-10", "2026-06-11")));
        desk
    }

    fn confirm(desk: &mut Desk) {
        let outcome = Outcome::Captured { at: desk.now };
        desk.run(&Command::Settle { reservation: case(1), outcome });
    }

    #[test]
    fn the_tiers_decide_what_is_kept_to_the_second() {
        let tiers = [
            CancellationTier { before_hours: 72, refund_percent: 100 },
            CancellationTier { before_hours: 24, refund_percent: 50 },
        ];
        let hour = 3600;
        for (tiers, seconds_before, keep) in [
            (&tiers[..], 72 * hour, 0),
            (&tiers, 72 * hour - 1, 50),
            (&tiers, 24 * hour, 50),
            (&tiers, 24 * hour - 1, 101),
            (&tiers, -1, 101),
            (&[], 1, 0),
            (&[], 0, 0),
            (&[], -1, 101),
        ] {
            let mut desk = desk(tiers, LateMoney::Refund);
            confirm(&mut desk);
            desk.now = at("2026-06-09T15:00:00Z") - SignedDuration::from_secs(seconds_before);
            let decision = desk.run(&CANCEL());
            let cancelled = desk.stored(1);
            assert_eq!(cancelled.state, State::Cancelled { keep }, "{seconds_before} s before");
            assert_eq!((cancelled.version, cancelled.keep(), desk.taken(1)), (3, Some(keep), vec![0]));
            let told = Told::settled(cancelled.clone());
            assert_eq!(decision, Decision::happened(Transition::Cancelled, cancelled, told));
        }
    }

    #[test]
    fn nothing_is_kept_of_a_hold_however_late() {
        let mut desk = desk(&[CancellationTier { before_hours: 0, refund_percent: 0 }], LateMoney::Refund);
        desk.run(&CANCEL());
        assert_eq!((desk.stored(1).state, desk.taken(1)), (State::Cancelled { keep: 0 }, vec![0]));
    }

    #[test]
    fn a_second_cancel_is_the_first_ones_answer() {
        let mut desk = desk(&[], LateMoney::Refund);
        confirm(&mut desk);
        let first = desk.run(&CANCEL());
        let before = desk.working.clone();
        desk.now = at("2030-01-01T00:00:00Z");
        assert_eq!(desk.run(&CANCEL()), Decision { happened: None, ..first });
        assert_eq!(desk.working, before);
    }

    #[test]
    fn what_has_ended_or_begun_cannot_be_cancelled() {
        let reservation = case(1);
        let declined = Command::Settle { reservation, outcome: Outcome::Declined };
        for (is_paid, step, status) in [
            (false, declined, "rejected"),
            (false, Command::Expire { reservation }, "expired"),
            (true, Command::CheckIn { reservation }, "checked_in"),
            (true, Command::Complete { reservation }, "completed"),
            (true, Command::NoShow { reservation }, "no_show"),
        ] {
            for late_money in [LateMoney::Refund, LateMoney::HonourIfFree] {
                let mut desk = desk(&[], late_money);
                if is_paid {
                    confirm(&mut desk);
                }
                desk.pass(600);
                desk.run(&step);
                let before = desk.working.clone();
                assert_eq!(desk.run(&CANCEL()), Decision::from(Refusal::WrongState { status }));
                assert_eq!(desk.working, before);
            }
        }
    }
}
