//! Rule 19: in which order events come in, and how often, decides nothing that it may not decide.

use crate::fixture::{Desk, case};
use crate::split_mix::SplitMix;
use crate::world::{NIGHTS, SEATS, after_opening, asked, booked, desk, is_terminal, leads_to, standing, terms};
use kernel::ReservationId;
use proptest::prelude::*;
use proptest::sample::select;
use reservation_domain::{Command, Outcome, Place, Refusal, Reservation, Told, Transition, Working};
use std::collections::{BTreeMap, BTreeSet};

/// Local commands of a script; the n-th of them that places, places `case(n)`.
const LOCALS: usize = 12;
const VERSIONS: usize = 4;
/// Shorter than a hold by so much that no deadline lies within a script of such steps.
const STEP_SECONDS_SHORT: i64 = 600 / 13;

/// A command of this process and the events that come in after it and before the next one.
#[derive(Clone, Debug)]
struct Stretch {
    seconds: i64,
    local: Command,
    incoming: Vec<Command>,
}

fn later(number: u128) -> impl Strategy<Value = Command> {
    let reservation = case(number);
    prop_oneof![
        3 => Just(Command::Cancel { reservation }),
        2 => Just(Command::Expire { reservation }),
        1 => Just(Command::CheckIn { reservation }),
        1 => Just(Command::NoShow { reservation }),
        1 => Just(Command::Complete { reservation }),
        1 => Just(Command::Settle { reservation, outcome: Outcome::Unavailable }),
    ]
}

/// Places at first, and ever more of what follows them.
fn local(index: usize) -> impl Strategy<Value = Command> {
    let number = index as u128 + 1;
    let place = asked(Just(number)).prop_map(|place| Command::Place(Box::new(Place { quantity: 1, ..place })));
    prop_oneof![4 => place, 1 + index as u32 / 2 => (1..=number).prop_flat_map(later)]
}

/// What comes in after the `stretch`-th local command: payment's word on a case, or catalog's on an offering.
#[derive(Clone, Debug)]
enum Incoming {
    Payment { stretch: usize, number: usize },
    Catalog { stretch: usize, version: usize },
}

fn incoming() -> impl Strategy<Value = Incoming> {
    (0..LOCALS).prop_flat_map(|stretch| {
        prop_oneof![
            // An event is never older than what caused it.
            3 => (0..=stretch).prop_map(move |number| Incoming::Payment { stretch, number }),
            1 => (0..VERSIONS).prop_map(move |version| Incoming::Catalog { stretch, version }),
        ]
    })
}

/// A script whose steps take up to that long; money comes up to that long after the opening.
fn stretches(step_seconds_max: i64, captured_seconds_max: i64) -> impl Strategy<Value = Vec<Stretch>> {
    let word = prop_oneof![
        3 => (0..=captured_seconds_max).prop_map(|second| Outcome::Captured { at: after_opening(second) }),
        1 => Just(Outcome::Declined),
    ];
    let locals = (0..LOCALS).map(local).collect::<Vec<_>>();
    let seconds = prop::collection::vec(0..=step_seconds_max, LOCALS);
    // Payment says one thing of a case and catalog one thing under a version, however often they say it.
    let words = prop::collection::vec(word, LOCALS);
    let versions = (2i64..)
        .take(VERSIONS)
        .map(|version| select(vec![NIGHTS, SEATS]).prop_flat_map(move |number| terms(number, version)));
    let versions = versions.collect::<Vec<_>>();
    let arrivals = prop::collection::vec(incoming(), 0..40);
    (locals, seconds, words, versions, arrivals).prop_map(|(locals, seconds, words, versions, arrivals)| {
        let stretch = |(local, seconds)| Stretch { seconds, local, incoming: Vec::new() };
        let mut stretches: Vec<_> = locals.into_iter().zip(seconds).map(stretch).collect();
        for arrival in arrivals {
            let (stretch, event) = match arrival {
                Incoming::Payment { stretch, number } => {
                    (stretch, Command::Settle { reservation: case(number as u128 + 1), outcome: words[number] })
                }
                Incoming::Catalog { stretch, version } => {
                    (stretch, Command::Adopt(Box::new(versions[version].clone())))
                }
            };
            stretches[stretch].incoming.push(event);
        }
        stretches
    })
}

