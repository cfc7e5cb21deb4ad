//! The relay: publishes what the writer just committed, sweeps what was left over, and heals what the broker forgot.

use crate::broker::{Broker, PublishFault};
use crate::healer;
use crate::housekeeping::{lease, release};
use crate::service::Service;
use crate::store::Store;
use crate::table::outbox;
use crate::vitals;
use crate::writer::{Mark, Writer, handover};
use jiff::SignedDuration;
use rand::RngExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Most messages of one atomic batch.
const BATCH_MESSAGES_MAX: usize = 500;
/// Most payload bytes of one atomic batch.
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// Age from which an unpublished row is left over: its process died or the broker was away.
const LEFTOVER_AGE_MS: i64 = 2_000;
/// How often leftovers are looked for.
const SWEEP_MS: u64 = 1_000;
/// How often the broker's memory is checked although the connection held.
const HEAL_SECONDS: u64 = 60;
/// How long a shutting-down relay goes on publishing.
const DRAIN_SECONDS_MAX: u64 = 5;
/// How long it waits meanwhile for a broker that does not answer.
const DRAIN_PAUSE_MS: u64 = 100;
/// The lease of whoever sweeps.
const SWEEP_LEASE: &str = "relay";
const SWEEP_LEASE_SECONDS: i64 = 10;

/// One process's relay.
pub(crate) struct Relay<S: Service> {
    pub store: Store,
    pub broker: Broker,
    pub writer: Writer<S>,
    pub committed: mpsc::Receiver<handover::Rows>,
    pub replica: Uuid,
}

/// What the relay knows about the broker.
struct Health {
    /// The connection that was healed; another means: look first, then publish.
    healed_epoch: Option<u64>,
    healed_at: Instant,
    /// The highest sequence this process was given.
    stream_seq_max: u64,
    failures: u32,
    retry_at: Instant,
}

