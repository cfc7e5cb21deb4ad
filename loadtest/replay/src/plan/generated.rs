//! Bookings with the shape of the recorded ones, for where the recorded ones are not at hand.

use super::{Booking, Ending, Hotel, Life, Plan, derive};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Every arrival lies within so many days, so that a third of the hotels' rooms sells out again and again.
const SEASON_DAYS: u64 = 28;
const OPENS: Date = date(2026, 5, 1);
/// Longest stay in nights.
const STAY_NIGHTS_MAX: u64 = 14;
/// A booking has about so many events, in tenths; a few bookings more than events ask for do not matter.
const EVENTS_PER_BOOKING_TENTHS: usize = 20;

pub fn plan(seed: u64, events: usize) -> Plan {
    let mut draws = SplitMix(seed);
    let count = u32::try_from(events * 10 / EVENTS_PER_BOOKING_TENTHS + 1).unwrap_or(u32::MAX);
    let lives: Vec<Life> = (1..=count).map(|number| life(number, &mut draws)).collect();
    derive(&lives).limited(events)
}

fn life(number: u32, draws: &mut SplitMix) -> Life {
    let hotel = if draws.below(3) < 2 { Hotel::City } else { Hotel::Resort };
    let from = OPENS.saturating_add(days(draws.below(SEASON_DAYS)));
    // Half of the guests come within two months, a few think a year ahead; one in ten books on the day.
    let lead_days = match draws.below(10) {
        0 => 0,
        1..=5 => draws.below(60),
        6..=8 => draws.below(180),
        _ => draws.below(365),
    };
    let booked_on = from.saturating_sub(days(lead_days));
    // Short stays are common; one in 170 uses a room by day only.
    let nights = match draws.below(170) {
        0 => 0,
        1..=120 => 1 + draws.below(4),
        _ => 1 + draws.below(STAY_NIGHTS_MAX),
    };
    let to = from.saturating_add(days(nights));
    let ending = match draws.below(100) {
        0..=36 => Ending::Cancelled(booked_on.saturating_add(days(draws.below(lead_days + 1)))),
        37 => Ending::NoShow,
        _ => Ending::CheckedOut(to),
    };
    Life { booking: Booking { number, hotel, from, to }, booked_on, ending }
}

fn days(count: u64) -> jiff::Span {
    i64::try_from(count).unwrap_or(0).days()
}

/// SplitMix64: small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Capacities, reference};
    use crate::plan::Op;

    #[test]
    fn has_the_shape_of_the_recorded_bookings() {
        let plan = plan(1, 5_000);
        assert_eq!(plan, super::plan(1, 5_000));
        assert_ne!(plan.sha256(), super::plan(2, 5_000).sha256());
        assert_eq!(plan.events().len(), 5_000);
        let count = |op| plan.events().iter().filter(|event| event.op == op).count();
        let share = count(Op::Cancel) * 100 / count(Op::Book);
        assert!((30..=40).contains(&share), "{share} % are cancelled");
        assert!(plan.bookings().iter().all(|one| one.nights().count() <= 14));
        assert!(plan.bookings().iter().any(Booking::is_day_use));
    }

    #[test]
    fn sells_out_at_a_third_of_the_rooms_and_gives_rooms_back() {
        let plan = plan(1, 5_000);
        let capacities = Capacities::REALISED.divided(3);
        for (hotel, figures) in reference(&plan, capacities).figures {
            assert!(figures.accepted > 300 && figures.rejected > 50 && figures.cancelled > 100, "{figures:?}");
            assert_eq!(figures.peak.unwrap().rooms, capacities.of(hotel));
        }
    }
}
