//! Everything of one service that runs beside its HTTP: writer, relay, consumer, housekeeping.

use crate::backlog::Backlog;
use crate::broker::Broker;
use crate::consumer::Consumer;
use crate::housekeeping;
use crate::relay::Relay;
use crate::service::{Poison, Received, Service};
use crate::store::{Migration, Store};
use crate::vitals;
use crate::writer::{Ending, Key, Repeat, Task, Tuning, Unavailable, Verdict, Work, Writer};
use runtime::admin::Check;
use runtime::shutdown::Tasks;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Bounds of one service's engine.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Most commands in one transaction (1..=1024). 1 gives a transaction to each: the baseline of the benchmark.
    pub batch_max: usize,
    /// Most requests that wait for the writer; one more is refused.
    pub queue_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { batch_max: 256, queue_max: 4_096 }
    }
}

/// Batches whose events wait for the relay in memory; beyond that the sweep finds them in the outbox.
const RELAY_QUEUE_MAX: usize = 256;

/// What a service stands on: its database, the broker, its bounds.
#[derive(Clone, Debug)]
pub struct Ground {
    pub store: Store,
    pub broker: Broker,
    pub settings: Settings,
    /// Cancelled by the host once the last request in flight is answered: until then the writer goes on.
    pub served: CancellationToken,
}

/// A service's running choreography.
pub struct Engine<S: Service> {
    service: Arc<S>,
    store: Store,
    writer: Writer<S>,
    backlog: Arc<Backlog>,
    replica: Uuid,
}

impl<S: Service> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self {
            service: Arc::clone(&self.service),
            store: self.store.clone(),
            writer: self.writer.clone(),
            backlog: Arc::clone(&self.backlog),
            replica: self.replica,
        }
    }
}

impl<S: Service> Engine<S> {
    /// Starts the parts as tasks that end at `stop`: consumer first, then the writer, then the relay, so that what
    /// was taken is decided, and what was decided is published.
    pub fn start(service: Arc<S>, ground: Ground, tasks: &mut Tasks, stop: &CancellationToken) -> Self {
        let Ground { store, broker, settings, served } = ground;
        let replica = Uuid::now_v7();
        let (relay_sender, committed) = mpsc::channel(RELAY_QUEUE_MAX);
        let tuning = Tuning { batch_max: settings.batch_max.clamp(1, 1_024), queue_max: settings.queue_max };
        let (writer, task) = Task::new(Arc::clone(&service), store.clone(), tuning, relay_sender);
        let backlog = Arc::new(Backlog::default());
        let (consumed, written) = (CancellationToken::new(), CancellationToken::new());
        let published = CancellationToken::new();
        let consumer = Consumer {
            service: Arc::clone(&service),
            store: store.clone(),
            broker: broker.clone(),
            writer: writer.clone(),
            backlog: Arc::clone(&backlog),
        };
        tasks.spawn(format!("{} vitals", S::NAME), vitals::run::<S>(store.clone(), broker.clone(), stop.clone()));
        let relay = Relay { store: store.clone(), broker, writer: writer.clone(), committed, replica };
        tasks.spawn(format!("{} consumer", S::NAME), {
            let (stop, consumed) = (stop.clone(), consumed.clone());
            async move {
                consumer.run(stop).await;
                consumed.cancel();
            }
        });
        tasks.spawn(format!("{} writer", S::NAME), {
            let ending =
                Ending { stop: CancellationToken::new(), written: written.clone(), published: published.clone() };
            async move {
                let last_word = async {
                    tokio::join!(consumed.cancelled(), served.cancelled());
                    ending.stop.cancel();
                };
                tokio::join!(task.run(ending.clone()), last_word);
            }
        });
        tasks.spawn(format!("{} relay", S::NAME), async move {
            // Whatever way the relay ends, the writer need not wait for its notes any longer.
            let _published = published.drop_guard();
            relay.run(written).await;
        });
        tasks.spawn(format!("{} housekeeping", S::NAME), housekeeping::run::<S>(store.clone(), replica, stop.clone()));
        Self { service, store, writer, backlog, replica }
    }

    #[must_use]
    pub const fn writer(&self) -> &Writer<S> {
        &self.writer
    }

    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub const fn service(&self) -> &Arc<S> {
        &self.service
    }

    /// Readiness: the database answers and its schema is this program's. The broker does not count, since a service
    /// without it goes on taking bookings.
    pub fn readiness(&self, migrations: &'static [Migration]) -> (String, Check) {
        let store = self.store.clone();
        let check: Check = Arc::new(move || {
            let store = store.clone();
            Box::pin(async move { store.is_current(migrations).await.map_err(|fault| fault.to_string()) })
        });
        (format!("{} database", S::NAME), check)
    }

    /// What the consumer group is behind on.
    #[must_use]
    pub const fn backlog(&self) -> &Arc<Backlog> {
        &self.backlog
    }

    /// This process among the replicas of its service.
    #[must_use]
    pub const fn replica(&self) -> Uuid {
        self.replica
    }

    /// Handles a parked event once more; it leaves the parking place in the transaction that handles it.
    pub(crate) async fn replay(&self, event: Received) -> Result<Result<(), Poison>, Unavailable> {
        let command = match self.service.translate(&event) {
            Ok(Some(command)) => command,
            Ok(None) => return Ok(Err(Poison("the event means nothing here".into()))),
            Err(poison) => return Ok(Err(poison)),
        };
        let verdict = self.writer.handle(Work::Command(command), Arc::new(event), None, true).await?;
        match verdict.await {
            Ok(Verdict::Decided(_) | Verdict::Handled | Verdict::Repeat(_)) => Ok(Ok(())),
            Ok(Verdict::Faulty(reason)) => Ok(Err(Poison(reason))),
            Ok(Verdict::Unavailable(why)) => Err(why),
            Err(_) => Err(Unavailable::Stopped),
        }
    }
}

impl<S: Service> Engine<S> {
    /// What a request with this idempotency key would repeat, if anything.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn look_up(&self, key: &Key) -> Result<Option<Repeat>, sea_orm::DbErr> {
        let now = self.store.now(self.store.read()).await?;
        crate::writer::look_up(self.store.read(), key, now).await
    }
}
