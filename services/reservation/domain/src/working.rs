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
        self.placed.insert(reservation.id);
        self.reservations.insert(reservation.id, reservation.clone());
    }

    /// Moves a reservation into `state`, one version on, and lets its units follow.
    pub(crate) fn turn(&mut self, mut reservation: Reservation, state: State) -> Reservation {
        let booking = &reservation.booking;
        let units = i64::from(state.holds_units()) - i64::from(reservation.state.holds_units());
        self.allotments.change(booking.offering, &booking.buckets, units * booking.quantity);
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
