//! What time does: holds expire, unfinished calls are taken up, stays complete.

use crate::capture::Capturer;
use crate::service::Reservations;
use crate::store;
use choreography::{Engine, KeyUse, Reply, Request, Unavailable};
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;
use reservation_domain::{Command, Told};
use sea_orm::DbErr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often deadlines are looked at.
const SWEEP_MS: u64 = 250;
/// A hold expires at the latest this long after its deadline, even if settlements cannot be read.
const EXPIRE_MINUTES_MAX: i64 = 10;
/// Whoever takes up a call has it for this long.
const INTENT_LEASE_SECONDS: i64 = 10;
/// Sweeps between two looks at what is slow: holds counted, stays completed.
const SLOW_EVERY: u64 = 8;
/// Holds are counted up to this many.
pub const HELD_COUNT_MAX: u64 = 2_000_000;

/// Sweeps one service's deadlines.
pub struct Sweeper {
    pub engine: Engine<Reservations>,
    pub capturer: Capturer,
    /// Holds that wait for their payment, counted now and then.
    pub held: Arc<AtomicU64>,
}

impl Sweeper {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for round in 0_u64.. {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(fault) = self.round(round.is_multiple_of(SLOW_EVERY)).await {
                tracing::warn!(%fault, "the sweep of deadlines");
            }
        }
    }

    async fn round(&self, slow: bool) -> Result<(), DbErr> {
        let store = self.engine.store();
        let now = store.now(store.read()).await?;
        let expired = store::expired(store, self.expire_until(now)).await?;
        self.ask_all(expired, |reservation| Command::Expire { reservation }).await;
        for id in store::due_intents(store, now).await? {
            self.take_up(id).await;
        }
        if slow {
            self.count_holds(now).await?;
            let over = store::due_to_complete(store, now).await?;
            self.ask_all(over, |reservation| Command::Complete { reservation }).await;
        }
        Ok(())
    }

    async fn count_holds(&self, now: Timestamp) -> Result<(), DbErr> {
        let store = self.engine.store();
        let held = store::held_count(store, HELD_COUNT_MAX).await?;
        self.held.store(held, Ordering::Relaxed);
        metrics::gauge!("yeyak_reservations_held").set(u32::try_from(held).unwrap_or(u32::MAX));
        let overdue =
            store::first_deadline(store).await?.map_or(0.0, |deadline| now.duration_since(deadline).as_secs_f64());
        metrics::gauge!("yeyak_hold_overdue_seconds").set(overdue.max(0.0));
        Ok(())
    }

    /// A deadline counts once every settlement published before it has been read; ten minutes later it counts anyway.
    fn expire_until(&self, now: Timestamp) -> Timestamp {
        let late = now - SignedDuration::from_mins(EXPIRE_MINUTES_MAX);
        self.engine.backlog().read_until().map_or(late, |read| read.min(now)).max(late)
    }

    async fn ask_all(&self, ids: Vec<ReservationId>, command: impl Fn(ReservationId) -> Command) {
        let asked = ids.into_iter().map(|id| self.engine.writer().ask(Request::own(command(id))));
        for outcome in futures_util::future::join_all(asked).await {
            match outcome {
                Ok(Reply::Decided(_) | Reply::Repeat(_)) => {}
                Ok(Reply::Faulty(reason)) => tracing::error!(%reason, "a deadline cannot be decided"),
                Err(unavailable) => tracing::debug!(%unavailable, "a deadline waits for the next sweep"),
            }
        }
    }

    /// Calls payment again for a hold whose first call nobody finished.
    async fn take_up(&self, reservation: ReservationId) {
        if self.capturer.is_full() {
            // It would be settled as one that payment does not answer, which is not so: the next sweep may have room.
            return;
        }
        let command = Command::TakeUp { reservation, for_seconds: INTENT_LEASE_SECONDS };
        match self.engine.writer().ask(Request::own(command)).await {
            Ok(Reply::Decided(Ok(Told::Stands { reservation, .. }))) => {
                drop(self.capturer.begin(*reservation, KeyUse::Without, self.capturer.room()));
            }
            // Another replica has it, or it is settled by now.
            Ok(Reply::Decided(_) | Reply::Repeat(_)) => {}
            Ok(Reply::Faulty(reason)) => tracing::error!(%reason, "an unfinished call cannot be taken up"),
            Err(Unavailable::QueueFull | Unavailable::Database | Unavailable::Stopped) => {}
        }
    }
}
