//! Cancelling: the units come back and the tiers say what of the money does.

use crate::command::{Decision, Refusal, Told};
use crate::reservation::{Booking, Capture, Reservation, State, Transition};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::{ReservationId, refund_percent};

/// What a cancel would do to the money, in minor units of the booking's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What the business keeps of the total.
    pub keep: i64,
    /// What goes back of the total if it has been captured; nothing where nothing ever is.
    pub refund: i64,
    /// Share of the total that goes back, 0..=100; of a cancelled reservation it is not known any more.
    pub refund_percent: Option<u8>,
    /// Until then, inclusive, it stays like this as long as the reservation does; none means for good.
    pub valid_until: Option<Timestamp>,
}

/// What a cancel at `now` does to the money; `decide` does exactly this.
///
/// # Errors
/// [`Refusal::WrongState`] where a cancel is refused.
pub fn quote(reservation: &Reservation, now: Timestamp) -> Result<Quote, Refusal> {
    let booking = &reservation.booking;
    let (keep, refund_percent, valid_until) = match reservation.state {
        State::Held { deadline } => (0, Some(100), Some(deadline)),
        State::Confirmed => {
            let percent = refund_percent(&booking.cancellation, booking.starts_at.as_second() - now.as_second());
            (booking.total.kept_after(percent), Some(percent), until(booking, percent))
        }
        State::Cancelled { keep } => (keep, None, None),
        State::Rejected { .. } | State::Expired { .. } | State::CheckedIn | State::Completed | State::NoShow => {
            return Err(Refusal::WrongState { status: reservation.state.status() });
        }
    };
    let refund = match booking.capture {
        Capture::Nobody => 0,
        Capture::ByCall | Capture::ByEvent | Capture::ByCallThenEvent => booking.total.amount() - keep,
    };
    Ok(Quote { keep, refund, refund_percent, valid_until })
}

/// The last second in which `percent` goes back; nothing goes back for good.
fn until(booking: &Booking, percent: u8) -> Option<Timestamp> {
    let hours = match booking.cancellation.as_slice() {
        [] => (percent > 0).then_some(0),
        tiers => tiers
            .iter()
            .filter(|tier| tier.refund_percent == percent && percent > 0)
            .map(|tier| tier.before_hours)
            .min(),
    };
    booking.starts_at.checked_sub(SignedDuration::from_hours(hours?)).ok()
}

pub(crate) fn decide(working: &mut Working, id: ReservationId, now: Timestamp) -> Result<Decision, Refusal> {
    let reservation = working.known(id)?;
    let Quote { keep, .. } = quote(&reservation, now)?;
    match reservation.state {
        State::Cancelled { .. } => return Ok(Decision::told(Told::settled(reservation))),
        State::Held { .. }
        | State::Confirmed
        | State::Rejected { .. }
        | State::Expired { .. }
        | State::CheckedIn
        | State::Completed
        | State::NoShow => {}
    }
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
    use kernel::{CancellationTier, LateMoney, PaymentMode};

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
    fn a_quote_is_what_the_cancel_does_until_the_last_second_it_names() {
        let tier = |before_hours, refund_percent| CancellationTier { before_hours, refund_percent };
        let start = at("2026-06-09T15:00:00Z");
        for tiers in [vec![], vec![tier(72, 100), tier(48, 50), tier(24, 50), tier(0, 10)], vec![tier(10, 0)]] {
            for hours in [-1, 0, 1, 23, 24, 25, 48, 71, 72, 73] {
                let mut desk = desk(&tiers, LateMoney::Refund);
                confirm(&mut desk);
                desk.now = start - SignedDuration::from_hours(hours) + SignedDuration::from_millis(700);
                let quoted = quote(&desk.stored(1), desk.now).unwrap();
                if let Some(last) = quoted.valid_until {
                    assert!(desk.now <= last + SignedDuration::from_secs(1), "{hours} h before: {quoted:?}");
                    assert_eq!(quote(&desk.stored(1), last), Ok(quoted));
                    let after = quote(&desk.stored(1), last + SignedDuration::from_secs(1)).unwrap();
                    assert!(after.refund < quoted.refund, "{quoted:?} {after:?}");
                }
                assert_eq!(quoted.valid_until.is_none(), quoted.refund_percent == Some(0));
                desk.run(&CANCEL());
                assert_eq!(desk.stored(1).state, State::Cancelled { keep: quoted.keep });
                assert_eq!(quoted.keep + quoted.refund, 101);
                let told = quote(&desk.stored(1), desk.now).unwrap();
                assert_eq!((told.keep, told.refund), (quoted.keep, quoted.refund));
            }
        }
    }

    #[test]
    fn nothing_goes_back_where_nothing_was_paid() {
        let room = Offering { payment: PaymentMode::None, ..offering(1, Bookable::Nights, 1) };
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-10", "2026-06-11")));
        let quoted = quote(&desk.stored(1), desk.now).unwrap();
        assert_eq!((quoted.refund, quoted.keep, quoted.refund_percent), (0, 0, Some(100)));
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
                assert_eq!(quote(&desk.stored(1), desk.now), Err(Refusal::WrongState { status }));
                assert_eq!(desk.working, before);
            }
        }
    }
}
