//! The relay: what was committed is published, whatever happens between the two.
use crate::platform::{Running, counter, start, store, tally};
use crate::service::counter::{Command, Counter, MIGRATIONS};
use crate::stream::Stream;
use choreography::{Settings, Store};
use jiff::SignedDuration;
use kernel::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testing::{Backend, Nats, SOON, check, database, eventually};
use uuid::Uuid;

/// Nobody listens there.
const NOWHERE: &str = "nats://127.0.0.1:9";

/// Commits `count` events that no broker has, and crashes.
async fn unpublished(url: &str, count: usize) {
    let counter = counter(url, NOWHERE).await;
    counter.add(Uuid::now_v7(), count).await;
    assert_eq!(counter.unpublished().await, i64::try_from(count).unwrap());
}

/// Adds in the background, one after the other in each of `callers`, until the value is dropped.
struct Load {
    callers: Vec<tokio::task::JoinHandle<()>>,
    decided: Arc<AtomicUsize>,
}

impl Load {
    fn on(counter: &Running<Counter>, callers: usize) -> Self {
        let decided = Arc::new(AtomicUsize::new(0));
        let call = |writer: choreography::Writer<Counter>, decided: Arc<AtomicUsize>| async move {
            loop {
                let request = choreography::Request::own(Command::Add { id: Uuid::now_v7(), n: 1 });
                if writer.ask(request).await.is_err() {
                    return;
                }
                decided.fetch_add(1, Ordering::SeqCst);
            }
        };
        let callers =
            (0..callers).map(|_| tokio::spawn(call(counter.engine.writer().clone(), Arc::clone(&decided)))).collect();
        Self { callers, decided }
    }

    async fn reaches(&self, count: usize) {
        eventually("answers", SOON, async || check(self.decided.load(Ordering::SeqCst), |seen| *seen >= count)).await;
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.callers.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

testing::on_every_backend! {
    async fn events_wait_for_a_broker_that_comes_later(db: Db) {
        let mut nats = Nats::prepare().await;
        let counter = counter(&db.url, &nats.url()).await;
        counter.add(Uuid::now_v7(), 30).await;
        nats.restart().await;
        counter.drained().await;
        Stream::connect(&nats.url()).await.holds(&counter.committed().await).await;
    }

    async fn events_wait_for_a_broker_that_goes_and_comes_back(db: Db) {
        let mut nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let (counter, tally) = (counter(&db.url, &nats.url()).await, tally(&hearing.url, &nats.url()).await);
        let id = Uuid::now_v7();
        counter.add(id, 30).await;
        tally.shows(30, 30).await;
        nats.kill();
        counter.add(id, 30).await;
        nats.restart().await;
        counter.add(id, 30).await;
        tally.shows(90, 90).await;
        counter.drained().await;
        Stream::connect(&nats.url()).await.holds(&counter.committed().await).await;
    }

    async fn what_a_crash_left_between_commit_and_publish_is_swept(db: Db) {
        unpublished(&db.url, 40).await;
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        counter.drained().await;
        Stream::connect(&nats.url()).await.holds(&counter.committed().await).await;
    }

    async fn crashes_at_any_moment_lose_and_double_nothing(db: Db) {
        let nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let tally = tally(&hearing.url, &nats.url()).await;
        for round in 1..=5 {
            let counter = counter(&db.url, &nats.url()).await;
            let load = Load::on(&counter, 16);
            load.reaches(40 * round).await;
        }
        let counter = counter(&db.url, &nats.url()).await;
        counter.drained().await;
        let committed = counter.committed().await;
        let total = counter.number("SELECT CAST(sum(total) AS bigint) FROM counter").await;
        assert_eq!(usize::try_from(total).unwrap(), committed.len());
        Stream::connect(&nats.url()).await.holds(&committed).await;
        tally.shows(total, total).await;
    }

    async fn rows_that_the_stream_has_already_are_recognized(db: Db) {
        let nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let (counter, tally) = (counter(&db.url, &nats.url()).await, tally(&hearing.url, &nats.url()).await);
        counter.add(Uuid::now_v7(), 25).await;
        counter.drained().await;
        let places = "SELECT CAST(sum(stream_seq * (position + 1)) AS bigint) FROM outbox";
        let before = counter.number(places).await;
        // As if the process had died before it noted the acknowledgement. The old ones are published together with one
        // that the stream lacks, so the atomic batch is refused as a whole.
        counter.execute("UPDATE outbox SET published_us = NULL, stream_seq = NULL", []).await;
        counter.drained().await;
        assert_eq!(counter.number(places).await, before, "each is noted at its old place");
        Stream::connect(&nats.url()).await.holds(&counter.committed().await).await;
        tally.shows(25, 25).await;
    }

    async fn leftovers_are_swept_while_new_events_keep_coming(db: Db) {
        unpublished(&db.url, 3).await;
        let nats = Nats::start().await;
        // Many small commits, so that something is always waiting for the relay.
        let settings = Settings { batch_max: 2, ..Settings::default() };
        let counter = start(Counter::default(), store(&db.url, MIGRATIONS).await, &nats.url(), settings).await;
        let oldest = counter.number("SELECT max(created_us) FROM outbox").await;
        let load = Load::on(&counter, 64);
        let left = format!("SELECT count(*) FROM outbox WHERE published_us IS NULL AND created_us <= {oldest}");
        eventually("no leftovers", SOON, async || check(counter.number(&left).await, |rows| *rows == 0)).await;
        load.reaches(load.decided.load(Ordering::SeqCst) + 1).await;
    }

    async fn whoever_holds_the_lease_sweeps_until_it_expires_by_the_clock_of_the_database(db: Db) {
        unpublished(&db.url, 3).await;
        let nats = Nats::start().await;
        // A host whose clock runs ahead must not take the lease earlier, where the database has a clock of its own.
        let ahead = if db.backend == Backend::Sqlite { 0 } else { 10 };
        let before = store(&db.url, MIGRATIONS).await;
        let expires_us = before.now(before.read()).await.unwrap().as_microsecond() + 6_000_000;
        let lease = "INSERT INTO lease (name, owner, expires_us) VALUES ('relay', $1, $2)";
        crate::service::write(before.write(), lease, [Uuid::now_v7().into(), expires_us.into()]).await.unwrap();
        let store = Store::open(&db.url, Clock::shifted(SignedDuration::from_mins(ahead))).await.unwrap();
        let counter = start(Counter::default(), store, &nats.url(), Settings::default()).await;
        counter.drained().await;
        let published_us = counter.number("SELECT min(published_us) FROM outbox").await;
        assert!(published_us >= expires_us, "{} µs too early", expires_us - published_us);
        let sql = "SELECT count(*) FROM lease WHERE name = 'relay' AND expires_us > $1 AND owner = $2";
        let owned = counter.number_of(sql, [counter.now_us().await.into(), counter.engine.replica().into()]).await;
        assert_eq!(owned, 1, "it holds the lease now");
    }
}
