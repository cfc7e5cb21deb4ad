//! The working set: the reservations and reviews that a batch names, and which of them changed.

use crate::booking::Booking;
use crate::review::{Review, Status};
use kernel::{ReservationId, ReviewId};
use std::collections::{BTreeMap, BTreeSet};

/// Reservations and reviews that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    bookings: BTreeMap<ReservationId, Booking>,
    reviews: BTreeMap<ReviewId, Review>,
    noted: BTreeSet<ReservationId>,
    changed: BTreeSet<ReviewId>,
}

impl Working {
    /// Adds a reservation's state that the store holds.
    pub fn load_booking(&mut self, booking: Booking) {
        self.bookings.insert(booking.reservation, booking);
    }

    /// Adds a review that the store holds.
    pub fn load_review(&mut self, review: Review) {
        self.reviews.insert(review.id, review);
    }

    pub(crate) fn booking(&self, id: ReservationId) -> Option<&Booking> {
        self.bookings.get(&id)
    }

    pub(crate) fn review(&self, id: ReviewId) -> Option<&Review> {
        self.reviews.get(&id)
    }

    pub(crate) fn posted(&self, id: ReviewId) -> Option<&Review> {
        self.review(id).filter(|review| review.status == Status::Posted)
    }

    /// Keeps the newest version, whatever order they come in.
    pub(crate) fn note(&mut self, booking: &Booking) {
        if self.booking(booking.reservation).is_none_or(|known| known.version < booking.version) {
            self.noted.insert(booking.reservation);
            self.bookings.insert(booking.reservation, booking.clone());
        }
    }

    pub(crate) fn put(&mut self, review: Review) {
        self.changed.insert(review.id);
        self.reviews.insert(review.id, review);
    }

    /// Reservations to store, in key order.
    pub fn noted(&self) -> impl Iterator<Item = &Booking> {
        self.noted.iter().filter_map(|id| self.bookings.get(id))
    }

    /// Reviews to store, in key order.
    pub fn changed(&self) -> impl Iterator<Item = &Review> {
        self.changed.iter().filter_map(|id| self.reviews.get(id))
    }
}
