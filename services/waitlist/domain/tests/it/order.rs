//! Rule 19: seating's events end the same in any order, however often each is told.

use crate::fixture::{Desk, LINE, join, party, shop};
use proptest::prelude::*;
use waitlist_domain::{Command, Floor, Outcome};

/// Parties that seating knows.
const PARTIES: u128 = 5;

/// A line whose parties all have numbers, because seating answered none of their claims; some have cancelled.
fn silent(cancelled: &[bool]) -> Desk {
    let mut desk = Desk::of(shop(20));
    for number in 0..PARTIES {
        desk.stands(&join(number, 2));
        desk.settle(number, Outcome::Unavailable);
    }
    for (number, _) in (0..PARTIES).zip(cancelled).filter(|(_, cancelled)| **cancelled) {
        desk.stands(&Command::Cancel { ticket: party(number) });
    }
    desk
}

/// What seating did meanwhile: parties that sat down, and some of them stood up again.
fn story(stood_up: &[bool]) -> Vec<(u128, Outcome)> {
    let (mut events, mut floor) = (Vec::new(), Floor { free: 20, version: 1 });
    let mut step = |seats: i64| {
        floor = Floor { free: floor.free + seats, version: floor.version + 1 };
        floor
    };
    for number in 0..PARTIES {
        events.push((number, Outcome::Seated { floor: step(-2) }));
    }
    for (number, _) in (0..PARTIES).zip(stood_up).filter(|(_, stood_up)| **stood_up) {
        events.push((number, Outcome::Ended { floor: Some(step(2)) }));
    }
    events
}

fn orders() -> impl Strategy<Value = (Vec<bool>, Vec<(u128, Outcome)>, Vec<(u128, Outcome)>)> {
    let flags = || proptest::collection::vec(any::<bool>(), 5);
    (flags(), flags()).prop_flat_map(|(cancelled, stood_up)| {
        let told = story(&stood_up);
        let twice: Vec<_> = told.iter().chain(&told).copied().collect();
        (Just(cancelled), Just(told), Just(twice).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn rule_19_any_order_ends_the_same((cancelled, told, shuffled) in orders()) {
        let ends = [told, shuffled].map(|events| {
            let mut desk = silent(&cancelled);
            for (number, outcome) in events {
                desk.settle(number, outcome);
            }
            let line = desk.working.line(LINE).unwrap();
            let tickets: Vec<_> = (0..PARTIES).map(|number| (desk.stored(number).state, desk.stored(number).number)).collect();
            (tickets, line.floor, line.claim, line.last_number)
        });
        prop_assert_eq!(&ends[0], &ends[1]);
    }
}
