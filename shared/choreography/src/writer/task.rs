//! The writer's loop: take what is queued, run it, halve what fails, answer everybody, hand events over.

use super::batch::{Committed, attempt};
use super::fault::{Fault, back_off};
use super::{Item, Mark, MarkOrder, Unavailable, Verdict, Work, Writer, handover};
use crate::service::{Poison, Service};
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Bounds of a writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    /// Most commands in one transaction; 1 gives a transaction to each.
    pub batch_max: usize,
    /// Most requests that wait; one more is refused.
    pub queue_max: usize,
}

/// Tries of one batch against other transactions in its way.
const CONTENTION_TRIES_MAX: u32 = 3;
/// Tries of one batch while the database is out of reach, 50 ms to 1 s apart: about 4 s in all.
const REACH_TRIES_MAX: u32 = 7;
/// Tries of one batch after an answer that does not tell whose fault it is; its halves have one each.
const UNCLEAR_TRIES_MAX: u32 = 3;
/// How long notes of published rows wait for a command to share a transaction with.
const NOTES_WAIT_MS_MAX: u64 = 100;
/// Most notes stored by one transaction.
const NOTES_MAX: usize = 256;

/// How a writer ends, together with the relay.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// Cancelled when nobody asks any more.
    pub stop: CancellationToken,
    /// Cancelled by the writer when it has decided everything: the relay may publish its last.
    pub written: CancellationToken,
    /// Cancelled when the relay has ended, and so has noted its last.
    pub published: CancellationToken,
}

