//! What time does: deferred captures begin, and calls that nobody finished are taken up.

use crate::calls::Queue;
use crate::service::Payments;
use crate::store;
use choreography::{Engine, Reply, Request};
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;
use payment_domain::Command;
use sea_orm::DbErr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the sweep looks.
const SWEEP_MS: u64 = 250;
/// How long a capture waits for what was published before it was due.
const BEGIN_MINUTES_MAX: i64 = 10;

/// Sweeps what is due.
pub struct Sweeper {
    pub engine: Engine<Payments>,
    pub queue: Queue,
}

impl Sweeper {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(fault) = self.round(&stop).await {
                tracing::warn!(%fault, "the sweep of payments");
            }
        }
    }

    /// Takes up what is due, piece by piece, as long as there is room for the calls this means.
    async fn round(&self, stop: &CancellationToken) -> Result<(), DbErr> {
        let store = self.engine.store();
        while !stop.is_cancelled() && self.queue.room() >= store::SWEEP_MAX {
            let now = store.now(store.read()).await?;
            let due = store::due(store, now, self.begin_until(now)).await?;
            let whole = due.len() < store::SWEEP_MAX;
            let taken = self.take_up(due).await;
            // Where the writer takes nothing, or another replica takes everything, the next round is soon enough.
            if whole || !taken {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A capture that is begun late is begun once everything published before it was due has been read, what ended its
    /// hold above all; ten minutes later it is begun anyway.
    fn begin_until(&self, now: Timestamp) -> Timestamp {
        let late = now - SignedDuration::from_mins(BEGIN_MINUTES_MAX);
        self.engine.backlog().read_until().map_or(late, |read| read.min(now)).max(late)
    }

    /// Whether any of them is this replica's now; what is to be called follows the commit.
    async fn take_up(&self, due: Vec<ReservationId>) -> bool {
        let asked =
            due.into_iter().map(|reservation| self.engine.writer().ask(Request::own(Command::TakeUp { reservation })));
        let mut taken = false;
        for outcome in futures_util::future::join_all(asked).await {
            match outcome {
                Ok(Reply::Decided(answer)) => taken |= answer.is_ok(),
                Ok(Reply::Repeat(_)) => {}
                Ok(Reply::Faulty(reason)) => tracing::error!(%reason, "a payment cannot be taken up"),
                Err(unavailable) => tracing::debug!(%unavailable, "a payment waits for the next sweep"),
            }
        }
        taken
    }
}
