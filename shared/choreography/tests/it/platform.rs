//! Running engines, and what their databases hold.
use crate::service::counter::{self, Answer, Command, Counter};
use crate::service::tally::{self, Tally};
use crate::service::{worded, write};
use choreography::{Broker, Engine, Ground, Migration, Reply, Request, Service, Settings, Store, Unavailable};
use futures_util::{future::join_all, poll};
use kernel::Clock;
use runtime::shutdown::Tasks;
use sea_orm::{ConnectionTrait, Statement, Value};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testing::{SOON, check, eventually};
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longer than a delivery waits for an acknowledgement that a dying broker did not take.
const REDELIVERED: Duration = Duration::from_secs(60);
/// Longer than any drain.
const GRACE: Duration = Duration::from_secs(30);

/// One process's part of a service: dropping it is a crash.
pub struct Running<S: Service> {
    pub engine: Engine<S>,
    broker: Broker,
    tasks: Tasks,
    stop: CancellationToken,
    served: CancellationToken,
}

/// A counter on `database`, published to `broker`.
pub async fn counter(database: &str, broker: &str) -> Running<Counter> {
    start(Counter::default(), store(database, counter::MIGRATIONS).await, broker, Settings::default()).await
}

/// A tally on `database` that hears `broker`.
pub async fn tally(database: &str, broker: &str) -> Running<Tally> {
    start(Tally::default(), store(database, tally::MIGRATIONS).await, broker, Settings::default()).await
}

/// A migrated store with the host's clock.
pub async fn store(database: &str, migrations: &[Migration]) -> Store {
    let store = Store::open(database, Clock::system()).await.unwrap();
    store.migrate(migrations).await.unwrap();
    store
}

pub async fn start<S: Service>(service: S, store: Store, broker: &str, settings: Settings) -> Running<S> {
    let broker = Broker::connect(broker, S::NAME, 1).await.unwrap();
    let (mut tasks, stop, served) = (Tasks::new(), CancellationToken::new(), CancellationToken::new());
    let ground = Ground { store, broker: broker.clone(), settings, served: served.clone() };
    let engine = Engine::start(service.into(), ground, &mut tasks, &stop);
    Running { engine, broker, tasks, stop, served }
}

impl<S: Service> Running<S> {
    /// Ends it as SIGTERM does.
    pub async fn stop(self) {
        self.begin_stop();
        self.served();
        self.tasks.run(self.stop, GRACE).await.unwrap();
        self.broker.close().await;
    }

    /// Tells it to end; its host is still answering requests.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Says that the host has answered its last request.
    pub fn served(&self) {
        self.served.cancel();
    }

    /// The one number that `sql` selects.
    pub async fn number(&self, sql: &str) -> i64 {
        number(self.engine.store(), sql).await
    }

    pub async fn number_of(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> i64 {
        let read = self.engine.store().read();
        let query = worded(read, sql, values);
        read.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// Runs one statement behind the engine's back.
    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        write(self.engine.store().write(), sql, values).await.unwrap();
    }

    /// The database's clock, in microseconds.
    pub async fn now_us(&self) -> i64 {
        self.engine.store().now(self.engine.store().read()).await.unwrap().as_microsecond()
    }

    /// The ids of all events it has committed.
    pub async fn committed(&self) -> Vec<Uuid> {
        let read = self.engine.store().read();
        let query = Statement::from_string(read.get_database_backend(), "SELECT event_id FROM outbox");
        let rows = read.query_all_raw(query).await.unwrap();
        rows.iter().map(|row| row.try_get("", "event_id").unwrap()).collect()
    }

    /// Waits until the broker is known to have everything.
    pub async fn drained(&self) {
        eventually("an empty outbox", SOON, async || check(self.unpublished().await, |rows| *rows == 0)).await;
    }

    pub async fn unpublished(&self) -> i64 {
        self.number("SELECT count(*) FROM outbox WHERE published_us IS NULL").await
    }
}

impl Running<Counter> {
    /// Asks without a key.
    pub async fn ask(&self, command: Command) -> Result<Reply<Answer>, Unavailable> {
        self.engine.writer().ask(Request::own(command)).await
    }

    /// Adds 1 to the counter `id`, `times` times at once.
    pub async fn add(&self, id: Uuid, times: usize) {
        let asks = (0..times).map(|_| self.ask(Command::Add { id, n: 1 }));
        for reply in join_all(asks).await {
            assert!(matches!(reply, Ok(Reply::Decided(Answer::Added { .. }))), "{reply:?}");
        }
    }

    /// Closes the gate behind which a batch waits, with one command at it: what is asked from now on queues up.
    pub async fn close_gate(&self) -> Closed {
        let service = self.engine.service();
        let gate = service.gate.clone().lock_owned().await;
        let begun = service.begun.load(Ordering::SeqCst);
        let writer = self.engine.writer().clone();
        let waiting = tokio::spawn(async move { writer.ask(Request::own(Command::Nothing)).await });
        eventually("a batch at the gate", SOON, async || {
            check(service.begun.load(Ordering::SeqCst), |now| *now == begun + 1)
        })
        .await;
        Closed { gate, waiting }
    }

    /// Asks `requests` so that all lie in the queue, in this order, when the writer takes its next batch.
    pub async fn together(&self, requests: Vec<Request<Command>>) -> Vec<Result<Reply<Answer>, Unavailable>> {
        let closed = self.close_gate().await;
        let writer = self.engine.writer();
        let mut replies = pin!(join_all(requests.into_iter().map(|request| writer.ask(request))));
        assert!(poll!(&mut replies).is_pending(), "nobody is answered while the gate is closed");
        closed.open().await;
        replies.await
    }
}

/// A writer that waits in the middle of a batch.
pub struct Closed {
    gate: OwnedMutexGuard<()>,
    waiting: JoinHandle<Result<Reply<Answer>, Unavailable>>,
}

impl Closed {
    pub async fn open(self) {
        drop(self.gate);
        assert!(matches!(self.waiting.await.unwrap(), Ok(Reply::Decided(Answer::Nothing))));
    }
}

impl Running<Tally> {
    /// Waits until the tallies show `total` from as many events, and nothing waits any more.
    pub async fn shows(&self, total: i64, times: i64) {
        eventually("the tally", REDELIVERED, async || {
            let sum = self.number("SELECT CAST(COALESCE(SUM(total), 0) AS bigint) FROM tally").await;
            let heard = self.number("SELECT CAST(COALESCE(SUM(times), 0) AS bigint) FROM tally").await;
            check((sum, heard, self.engine.backlog().waiting()), |seen| *seen == (total, times, 0))
        })
        .await;
    }
}

/// The one number that `sql` selects.
pub async fn number(store: &Store, sql: &str) -> i64 {
    let read = store.read();
    let row = read.query_one_raw(worded(read, sql, [])).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