/// The writer's side of the queues.
pub(crate) struct Task<S: Service> {
    service: Arc<S>,
    store: Store,
    tuning: Tuning,
    requests: mpsc::Receiver<Item<S>>,
    events: mpsc::Receiver<Item<S>>,
    marks: mpsc::Receiver<MarkOrder>,
    relay: mpsc::Sender<handover::Rows>,
    depth: Arc<AtomicUsize>,
    /// Notes of published rows that no transaction has stored yet.
    notes: Vec<Mark>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl<S: Service> Task<S> {
    /// A writer and its handle; committed events go to `relay`.
    pub(crate) fn new(
        service: Arc<S>,
        store: Store,
        tuning: Tuning,
        relay: mpsc::Sender<handover::Rows>,
    ) -> (Writer<S>, Self) {
        let (request_sender, requests) = mpsc::channel(tuning.queue_max.max(1));
        let (event_sender, events) = mpsc::channel(tuning.queue_max.max(1));
        let (mark_sender, marks) = mpsc::channel(NOTES_MAX);
        let depth = Arc::new(AtomicUsize::new(0));
        let writer =
            Writer { requests: request_sender, events: event_sender, marks: mark_sender, depth: Arc::clone(&depth) };
        let (notes, waiting) = (Vec::new(), Vec::new());
        (writer, Self { service, store, tuning, requests, events, marks, relay, depth, notes, waiting })
    }

    /// Runs until it shall stop, finishes what is queued, then goes on noting what the relay still publishes.
    pub(crate) async fn run(mut self, ending: Ending) {
        loop {
            let items = tokio::select! {
                biased;
                () = ending.stop.cancelled() => break,
                items = self.collect() => items,
            };
            self.settle(items).await;
        }
        self.requests.close();
        self.events.close();
        while let Some(items) = self.leftovers() {
            self.settle(items).await;
        }
        ending.written.cancel();
        loop {
            let order = tokio::select! {
                biased;
                Some(order) = self.marks.recv() => order,
                () = ending.published.cancelled() => break,
            };
            self.take_note(order);
            if !self.waiting.is_empty() || self.notes.len() >= NOTES_MAX {
                self.settle(Vec::new()).await;
            }
        }
        if !self.notes.is_empty() {
            self.settle(Vec::new()).await;
        }
    }

    /// Waits for work, then takes what is there: settlements first, so that new requests cannot starve them.
    async fn collect(&mut self) -> Vec<Item<S>> {
        let mut items = Vec::new();
        loop {
            let notes_due = !self.notes.is_empty() || !self.waiting.is_empty();
            let flush_now = !self.waiting.is_empty() || self.notes.len() >= NOTES_MAX;
            tokio::select! {
                biased;
                Some(item) = self.events.recv() => items.push(item),
                Some(item) = self.requests.recv() => items.push(item),
                Some(order) = self.marks.recv() => self.take_note(order),
                () = std::future::ready(()), if flush_now => break,
                () = tokio::time::sleep(Duration::from_millis(NOTES_WAIT_MS_MAX)), if notes_due => break,
                // Every handle is gone, so nothing can come but the end.
                else => std::future::pending().await,
            }
            if !items.is_empty() {
                break;
            }
        }
        self.fill(&mut items);
        items
    }

    fn fill(&mut self, items: &mut Vec<Item<S>>) {
        let events_max = (self.tuning.batch_max.div_ceil(4) * 3).min(self.tuning.batch_max);
        while items.len() < events_max
            && let Ok(item) = self.events.try_recv()
        {
            items.push(item);
        }
        while items.len() < self.tuning.batch_max
            && let Ok(item) = self.requests.try_recv()
        {
            items.push(item);
        }
        while items.len() < self.tuning.batch_max
            && let Ok(item) = self.events.try_recv()
        {
            items.push(item);
        }
        while self.notes.len() < NOTES_MAX
            && let Ok(order) = self.marks.try_recv()
        {
            self.take_note(order);
        }
    }

    fn leftovers(&mut self) -> Option<Vec<Item<S>>> {
        let mut items = Vec::new();
        self.fill(&mut items);
        (!items.is_empty() || !self.notes.is_empty() || !self.waiting.is_empty()).then_some(items)
    }

    fn take_note(&mut self, order: MarkOrder) {
        match order {
            MarkOrder::Published(mark) => self.notes.push(mark),
            MarkOrder::Flush(done) => self.waiting.push(done),
        }
    }

    async fn settle(&mut self, items: Vec<Item<S>>) {
        let started = Instant::now();
        let count = items.len();
        let (mut pieces, mut unclear_tries_max) = (vec![items], UNCLEAR_TRIES_MAX);
        while let Some(mut piece) = pieces.pop() {
            match self.insist(&piece, std::mem::replace(&mut unclear_tries_max, 1)).await {
                Ok(committed) => self.deliver(piece, committed),
                Err(Fault::Data(reason)) if piece.len() > 1 => {
                    tracing::debug!(%reason, size = piece.len(), "halving a batch");
                    let later = piece.split_off(piece.len() / 2);
                    pieces.push(later);
                    pieces.push(piece);
                }
                Err(Fault::Data(reason)) => pieces.extend(self.reject(piece, &reason).map(|item| vec![item])),
                Err(Fault::Contention(_) | Fault::Unreachable(_) | Fault::Unclear(_)) => self.give_up(piece),
            }
        }
        self.confirm_notes(count > 0).await;
        self.depth.fetch_sub(count, Ordering::Relaxed);
        metrics::gauge!("yeyak_writer_queue_depth", "service" => S::NAME).set(self.depth_now());
        if count > 0 {
            metrics::histogram!("yeyak_writer_batch_size", "service" => S::NAME).record(as_float(count));
            metrics::histogram!("yeyak_writer_batch_seconds", "service" => S::NAME).record(started.elapsed());
        }
    }

    /// Tells whoever waits for the notes that they are stored; they are not when every piece of the batch failed, and
    /// get a transaction of their own then. Who waits in vain sees the channel close.
    async fn confirm_notes(&mut self, may_try: bool) {
        if self.waiting.is_empty() {
            return;
        }
        let stored = self.notes.is_empty() || (may_try && self.insist(&[], 1).await.is_ok());
        for done in self.waiting.drain(..).filter(|_| stored) {
            if done.send(()).is_err() {
                tracing::debug!("nobody waits for the notes any more");
            }
        }
    }

    fn depth_now(&self) -> f64 {
        as_float(self.depth.load(Ordering::Relaxed))
    }

    /// Runs a batch, again where that may help. What is unclear until the end is the data's then.
    async fn insist(&mut self, items: &[Item<S>], unclear_tries_max: u32) -> Result<Committed<S>, Fault> {
        let (mut contended, mut paused, mut unclear) = (0, 0, 0);
        loop {
            let fault = match attempt(&*self.service, &self.store, items, &self.notes).await {
                Ok(committed) => {
                    self.notes.clear();
                    return Ok(committed);
                }
                Err(Fault::Unclear(reason)) if unclear + 1 >= unclear_tries_max => Fault::Data(reason),
                Err(fault) => fault,
            };
            match &fault {
                Fault::Data(reason) => {
                    if items.is_empty() {
                        tracing::error!(%reason, "notes of published rows cannot be stored");
                        self.notes.clear();
                    }
                    return Err(fault);
                }
                Fault::Contention(reason) => {
                    contended += 1;
                    tracing::info!(%reason, contended, "a batch met another transaction");
                    if contended >= CONTENTION_TRIES_MAX {
                        return Err(fault);
                    }
                }
                Fault::Unreachable(_) | Fault::Unclear(_) => {
                    paused += 1;
                    unclear += u32::from(matches!(fault, Fault::Unclear(_)));
                    tracing::warn!(%fault, paused, "the database cannot take a batch");
                    if paused >= REACH_TRIES_MAX {
                        return Err(fault);
                    }
                    tokio::time::sleep(back_off(paused)).await;
                }
            }
        }
    }

    fn deliver(&self, items: Vec<Item<S>>, committed: Committed<S>) {
        for (mut item, verdict) in items.into_iter().zip(committed.verdicts) {
            if let Verdict::Decided(answer) = &verdict {
                self.service.committed(answer, std::mem::take(&mut item.origin));
            }
            answer(item, verdict);
        }
        // A full or closed relay loses nothing: the rows are stored, and the sweep finds them.
        if !committed.rows.is_empty() && self.relay.try_send(committed.rows).is_err() {
            tracing::debug!("the relay is busy; the sweep will publish these rows");
        }
    }

    /// One command that cannot be stored: an event is parked (as work of its own), a caller is told.
    fn reject(&self, piece: Vec<Item<S>>, reason: &str) -> Option<Item<S>> {
        let item = piece.into_iter().next()?;
        tracing::error!(%reason, service = S::NAME, "a command cannot be decided or stored");
        match (&item.work, &item.event, item.parked) {
            (Work::Command(_), Some(_), false) => Some(Item { work: Work::Park(Poison(reason.to_owned())), ..item }),
            (Work::Command(_) | Work::Park(_), _, _) => {
                answer(item, Verdict::Faulty(reason.to_owned()));
                None
            }
        }
    }

    fn give_up(&self, piece: Vec<Item<S>>) {
        for item in piece {
            answer(item, Verdict::Unavailable(Unavailable::Database));
        }
    }
}

fn answer<S: Service>(item: Item<S>, verdict: Verdict<S::Answer>) {
    if item.reply.send(verdict).is_err() {
        // The caller hung up; what was decided stands.
        tracing::trace!("nobody waits for this answer any more");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of a small count")]
fn as_float(count: usize) -> f64 {
    count as f64
}