/// The same script with the events of each stretch in another order, and some of them again, then or later.
fn rearranged(stretches: &[Stretch], seed: u64) -> Vec<Stretch> {
    let (mut random, mut heard, mut rearranged) = (SplitMix(seed), Vec::new(), stretches.to_vec());
    for stretch in &mut rearranged {
        heard.extend(stretch.incoming.iter().cloned());
        for _ in 0..heard.len().min(4) {
            stretch.incoming.push(heard[random.index(heard.len())].clone());
        }
        random.shuffle(&mut stretch.incoming);
    }
    rearranged
}

/// What happened to each case, what the local commands were told, who paid, and how it ended.
#[derive(Debug, Default, PartialEq)]
struct Run {
    trails: BTreeMap<ReservationId, Vec<(Transition, Reservation)>>,
    told: Vec<Result<Told, Refusal>>,
    paid: BTreeSet<ReservationId>,
    end: Working,
}

fn run(mut desk: Desk, stretches: &[Stretch]) -> Run {
    let mut run = Run::default();
    for stretch in stretches {
        desk.pass(stretch.seconds);
        for command in std::iter::once(&stretch.local).chain(&stretch.incoming) {
            let decision = desk.run(command);
            if let Some((transition, reservation)) = decision.happened {
                run.trails.entry(reservation.id).or_default().push((transition, reservation));
            }
            if let (Command::Settle { reservation, outcome: Outcome::Captured { .. } }, Ok(_)) =
                (command, &decision.told)
            {
                run.paid.insert(*reservation);
            }
            if command == &stretch.local {
                run.told.push(decision.told);
            }
        }
    }
    run.end = desk.working;
    run
}

/// What every order must come to: units, one end, and money that somebody decided upon.
fn check(opening: &Desk, run: &Run) -> Result<(), TestCaseError> {
    for ((offering, bucket), booked) in booked(&run.end) {
        let strangers = opening.working.allotments.taken(offering, bucket);
        prop_assert_eq!(run.end.allotments.taken(offering, bucket), booked + strangers);
    }
    for reservation in standing(&run.end) {
        let trail = &run.trails[&reservation.id];
        prop_assert_eq!(trail.last().map(|(_, told)| told), Some(reservation));
        for (index, (transition, told)) in trail.iter().enumerate() {
            prop_assert_eq!(told.version, index as i64 + 1);
            prop_assert_eq!(leads_to(*transition), told.state.status());
            prop_assert!(!is_terminal(&told.state) || index + 1 == trail.len(), "{:?} was no end", told.state);
        }
        let (total, is_paid) = (reservation.booking.total.amount(), run.paid.contains(&reservation.id));
        let was_sold = trail.iter().any(|(_, told)| told.state.status() == "confirmed");
        match (reservation.state.status(), reservation.keep()) {
            ("held" | "confirmed" | "checked_in" | "completed" | "no_show", keep) => prop_assert_eq!(keep, Some(total)),
            ("cancelled", Some(keep)) if was_sold => prop_assert!((0..=total).contains(&keep)),
            ("expired", None) => prop_assert!(!is_paid, "nobody decides on its money"),
            (_, keep) => prop_assert_eq!(keep, Some(0)),
        }
        prop_assert!(!(is_paid && reservation.state.status() == "held"));
    }
    Ok(())
}

proptest! {
    #[test]
    fn rule_19_without_a_deadline_every_order_comes_to_the_same(
        desk in desk(),
        stretches in stretches(STEP_SECONDS_SHORT, 0),
        seed in any::<u64>(),
    ) {
        let straight = run(desk.clone(), &stretches);
        let other = run(desk.clone(), &rearranged(&stretches, seed));
        prop_assert_eq!(&straight, &other);
        check(&desk, &straight)?;
    }

    #[test]
    fn rule_19_with_deadlines_between_every_order_keeps_the_invariants(
        desk in desk(),
        stretches in stretches(400, 1_500),
        seed in any::<u64>(),
    ) {
        check(&desk, &run(desk.clone(), &stretches))?;
        check(&desk, &run(desk.clone(), &rearranged(&stretches, seed)))?;
    }
}
