//! Property tests: seats add up after every step, a refusal changes nothing, and the order of events does not matter.

use crate::command::Command;
use crate::party::{State, Transition};
use crate::testing::{World, offering, store, ticket};
use crate::working::Working;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Resize { version: i64, units: i64 },
    Claim { number: u128, party_size: i64 },
    Leave { number: u128 },
    Release { number: u128 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => (1_i64..9, 0_i64..14).prop_map(|(version, units)| Step::Resize { version, units }),
        6 => (0_u128..12, 0_i64..8).prop_map(|(number, party_size)| Step::Claim { number, party_size }),
        3 => (0_u128..12).prop_map(|number| Step::Leave { number }),
        2 => (0_u128..12).prop_map(|number| Step::Release { number }),
    ];
    prop::collection::vec(step, 0..80)
}

fn seated(working: &Working) -> i64 {
    let seated = working.parties().filter(|party| party.state == State::Seated);
    seated.map(|party| party.party_size).sum()
}

/// Events as another service would tell them, each once.
fn events() -> Vec<Command> {
    let resize = |version, units| Command::Adopt(store(version, units));
    let release = |number| Command::Release { offering: offering(), ticket: ticket(number), party_size: 2 };
    vec![resize(2, 4), resize(3, 20), resize(4, 3), release(1), release(2), release(3), release(9), release(10)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn taken_is_what_seated_parties_own_and_is_never_raised_above_the_units(steps in steps()) {
        let mut world = World::with(9);
        let mut versions: BTreeMap<u128, Vec<i64>> = BTreeMap::new();
        for step in steps {
            let before = world.working.floor(offering()).unwrap().clone();
            // A refusal that changes anything fails in `World::run`.
            let happened = match step {
                Step::Resize { version, units } => {
                    world.resize(version, units);
                    None
                }
                Step::Claim { number, party_size } => world.next_claim(number, party_size).happened.map(|_| number),
                Step::Leave { number } => world.leave(number).ok().map(|_| number),
                Step::Release { number } => world.release(number, 2).happened.map(|_| number),
            };
            let floor = world.working.floor(offering()).unwrap();
            prop_assert_eq!(floor.taken, seated(&world.working));
            prop_assert!(floor.taken <= before.taken || floor.taken <= floor.store.units, "{:?} after {:?}", floor, before);
            prop_assert!(floor.version() >= before.version());
            prop_assert!(floor.version() > before.version() || floor.free() == before.free());
            if let Some(number) = happened {
                versions.entry(number).or_default().push(world.working.party(ticket(number)).unwrap().version());
            }
        }
        prop_assert!(versions.values().all(|versions| versions.is_sorted()), "{:?}", versions);
    }

    #[test]
    fn rule19_any_order_with_repeats_of_events_ends_the_same(
        order in Just(events().into_iter().chain(events()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut world = World::with(9);
        for number in 1..=4 {
            world.claim(number, 2).unwrap();
        }
        world.leave(2).unwrap();
        let mut in_order = world.clone();
        let mut freed = 0;
        for event in &events() {
            in_order.run(event);
        }
        for event in &order {
            let happened = world.run(event).happened;
            freed += usize::from(happened.is_some_and(|(transition, _)| transition == Transition::Freed));
        }
        prop_assert_eq!(&world.working, &in_order.working);
        prop_assert_eq!(freed, 2, "each release is told once");
        prop_assert_eq!(seated(&world.working), 2);
    }
}
