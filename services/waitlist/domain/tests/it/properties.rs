//! What every sequence of commands leaves true: refusals, versions, ends, numbers, and what a batch must load.

use crate::fixture::{Desk, LINE, join, party, shop};
use proptest::prelude::*;
use waitlist_domain::{
    Command, Decision, Floor, Happened, Next, Outcome, Rules, Shop, State, Ticket, Told, Working, decide,
};

/// Parties of a script.
const PARTIES: u128 = 8;

#[derive(Clone, Debug)]
enum Step {
    Ask(Command),
    /// So many seconds go by.
    Pass(i64),
}

/// A store in which a party is passed over once, so that short scripts come to keep seats for somebody.
fn impatient(units: i64) -> Shop {
    let shop = shop(units);
    Shop { rules: Rules { passes_max: 1, ..shop.rules }, ..shop }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let floor = || (0i64..8, 0i64..30).prop_map(|(free, version)| Floor { free, version });
    prop_oneof![
        floor().prop_map(|floor| Outcome::Seated { floor }),
        (1i64..9, floor()).prop_map(|(claim, floor)| Outcome::NoRoom { claim, floor }),
        proptest::option::of(floor()).prop_map(|floor| Outcome::Ended { floor }),
        Just(Outcome::Unavailable),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let ticket = || (0..PARTIES).prop_map(party);
    let asked = prop_oneof![
        4 => (0..PARTIES, 0i64..7).prop_map(|(number, size)| join(number, size)),
        6 => (ticket(), outcome()).prop_map(|(ticket, outcome)| Command::Settle { ticket, outcome }),
        4 => Just(Command::Advance { line: LINE }),
        2 => ticket().prop_map(|ticket| Command::Due { ticket }),
        2 => ticket().prop_map(|ticket| Command::Cancel { ticket }),
        3 => ticket().prop_map(|ticket| Command::Defer { ticket }),
        2 => ticket().prop_map(|ticket| Command::Seat { ticket }),
        1 => ticket().prop_map(|ticket| Command::Recall { ticket }),
        1 => Just(Command::Pause { line: LINE }),
        2 => Just(Command::Resume { line: LINE }),
        1 => (1i64..9, 1i64..9).prop_map(|(version, units)| Command::Adopt(Box::new(Shop { version, ..impatient(units) }))),
    ];
    prop_oneof![
        8 => asked.prop_map(Step::Ask),
        1 => prop_oneof![1i64..12, 60i64..400, 20_000i64..90_000].prop_map(Step::Pass),
    ]
}

fn script() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..60)
}

/// Plays a script and looks at each decision, with the working sets before and after it.
fn play(
    script: &[Step],
    mut look: impl FnMut(&Command, &Decision, &Desk, &Desk) -> Result<(), TestCaseError>,
) -> Result<Desk, TestCaseError> {
    let mut desk = Desk::of(impatient(6));
    for step in script {
        match step {
            Step::Pass(seconds) => desk.pass(*seconds),
            Step::Ask(command) => {
                let before = desk.clone();
                let decision = desk.run(command);
                look(command, &decision, &before, &desk)?;
            }
        }
    }
    Ok(desk)
}

const fn is_over(state: State) -> bool {
    match state {
        State::Left | State::Cancelled | State::NoShow => true,
        State::Joining { .. } | State::Waiting | State::Called { .. } | State::Seated => false,
    }
}

/// What a batch loads for a command: the line, everybody queued in it, and the ticket that is named.
fn loaded(working: &Working, command: &Command) -> Working {
    let named = match command {
        Command::Join(join) => Some(join.id),
        Command::Settle { ticket, .. }
        | Command::Due { ticket }
        | Command::Recall { ticket }
        | Command::Cancel { ticket }
        | Command::Defer { ticket }
        | Command::Seat { ticket } => Some(*ticket),
        Command::Adopt(_) | Command::Advance { .. } | Command::Pause { .. } | Command::Resume { .. } => None,
    };
    let mut loaded = Working::default();
    loaded.load_line(working.line(LINE).unwrap().clone());
    let wanted = |ticket: &&Ticket| ticket.state.is_queued() || Some(ticket.id) == named;
    for ticket in working.tickets().filter(wanted) {
        loaded.load_ticket(ticket.clone());
    }
    loaded
}

