//! Running engines, and what their databases hold.
use crate::service::counter::{self, Answer, Command, Counter};
use crate::service::tally::{self, Tally};
use choreography::{Broker, Engine, Ground, Migration, Reply, Request, Service, Settings, Store, Unavailable};
use kernel::Clock;
use runtime::shutdown::Tasks;
use sea_orm::{ConnectionTrait, Statement};
use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testing::{SOON, check, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longer than any drain.
const GRACE: Duration = Duration::from_secs(30);

/// One process's part of a service: dropping it is a crash.
pub struct Running<S: Service> {
    pub engine: Engine<S>,
    broker: Broker,
    tasks: Tasks,
    stop: CancellationToken,
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
    let (mut tasks, stop) = (Tasks::new(), CancellationToken::new());
    let ground = Ground { store, broker: broker.clone(), settings };
    let engine = Engine::start(service.into(), ground, &mut tasks, &stop);
    Running { engine, broker, tasks, stop }
}

impl<S: Service> Running<S> {
    /// Ends it as SIGTERM does.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.run(self.stop, GRACE).await.unwrap();
        self.broker.close().await;
    }

    /// Tells it to end, without waiting.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// The one number that `sql` selects.
    pub async fn number(&self, sql: &str) -> i64 {
        number(self.engine.store(), sql).await
    }

    /// Runs one statement behind the engine's back.
    pub async fn execute(&self, sql: &str) {
        self.engine.store().write().execute_unprepared(sql).await.unwrap();
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
        for reply in futures_util::future::join_all(asks).await {
            assert!(matches!(reply, Ok(Reply::Decided(Answer::Added { .. }))), "{reply:?}");
        }
    }

    /// Asks `requests` in such a way that all lie in the queue, in this order, when the writer takes its next batch.
    pub async fn together(&self, requests: Vec<Request<Command>>) -> Vec<Result<Reply<Answer>, Unavailable>> {
        let gate = self.engine.service().gate.clone().lock_owned().await;
        let mut asked = vec![self.spawn(Request::own(Command::Nothing))];
        let begun = self.engine.service().begun.clone();
        let before = begun.load(Ordering::SeqCst);
        eventually("a batch at the gate", SOON, async || {
            check((begun.load(Ordering::SeqCst), self.engine.writer().depth()), |seen| seen.1 >= 1 && seen.0 > 0)
        })
        .await;
        assert!(begun.load(Ordering::SeqCst) <= before + 1, "the batch at the gate holds nothing else");
        for request in requests {
            asked.push(self.spawn(request));
            let queued = asked.len();
            eventually("a queued request", SOON, async || check(self.engine.writer().depth(), |depth| *depth == queued))
                .await;
        }
        drop(gate);
        let mut replies = Vec::new();
        for ask in asked.into_iter().skip(1) {
            replies.push(ask.await.unwrap());
        }
        replies
    }

    pub fn spawn(&self, request: Request<Command>) -> JoinHandle<Result<Reply<Answer>, Unavailable>> {
        let writer = self.engine.writer().clone();
        tokio::spawn(async move { writer.ask(request).await })
    }
}

impl Running<Tally> {
    /// Waits until the tallies show `total` from as many events, and nothing waits any more.
    pub async fn shows(&self, total: i64, times: i64) {
        eventually("the tally", SOON, async || {
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
    let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Ends a future that may go on for ever with the value.
pub fn in_background(work: impl Future<Output = ()> + Send + 'static) -> tokio_util::task::AbortOnDropHandle<()> {
    tokio_util::task::AbortOnDropHandle::new(tokio::spawn(work))
}
