//! Admission: bounds accepted work that waits for this service, and, generously, holds that wait for payment.

use crate::service::Reservations;
use choreography::Engine;
use runtime::problem::Problem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bounds of admission.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Commands in the queue and settlements in the stream that this service is behind on.
    pub unsettled_max: u64,
    /// Holds that wait for their payment.
    pub held_max: u64,
}

/// Decides whether one more booking is taken on.
#[derive(Clone)]
pub struct Admission {
    engine: Engine<Reservations>,
    held: Arc<AtomicU64>,
    bounds: Bounds,
}

impl Admission {
    /// An admission under `bounds`; `held` is counted by the sweep.
    pub fn new(engine: Engine<Reservations>, held: Arc<AtomicU64>, bounds: Bounds) -> Self {
        // An alert must not miss the first of them: what begins at one has not risen.
        for bound in ["unsettled", "held"] {
            refused(bound).increment(0);
        }
        Self { engine, held, bounds }
    }

    /// # Errors
    /// 503 with `Retry-After` while the service is behind.
    pub fn admit(&self) -> Result<(), Problem> {
        let queued = u64::try_from(self.engine.writer().depth()).unwrap_or(u64::MAX);
        let unsettled = queued.saturating_add(self.engine.backlog().within_reach());
        if unsettled >= self.bounds.unsettled_max {
            refused("unsettled").increment(1);
            return Err(Problem::busy("more bookings are under way than can be settled now; try again shortly"));
        }
        if self.held.load(Ordering::Relaxed) >= self.bounds.held_max {
            refused("held").increment(1);
            return Err(Problem::busy("too many bookings wait for their payment; try again shortly"));
        }
        Ok(())
    }
}

fn refused(bound: &'static str) -> metrics::Counter {
    metrics::counter!("yeyak_admission_refused_total", "bound" => bound)
}
