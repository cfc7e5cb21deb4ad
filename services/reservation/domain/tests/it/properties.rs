//! What every sequence of commands leaves true: refusals, units, ends, versions, and where batches are cut.

use crate::fixture::{Desk, case};
use crate::world::{CASES, Step, booked, desk, is_terminal, leads_to, play, script, standing};
use kernel::{Bucket, OfferingId};
use proptest::prelude::*;
use reservation_domain::{Command, Delta, Offering, Reservation, State, Told, Working};
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn rule_4_a_refusal_leaves_the_working_set_as_it_was(mut desk in desk(), script in script()) {
        play(&mut desk, &script, |step| {
            if step.decision.told.is_err() {
                prop_assert_eq!(step.before, step.after, "{:?}", step.command);
                prop_assert_eq!(&step.decision.happened, &None);
            }
            Ok(())
        })?;
    }

    #[test]
    fn units_taken_are_those_of_live_reservations(mut desk in desk(), script in script()) {
        let strangers = desk.working.allotments.clone();
        play(&mut desk, &script, |step| {
            for ((offering, bucket), booked) in booked(step.after) {
                let taken = step.after.allotments.taken(offering, bucket);
                prop_assert_eq!(taken, booked + strangers.taken(offering, bucket), "{:?}", step.command);
                prop_assert!(taken >= 0);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_sale_never_takes_more_than_there_is(mut desk in desk(), script in script()) {
        play(&mut desk, &script, |step| {
            for ((offering, bucket), _) in booked(step.after) {
                let taken = step.after.allotments.taken(offering, bucket);
                let is_sale = taken > step.before.allotments.taken(offering, bucket);
                let units = step.after.offerings.get(&offering).map_or(0, |offering| offering.units);
                prop_assert!(!is_sale || taken <= units, "{taken} of {units} after {:?}", step.command);
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_has_ended_never_changes(mut desk in desk(), script in script()) {
        play(&mut desk, &script, |step| {
            for before in standing(step.before) {
                let after = step.after.reservation(before.id);
                let honoured = match before.state {
                    State::Expired { undecided } => undecided,
                    _ => false,
                };
                if is_terminal(&before.state) || (before.state.status() == "expired" && !honoured) {
                    prop_assert_eq!(after, Some(before));
                } else if honoured && after != Some(before) {
                    let status = after.map(|after| after.state.status());
                    prop_assert!([Some("confirmed"), Some("rejected")].contains(&status), "{:?}", after);
                    prop_assert_eq!(before.booking.late_money, kernel::LateMoney::HonourIfFree);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_change_is_one_version_and_one_event(mut desk in desk(), script in script()) {
        play(&mut desk, &script, |step| {
            prop_assert!(versions(&step).is_ok(), "{:?}", versions(&step));
            Ok(())
        })?;
    }

    #[test]
    fn where_a_batch_ends_changes_nothing(desk in desk(), script in script(), size in 1usize..20) {
        let mut whole = desk.clone();
        let mut decisions = Vec::new();
        play(&mut whole, &script, |step| { decisions.push(step.decision.clone()); Ok(()) })?;
        let (mut cut, mut store) = (desk.clone(), Store::of(&desk));
        let mut decided = decisions.into_iter();
        for batch in script.chunks(size) {
            cut.working = store.load(&desk);
            play(&mut cut, batch, |step| { prop_assert_eq!(Some(step.decision.clone()), decided.next()); Ok(()) })?;
            store.save(&cut.working)?;
        }
        cut.working = store.load(&desk);
        prop_assert_eq!(&cut.working.offerings, &whole.working.offerings);
        prop_assert_eq!(standing(&cut.working).collect::<Vec<_>>(), standing(&whole.working).collect::<Vec<_>>());
        for ((offering, bucket), _) in booked(&whole.working) {
            let (cut, whole) = (&cut.working.allotments, &whole.working.allotments);
            prop_assert_eq!(cut.taken(offering, bucket), whole.taken(offering, bucket));
        }
    }
}

/// The one reservation that may have changed did so by one version, and its event tells how it stands now.
fn versions(step: &Step<'_>) -> Result<(), String> {
    let happened = step.decision.happened.as_ref();
    for number in 1..=CASES {
        let (before, after) = (step.before.reservation(case(number)), step.after.reservation(case(number)));
        let is_lease = matches!(step.command, Command::TakeUp { reservation, .. } if *reservation == case(number));
        match (happened, after) {
            (Some((transition, told)), Some(after)) if told.id == case(number) => {
                let follows = before.map_or(1, |before| before.version + 1) == after.version;
                let is_whole = told == after && leads_to(*transition) == after.state.status();
                let is_turn =
                    before.is_none_or(|before| before.state != after.state && before.booking == after.booking);
                if !(follows && is_whole && is_turn) {
                    return Err(format!("{transition:?}: {before:?} became {after:?}, told {told:?}"));
                }
            }
            (_, after) => {
                let leased =
                    |found: Option<&Reservation>| found.cloned().map(|found| Reservation { intent_due: None, ..found });
                if before != after && !(is_lease && leased(before) == leased(after)) {
                    return Err(format!("without an event {before:?} became {after:?}"));
                }
            }
        }
    }
    match &step.decision.told {
        Ok(Told::Stands { reservation, .. }) if step.after.reservation(reservation.id) != Some(reservation) => {
            Err(format!("told {reservation:?}"))
        }
        _ => Ok(()),
    }
}

/// A database as small as it gets: what was saved of each batch, and deltas added to counts.
struct Store {
    offerings: BTreeMap<OfferingId, Offering>,
    reservations: BTreeMap<kernel::ReservationId, Reservation>,
    given: BTreeMap<(OfferingId, Bucket), i64>,
}

impl Store {
    fn of(desk: &Desk) -> Self {
        let offerings = desk.working.offerings.clone().into_iter().collect();
        Self { offerings, reservations: BTreeMap::new(), given: BTreeMap::new() }
    }

    /// The working set of a batch that names everything.
    fn load(&self, opening: &Desk) -> Working {
        let mut working = opening.working.clone();
        working.offerings = self.offerings.clone().into_iter().collect();
        for ((offering, bucket), given) in &self.given {
            working.allotments.load(*offering, *bucket, given + opening.working.allotments.taken(*offering, *bucket));
        }
        for reservation in self.reservations.values() {
            working.load(reservation.clone());
        }
        working
    }

    fn save(&mut self, working: &Working) -> Result<(), TestCaseError> {
        for Delta { offering, bucket, taken, resting } in working.allotments.deltas() {
            prop_assert!(taken != 0 || resting != 0);
            *self.given.entry((offering, bucket)).or_default() += taken;
        }
        for placed in working.placed() {
            prop_assert_eq!(self.reservations.insert(placed.id, placed.clone()), None, "inserted twice");
        }
        for changed in working.changed() {
            prop_assert!(self.reservations.insert(changed.id, changed.clone()).is_some(), "nothing to update");
        }
        self.offerings.extend(working.adopted().map(|offering| (offering.id, offering.clone())));
        Ok(())
    }
}