proptest! {
    #[test]
    fn rule_4_a_refusal_leaves_the_working_set_as_it_was(script in script()) {
        play(&script, |command, decision, before, after| {
            if decision.told.is_err() {
                prop_assert_eq!(&before.working, &after.working, "{:?}", command);
                prop_assert_eq!(&decision.happened, &None);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_change_is_one_version_and_one_event(script in script()) {
        play(&script, |command, decision, before, after| {
            let told = match &decision.happened {
                Some(Happened::Ticket(_, ticket)) => Some(ticket.as_ref()),
                Some(Happened::Line(..)) | None => None,
            };
            for ticket in after.working.tickets() {
                let known = before.working.ticket(ticket.id);
                if told.is_some_and(|told| told.id == ticket.id) {
                    prop_assert_eq!(told, Some(ticket));
                    prop_assert_eq!(known.map_or(1, |known| known.version + 1), ticket.version);
                } else {
                    // Others change places and are passed over; that is told with their own next change.
                    let same = known.map(|known| Ticket { place: ticket.place, passes: ticket.passes, ..known.clone() });
                    prop_assert_eq!(same.as_ref(), Some(ticket), "{:?}", command);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_over_never_changes(script in script()) {
        play(&script, |command, _, before, after| {
            for ticket in before.working.tickets().filter(|ticket| is_over(ticket.state)) {
                prop_assert_eq!(after.working.ticket(ticket.id), Some(ticket), "{:?}", command);
            }
            Ok(())
        })?;
    }

    #[test]
    fn numbers_are_given_once_and_rise(script in script()) {
        let mut given = Vec::new();
        play(&script, |_, decision, before, _| {
            if let Some(Happened::Ticket(_, ticket)) = &decision.happened
                && before.working.ticket(ticket.id).is_some_and(|known| known.number.is_none())
                && let Some(number) = ticket.number
            {
                given.push((ticket.day, number));
            }
            Ok(())
        })?;
        for pair in given.windows(2) {
            let next_of_the_day = (pair[0].0, pair[0].1 + 1);
            prop_assert!(pair[1] == next_of_the_day || pair[1].0 > pair[0].0 && pair[1].1 == 1, "{:?}", given);
        }
    }

    #[test]
    fn a_claim_is_out_for_one_queued_party_and_whoever_asks_has_it_alone(script in script()) {
        play(&script, |command, decision, before, after| {
            let claim = after.working.line(LINE).unwrap().claim;
            if let Some(claim) = claim {
                prop_assert!(after.working.ticket(claim.ticket).is_some_and(|ticket| ticket.state.is_queued()));
            }
            if let Ok(Told::Stands(standing)) = &decision.told && let Next::Claim { claim: number } = standing.next {
                prop_assert_eq!(claim.map(|claim| claim.ticket), Some(standing.ticket.id));
                let (known, claims) = (before.working.line(LINE).unwrap().claim, before.working.line(LINE).unwrap().claims);
                let is_repeat = matches!(command, Command::Join(_)) && before.working.ticket(standing.ticket.id).is_some();
                prop_assert!(is_repeat || known.is_none_or(|known| known.due <= after.now), "{:?}", command);
                prop_assert_eq!(number, if is_repeat { claims } else { claims + 1 }, "{:?}", command);
            }
            Ok(())
        })?;
    }

    #[test]
    fn who_is_claimed_for_overtakes_nobody_that_fits_or_was_passed_over_enough(script in script()) {
        play(&script, |command, decision, before, _| {
            let line = before.working.line(LINE).unwrap();
            let Ok(Told::Stands(standing)) = &decision.told else { return Ok(()) };
            if !matches!(standing.next, Next::Claim { .. }) || line.claim.is_some() {
                return Ok(());
            }
            let could_sit = |other: &&Ticket| other.party.size <= line.shop.units;
            for other in before.working.ahead(LINE, standing.ticket.place).filter(could_sit) {
                prop_assert!(other.party.size > line.free(), "{:?} goes before {:?}", command, other);
                prop_assert!(other.passes < line.shop.rules.passes_max, "{:?} goes before {:?}", command, other);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_decision_needs_no_more_than_what_a_batch_loads(script in script()) {
        play(&script, |command, decision, before, after| {
            let mut part = loaded(&before.working, command);
            prop_assert_eq!(&decide(&mut part, command, before.now), decision, "{:?}", command);
            prop_assert_eq!(part.line(LINE), after.working.line(LINE));
            for ticket in part.tickets() {
                prop_assert_eq!(Some(ticket), after.working.ticket(ticket.id));
            }
            Ok(())
        })?;
    }
}
