//! The working set: what a batch loaded, and what its decisions changed.

use crate::allotment::Allotments;
use crate::command::Refusal;
use crate::offering::Offering;
use crate::reservation::{Reservation, State};
use kernel::{OfferingId, ReservationId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Offerings, taken units and reservations that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    pub offerings: HashMap<OfferingId, Offering>,
    pub allotments: Allotments,
    reservations: BTreeMap<ReservationId, Reservation>,
    placed: BTreeSet<ReservationId>,
    changed: BTreeSet<ReservationId>,
    adopted: BTreeSet<OfferingId>,
}

impl Working {
    /// Adds a reservation that the store holds.
    pub fn load(&mut self, reservation: Reservation) {
        self.reservations.insert(reservation.id, reservation);
    }

    #[must_use]
    pub fn reservation(&self, id: ReservationId) -> Option<&Reservation> {
        self.reservations.get(&id)
    }

    pub(crate) fn known(&self, id: ReservationId) -> Result<Reservation, Refusal> {
        self.reservations.get(&id).cloned().ok_or(Refusal::ReservationNotFound)
    }

    /// Adds a new reservation and takes its units.
    pub(crate) fn place(&mut self, reservation: &Reservation) {
        let booking = &reservation.booking;
        self.allotments.change(booking.offering, &booking.buckets, booking.quantity);
        self.allotments.rest(booking.offering, &booking.resting, booking.quantity);
        self.placed.insert(reservation.id);
        self.reservations.insert(reservation.id, reservation.clone());
    }

    /// Moves a reservation into `state`, one version on, and lets its units follow.
    pub(crate) fn turn(&mut self, mut reservation: Reservation, state: State) -> Reservation {
        let booking = &reservation.booking;
        let units = i64::from(state.holds_units()) - i64::from(reservation.state.holds_units());
        self.allotments.change(booking.offering, &booking.buckets, units * booking.quantity);
        self.allotments.rest(booking.offering, &booking.resting, units * booking.quantity);
        reservation.version += 1;
        reservation.state = state;
        reservation.intent_due = None;
        self.note(&reservation);
        reservation
    }

    pub(crate) fn note(&mut self, reservation: &Reservation) {
        if !self.placed.contains(&reservation.id) {
            self.changed.insert(reservation.id);
        }
        self.reservations.insert(reservation.id, reservation.clone());
    }

    /// Takes over `offering` if it is newer than what is known.
    pub(crate) fn adopt(&mut self, offering: &Offering) {
        if self.offerings.get(&offering.id).is_none_or(|known| known.version < offering.version) {
            self.adopted.insert(offering.id);
            self.offerings.insert(offering.id, offering.clone());
        }
    }

    /// Reservations to insert, in key order.
    pub fn placed(&self) -> impl Iterator<Item = &Reservation> {
        self.placed.iter().filter_map(|id| self.reservations.get(id))
    }

    /// Reservations to update, in key order.
    pub fn changed(&self) -> impl Iterator<Item = &Reservation> {
        self.changed.iter().filter_map(|id| self.reservations.get(id))
    }

    /// Offerings to store, in key order.
    pub fn adopted(&self) -> impl Iterator<Item = &Offering> {
        self.adopted.iter().filter_map(|id| self.offerings.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allotment::Delta;
    use crate::command::{Command, Decision, Told};
    use crate::fixture::{Desk, case, days, offering, request};
    use crate::offering::Bookable;

    fn adopt(desk: &mut Desk, offering: &Offering) {
        assert_eq!(desk.run(&Command::Adopt(Box::new(offering.clone()))), Decision::told(Told::Adopted));
    }

    #[test]
    fn only_a_newer_version_is_adopted() {
        let second = Offering { version: 2, units: 7, ..offering(1, Bookable::Nights, 1) };
        let mut desk = Desk::with(&[]);
        adopt(&mut desk, &second);
        for (version, units) in [(1, 1), (2, 2)] {
            adopt(&mut desk, &Offering { version, units, ..second.clone() });
        }
        assert_eq!(desk.working.adopted().collect::<Vec<_>>(), [&second]);
        assert_eq!(desk.working.offerings.get(&second.id), Some(&second));
        let retired = Offering { version: 4, open: false, ..second };
        adopt(&mut desk, &retired);
        assert_eq!(desk.working.offerings.get(&retired.id), Some(&retired));
        assert_eq!(desk.working.adopted().collect::<Vec<_>>(), [&retired]);
    }

    #[test]
    fn what_is_known_as_new_is_not_stored_again() {
        let room = offering(1, Bookable::Nights, 1);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        let before = desk.working.clone();
        adopt(&mut desk, &room);
        assert_eq!(desk.working, before);
    }

    #[test]
    fn retiring_leaves_what_is_sold() {
        let room = offering(1, Bookable::Nights, 1);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        let held = desk.stored(1);
        adopt(&mut desk, &Offering { version: 2, open: false, ..room });
        assert_eq!((desk.stored(1), desk.taken(1)), (held, vec![1, 1]));
    }

    #[test]
    fn a_batch_inserts_what_it_placed_and_updates_what_it_found() {
        let room = offering(1, Bookable::Nights, 2);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        let found = desk.stored(1);
        let mut next = Desk::with(std::slice::from_ref(&room));
        for bucket in &found.booking.buckets {
            next.working.allotments.load(room.id, *bucket, 1);
        }
        next.working.load(found);
        next.place(request(2, &room, 1, days("2026-06-07", "2026-06-09")));
        for number in [1, 2] {
            next.run(&Command::Cancel { reservation: case(number) });
        }
        assert_eq!(next.working.placed().collect::<Vec<_>>(), [&next.stored(2)]);
        assert_eq!(next.working.changed().collect::<Vec<_>>(), [&next.stored(1)]);
        let given_back = |bucket| Delta { offering: room.id, bucket, taken: -1, resting: 0 };
        let given_back: Vec<_> = next.stored(1).booking.buckets.into_iter().map(given_back).collect();
        assert_eq!(next.working.allotments.deltas(), given_back);
        assert_eq!((next.taken(1), next.taken(2)), (vec![0, 0], vec![0, 0]));
    }
}