impl<S: Service> Relay<S> {
    /// Runs until `stop`, then publishes what is left for a few seconds.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let started = Instant::now();
        let mut health =
            Health { healed_epoch: None, healed_at: started, stream_seq_max: 0, failures: 0, retry_at: started };
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                // Before the committed rows, which may never cease to come while the leftovers wait.
                _ = ticks.tick() => self.tick(&mut health).await,
                Some(rows) = self.committed.recv() => self.publish_committed(rows, &mut health).await,
                else => break,
            }
        }
        let drain = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS_MAX), self.drain(&mut health));
        if drain.await.is_err() {
            tracing::warn!(service = S::NAME, "the relay stopped with rows left; another process sweeps them");
        }
        if let Err(fault) = release(&self.store, SWEEP_LEASE, self.replica).await {
            tracing::warn!(%fault, service = S::NAME, "the lease is left to expire");
        }
    }

    /// Publishes what is still queued, and what had to be left for the sweep, so that nobody needs to come after.
    async fn drain(&mut self, health: &mut Health) {
        self.committed.close();
        while let Some(rows) = self.committed.recv().await {
            self.publish_committed(rows, health).await;
        }
        while let Err(fault) = self.sweep(health, 0).await {
            tracing::warn!(fault, service = S::NAME, "the last events wait for the broker");
            tokio::time::sleep(Duration::from_millis(DRAIN_PAUSE_MS)).await;
        }
    }

    async fn publish_committed(&mut self, mut rows: handover::Rows, health: &mut Health) {
        while rows.len() < BATCH_MESSAGES_MAX
            && let Ok(more) = self.committed.try_recv()
        {
            rows.extend(more);
        }
        if Instant::now() < health.retry_at {
            // The broker is away: the rows are stored, and the sweep publishes them when it is back.
            return;
        }
        if let Err(fault) = self.publish_all(&rows, health).await {
            self.note_failure(&fault, health);
        }
    }

    /// Looks after the broker's memory, then for leftovers.
    async fn tick(&mut self, health: &mut Health) {
        let connected = f64::from(u8::from(self.broker.is_connected()));
        metrics::gauge!("yeyak_broker_connected", "service" => S::NAME).set(connected);
        if Instant::now() < health.retry_at {
            return;
        }
        let outcome = async {
            self.heal_if_due(health).await?;
            self.sweep(health, LEFTOVER_AGE_MS).await
        };
        if let Err(fault) = outcome.await {
            self.note_failure(&fault, health);
        }
    }

    fn note_failure(&self, fault: &str, health: &mut Health) {
        health.failures = (health.failures + 1).min(6);
        let ceiling_ms = 100_u64 << health.failures;
        let wait_ms = rand::rng().random_range(ceiling_ms / 2..=ceiling_ms);
        // Whether there is a connection costs nothing to ask.
        let wait = Duration::from_millis(if self.broker.is_connected() { wait_ms } else { SWEEP_MS });
        health.retry_at = Instant::now() + wait;
        tracing::warn!(fault, service = S::NAME, wait_ms = wait.as_millis(), "events wait for the broker");
    }

    async fn heal_if_due(&self, health: &mut Health) -> Result<(), String> {
        if !self.broker.is_connected() {
            return Err("there is no connection".into());
        }
        let epoch = self.broker.epoch();
        let fresh = health.healed_epoch == Some(epoch);
        if fresh && health.healed_at.elapsed() < Duration::from_secs(HEAL_SECONDS) {
            return Ok(());
        }
        self.writer.flush_notes().await.map_err(|fault| fault.to_string())?;
        let forgotten = healer::heal(&self.store, &self.broker).await.map_err(|fault| fault.to_string())?;
        if forgotten > 0 {
            tracing::warn!(forgotten, service = S::NAME, "the broker forgot events; they are published again");
            health.stream_seq_max = 0;
        }
        health.healed_epoch = Some(epoch);
        health.healed_at = Instant::now();
        Ok(())
    }

    /// Publishes the rows that were left over `age_ms` ago or earlier.
    async fn sweep(&self, health: &mut Health, age_ms: i64) -> Result<(), String> {
        let now = self.store.now(self.store.read()).await.map_err(|fault| fault.to_string())?;
        let until_us = now.as_microsecond() - age_ms * 1_000;
        loop {
            let rows = leftovers(until_us).all(self.store.read()).await.map_err(|fault| fault.to_string())?;
            if rows.is_empty() {
                return Ok(());
            }
            let ttl = SignedDuration::from_secs(SWEEP_LEASE_SECONDS);
            if !lease(&self.store, SWEEP_LEASE, self.replica, ttl).await.map_err(|fault| fault.to_string())? {
                return Ok(());
            }
            self.publish_all(&rows, health).await?;
            self.writer.flush_notes().await.map_err(|fault| fault.to_string())?;
        }
    }

    async fn publish_all(&self, rows: &[outbox::Model], health: &mut Health) -> Result<(), String> {
        self.heal_if_due(health).await?;
        let mut rest = rows;
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(piece_len(rest));
            let piece: Vec<&outbox::Model> = piece.iter().collect();
            match self.publish(&piece, health).await {
                Ok(stream_seq) => self.published(&piece, stream_seq, health).await?,
                Err(PublishFault::Duplicate) => {
                    for row in &piece {
                        let stream_seq = self.publish(&[row], health).await.map_err(|fault| fault.to_string())?;
                        // An acknowledged duplicate keeps its old sequence, so it says nothing about the stream's end.
                        self.note_rows(&[row], stream_seq).await;
                    }
                }
                Err(PublishFault::Broker(fault)) => {
                    // A broker that lost its stream must get it back before it can take anything.
                    health.healed_epoch = None;
                    return Err(fault);
                }
            }
            rest = later;
        }
        health.failures = 0;
        Ok(())
    }

    /// Publishes, and believes the acknowledgement only of the connection that was looked at. What a new one took may
    /// lie where lost events lay before, and noted there it would hide them: so the look comes first, and the rows,
    /// not noted, are published again and recognized.
    async fn publish(&self, piece: &[&outbox::Model], health: &Health) -> Result<u64, PublishFault> {
        let stream_seq = self.broker.publish(piece).await?;
        if health.healed_epoch != Some(self.broker.epoch()) {
            return Err(PublishFault::Broker("the connection was made anew".into()));
        }
        Ok(stream_seq)
    }

    async fn published(&self, piece: &[&outbox::Model], stream_seq: u64, health: &mut Health) -> Result<(), String> {
        let last = stream_seq + piece.len() as u64 - 1;
        if piece.len() > 1 && stream_seq <= health.stream_seq_max {
            // The stream gave a sequence twice: what it held from there on is gone.
            self.writer.flush_notes().await.map_err(|fault| fault.to_string())?;
            let again = healer::forget_from(&self.store, stream_seq).await.map_err(|fault| fault.to_string())?;
            tracing::warn!(again, service = S::NAME, "the stream went back; its lost events are published again");
            health.stream_seq_max = last;
        }
        health.stream_seq_max = health.stream_seq_max.max(last);
        self.note_rows(piece, stream_seq).await;
        Ok(())
    }

    /// Notes each run of rows of one batch with neighboring positions.
    async fn note_rows(&self, piece: &[&outbox::Model], stream_seq: u64) {
        vitals::count_published::<S>(piece);
        let mut open: Option<Mark> = None;
        for (row, sequence) in piece.iter().zip(stream_seq..) {
            let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
            match &mut open {
                Some(mark) if mark.batch == row.batch && mark.positions.1 + 1 == row.position => {
                    mark.positions.1 = row.position;
                }
                _ => {
                    let next = Mark { batch: row.batch, positions: (row.position, row.position), stream_seq: sequence };
                    if let Some(done) = open.replace(next) {
                        self.writer.note(done).await;
                    }
                }
            }
        }
        if let Some(done) = open {
            self.writer.note(done).await;
        }
    }
}

/// The oldest rows that nobody knows the broker to have.
pub(crate) fn leftovers(until_us: i64) -> Select<outbox::Entity> {
    outbox::Entity::find()
        .filter(outbox::Column::PublishedUs.is_null())
        .filter(outbox::Column::CreatedUs.lte(until_us))
        .order_by_asc(outbox::Column::CreatedUs)
        .order_by_asc(outbox::Column::Batch)
        .order_by_asc(outbox::Column::Position)
        .limit(BATCH_MESSAGES_MAX as u64)
}

/// How many of `rows` go into the next atomic batch; at least one.
fn piece_len(rows: &[outbox::Model]) -> usize {
    let mut bytes = 0;
    let fitting = rows.iter().take(BATCH_MESSAGES_MAX).take_while(|row| {
        bytes += row.payload.len();
        bytes <= BATCH_BYTES_MAX
    });
    fitting.count().max(1)
}
