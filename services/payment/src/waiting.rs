//! Callers that wait for the outcome of a capture, told by whichever command brings it.

use kernel::ReservationId;
use payment_domain::{Next, State, Told};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who waits for which reservation's payment in this process.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<HashMap<ReservationId, Vec<oneshot::Sender<Told>>>>);

/// One caller's place; given up when dropped.
#[derive(Debug)]
pub struct Place<'w> {
    waiting: &'w Waiting,
    reservation: ReservationId,
    told: oneshot::Receiver<Told>,
}

impl Waiting {
    /// Waits from now on. Taken before the command that may begin the capture, or its outcome could be missed.
    pub fn take_place(&self, reservation: ReservationId) -> Place<'_> {
        let (sender, told) = oneshot::channel();
        self.lock().entry(reservation).or_default().push(sender);
        Place { waiting: self, reservation, told }
    }

    /// Tells everybody who waits for this payment, if its outcome is known or its call ended without one.
    pub fn tell(&self, told: &Told) {
        let over = match told.payment.state {
            State::Requested { .. } => told.next == Next::Unsure,
            State::Unasked { .. } => false,
            State::Captured { .. }
            | State::Declined { .. }
            | State::Voided
            | State::Refunding { .. }
            | State::Refunded { .. } => true,
        };
        if !over {
            return;
        }
        let waited = self.lock().remove(&told.payment.reservation);
        for sender in waited.into_iter().flatten() {
            if sender.send(told.clone()).is_err() {
                tracing::trace!(reservation = %told.payment.reservation, "a caller hung up");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ReservationId, Vec<oneshot::Sender<Told>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// The outcome, as soon as a command of this process brings it.
    pub async fn outcome(&mut self) -> Option<Told> {
        (&mut self.told).await.ok()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.told.close();
        let mut places = self.waiting.lock();
        if let Some(senders) = places.get_mut(&self.reservation) {
            senders.retain(|sender| !sender.is_closed());
            if senders.is_empty() {
                places.remove(&self.reservation);
            }
        }
    }
}
