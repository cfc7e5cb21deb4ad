//! The views made anew from the stream while the old ones serve: one step after the other, each a transaction, so
//! that whoever comes after a crash goes on where it stopped.

use crate::store::{self, Rebuild, Stage};
use crate::working::Batch;
use crate::{NAME, events};
use choreography::{Broker, BrokerError, Replay, Store, lease, release};
use jiff::SignedDuration;
use sea_orm::DbErr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often a replica looks for a rebuild that nobody goes on with.
const LOOK_MS: u64 = 1_000;
/// The lease of whoever rebuilds, renewed before each step.
const LEASE: &str = "rebuild";
const LEASE_SECONDS: i64 = 60;

/// Why a rebuild cannot go on for now.
#[derive(Debug, Error)]
enum Fault {
    #[error("the database: {0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Broker(#[from] BrokerError),
}

/// One replica's readiness to rebuild.
pub struct Rebuilder {
    pub store: Store,
    pub broker: Broker,
    /// Most events of one step.
    pub batch_max: usize,
    /// This process among the replicas.
    pub replica: Uuid,
    /// Told when a rebuild begins here.
    pub begun: Arc<Notify>,
}

impl Rebuilder {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_millis(LOOK_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
                () = self.begun.notified() => {}
            }
            if let Err(fault) = self.round(&stop).await {
                tracing::warn!(%fault, service = NAME, "the rebuild waits");
            }
        }
    }

    /// Goes on with the rebuild that is not done, if no other replica does.
    async fn round(&self, stop: &CancellationToken) -> Result<(), Fault> {
        let Some(rebuild) = store::unfinished(&self.store).await? else { return Ok(()) };
        if !self.is_mine().await? {
            return Ok(());
        }
        let outcome = tokio::select! {
            outcome = self.go_on(rebuild) => outcome,
            // What the step in hand did is rolled back, and done again by whoever comes next.
            () = stop.cancelled() => Ok(()),
        };
        release(&self.store, LEASE, self.replica).await?;
        outcome
    }

    async fn is_mine(&self) -> Result<bool, DbErr> {
        lease(&self.store, LEASE, self.replica, SignedDuration::from_secs(LEASE_SECONDS)).await
    }

    async fn go_on(&self, mut rebuild: Rebuild) -> Result<(), Fault> {
        while self.is_mine().await? {
            rebuild = match rebuild.stage {
                Stage::Reading => self.read(rebuild).await?,
                Stage::Copying => self.copy(rebuild).await?,
                Stage::Clearing => store::clear(&self.store, rebuild).await?,
                Stage::Done => {
                    tracing::info!(generation = rebuild.generation, service = NAME, "the views are rebuilt");
                    return Ok(());
                }
            };
        }
        Ok(())
    }

    /// Reads the stream to where it ended after the rebuild began; what came later, the live consumer writes.
    async fn read(&self, mut rebuild: Rebuild) -> Result<Rebuild, Fault> {
        let until = match rebuild.until {
            Some(until) => until,
            None => {
                let last = Replay::extent(&self.broker).await?.last;
                let events = Replay::count(&self.broker, events::TOPICS).await?;
                rebuild = store::extend(&self.store, rebuild, (last, events)).await?;
                last
            }
        };
        let mut replay = Replay::new(&self.broker, events::TOPICS, rebuild.position, until);
        while self.is_mine().await? {
            let events = replay.next(self.batch_max).await?;
            if events.is_empty() {
                return Ok(store::read_out(&self.store, rebuild).await?);
            }
            let mut batch = Batch::default();
            let count = events.len();
            // What does not read is parked by the live consumer.
            for command in events.iter().filter_map(|event| events::translate(event).ok()) {
                batch.take_in(command);
            }
            rebuild = store::take_in(&self.store, rebuild, batch, (replay.position(), count)).await?;
        }
        Ok(rebuild)
    }

    /// Takes from the old generation what the stream held no longer, then lets the new one serve.
    async fn copy(&self, rebuild: Rebuild) -> Result<Rebuild, Fault> {
        for view in store::VIEW_TABLES {
            let mut after = None;
            loop {
                if !self.is_mine().await? {
                    return Ok(rebuild);
                }
                after = store::copy(&self.store, rebuild, view, after).await?;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(store::switch(&self.store, rebuild).await?)
    }
}
