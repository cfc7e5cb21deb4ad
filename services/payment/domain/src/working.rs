//! The working set: the payments that a batch loaded, and which of them its decisions changed.

use crate::command::Refusal;
use crate::payment::Payment;
use kernel::ReservationId;
use std::collections::{BTreeMap, BTreeSet};

/// The payments that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    payments: BTreeMap<ReservationId, Payment>,
    /// Those that the store holds.
    stored: BTreeSet<ReservationId>,
    changed: BTreeSet<ReservationId>,
}

impl Working {
    /// Adds a payment that the store holds.
    pub fn load(&mut self, payment: Payment) {
        self.stored.insert(payment.reservation);
        self.payments.insert(payment.reservation, payment);
    }

    /// The payment of a reservation, as decided so far.
    #[must_use]
    pub fn payment(&self, reservation: ReservationId) -> Option<&Payment> {
        self.payments.get(&reservation)
    }

    pub(crate) fn known(&self, reservation: ReservationId) -> Result<Payment, Refusal> {
        self.payments.get(&reservation).cloned().ok_or(Refusal::PaymentNotFound)
    }

    pub(crate) fn put(&mut self, payment: &Payment) {
        self.changed.insert(payment.reservation);
        self.payments.insert(payment.reservation, payment.clone());
    }

    /// Payments that the store did not hold, in key order.
    pub fn created(&self) -> impl Iterator<Item = &Payment> {
        self.changed.difference(&self.stored).filter_map(|reservation| self.payments.get(reservation))
    }

    /// Payments that the store holds otherwise, in key order.
    pub fn changed(&self) -> impl Iterator<Item = &Payment> {
        self.changed.intersection(&self.stored).filter_map(|reservation| self.payments.get(reservation))
    }
}
