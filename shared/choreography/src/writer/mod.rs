//! The writer: one task per process that runs commands in batches, one transaction each.

mod batch;
mod fault;
mod keys;
pub(crate) mod rows;
mod task;

pub(crate) use keys::look_up;
pub use keys::{Key, KeyUse, Repeat};
pub(crate) use rows::{Mark, handover};
pub(crate) use task::{Ending, Task, Tuning};

use crate::service::{Origin, Poison, Received, Service};
use runtime::problem::{Blame, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// The writer cannot take or finish a command now: its queue is full, or the database is out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unavailable {
    #[error("the queue is full")]
    QueueFull,
    #[error("the database does not answer")]
    Database,
    #[error("the writer has stopped")]
    Stopped,
}

impl From<Unavailable> for Problem {
    fn from(why: Unavailable) -> Self {
        match why {
            Unavailable::QueueFull => Self::busy("too many requests wait; try again shortly"),
            Unavailable::Database | Unavailable::Stopped => {
                Self::unavailable("the service cannot answer now; try again shortly").blame(Blame::Own)
            }
        }
    }
}

/// A command on its way to the writer, with what travels beside it.
#[derive(Debug)]
pub struct Request<C> {
    pub command: C,
    pub key: KeyUse,
    /// Who asks, for the history.
    pub actor: Option<String>,
    /// The event that made the service ask, for the history.
    pub cause: Option<Uuid>,
}

impl<C> Request<C> {
    /// A command without an idempotency key, asked for by the service itself.
    pub const fn own(command: C) -> Self {
        Self { command, key: KeyUse::Without, actor: None, cause: None }
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Reply<A> {
    /// Decided and committed.
    Decided(A),
    /// Its idempotency key was used before.
    Repeat(Repeat),
    /// The command cannot be decided or stored; nothing was changed. The reason is for the log.
    Faulty(String),
}

/// What the writer does for one item of a batch.
pub(crate) enum Work<C> {
    Command(C),
    /// Store the event that came with it in the parking place.
    Park(Poison),
}

/// What became of an item.
#[derive(Clone, Debug)]
pub(crate) enum Verdict<A> {
    Decided(A),
    Repeat(Repeat),
    /// The event was handled before, or is parked now.
    Handled,
    Faulty(String),
    Unavailable(Unavailable),
}

/// One entry of the queue.
pub(crate) struct Item<S: Service> {
    pub work: Work<S::Command>,
    pub key: KeyUse,
    pub actor: Option<String>,
    pub origin: Origin,
    /// The event that it is; claimed in the inbox unless it comes from the parking place.
    pub event: Option<Arc<Received>>,
    /// Whether the event comes from the parking place, which it leaves in the same transaction.
    pub parked: bool,
    pub reply: oneshot::Sender<Verdict<S::Answer>>,
}

/// A handle to the writer; cheap to clone.
pub struct Writer<S: Service> {
    requests: mpsc::Sender<Item<S>>,
    events: mpsc::Sender<Item<S>>,
    marks: mpsc::Sender<MarkOrder>,
    depth: Arc<AtomicUsize>,
}

/// A note from the relay: rows that the broker has, or a question whether all earlier notes are stored.
pub(crate) enum MarkOrder {
    Published(Mark),
    Flush(oneshot::Sender<()>),
}

impl<S: Service> Clone for Writer<S> {
    fn clone(&self) -> Self {
        Self {
            requests: self.requests.clone(),
            events: self.events.clone(),
            marks: self.marks.clone(),
            depth: Arc::clone(&self.depth),
        }
    }
}

impl<S: Service> Writer<S> {
    /// Asks for a decision and waits until it is committed.
    ///
    /// # Errors
    /// [`Unavailable`] at once when the queue is full; later when the database stays out of reach, in which case
    /// it is not known whether the command was stored.
    pub async fn ask(&self, request: Request<S::Command>) -> Result<Reply<S::Answer>, Unavailable> {
        let (reply, verdict) = oneshot::channel();
        let item = Item {
            work: Work::Command(request.command),
            key: request.key,
            actor: request.actor,
            origin: Origin { cause: request.cause, traceparent: runtime::telemetry::traceparent() },
            event: None,
            parked: false,
            reply,
        };
        let place = self.requests.try_reserve().map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(()) => Unavailable::QueueFull,
            mpsc::error::TrySendError::Closed(()) => Unavailable::Stopped,
        })?;
        // Counted before it is there to be taken, or a quick writer would count it down first.
        self.depth.fetch_add(1, Ordering::Relaxed);
        place.send(item);
        match verdict.await {
            Ok(Verdict::Decided(answer)) => Ok(Reply::Decided(answer)),
            Ok(Verdict::Repeat(repeat)) => Ok(Reply::Repeat(repeat)),
            Ok(Verdict::Faulty(reason)) => Ok(Reply::Faulty(reason)),
            Ok(Verdict::Handled) => Ok(Reply::Faulty("an event's verdict for a request".into())),
            Ok(Verdict::Unavailable(why)) => Err(why),
            Err(_) => Err(Unavailable::Stopped),
        }
    }

    /// Queues an event's work, waiting for room; the verdict comes through the channel.
    pub(crate) async fn handle(
        &self,
        work: Work<S::Command>,
        event: Arc<Received>,
        traceparent: Option<String>,
        parked: bool,
    ) -> Result<oneshot::Receiver<Verdict<S::Answer>>, Unavailable> {
        let (reply, verdict) = oneshot::channel();
        let item = Item {
            work,
            key: KeyUse::Without,
            actor: event.actor.clone(),
            origin: Origin { cause: Some(event.id.0), traceparent: traceparent.or_else(|| event.traceparent.clone()) },
            event: Some(event),
            parked,
            reply,
        };
        let place = self.events.reserve().await.map_err(|_| Unavailable::Stopped)?;
        self.depth.fetch_add(1, Ordering::Relaxed);
        place.send(item);
        Ok(verdict)
    }

    /// Notes that rows of the outbox are in the stream; stored with the next batch.
    pub(crate) async fn note(&self, mark: Mark) {
        if self.marks.send(MarkOrder::Published(mark)).await.is_err() {
            tracing::debug!("the writer has stopped; the rows will be published again and recognized");
        }
    }

    /// Waits until every earlier [`Writer::note`] is stored.
    ///
    /// # Errors
    /// They are not: the database is out of reach, or the writer has stopped.
    pub(crate) async fn flush_notes(&self) -> Result<(), Unavailable> {
        let (done, stored) = oneshot::channel();
        self.marks.send(MarkOrder::Flush(done)).await.map_err(|_| Unavailable::Stopped)?;
        stored.await.map_err(|_| Unavailable::Database)
    }

    /// Commands that wait or are being decided.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }
}
