//! The end of a process: everybody is answered, and nothing is left for others to sweep.
use crate::platform::{counter, number, start, store, tally};
use crate::service::counter::{Answer, Command};
use crate::service::tally::{self, Tally};
use crate::stream::Stream;
use choreography::{Reply, Settings, Store, Unavailable};
use futures_util::future::join_all;
use kernel::Clock;
use std::time::Duration;
use testing::{Nats, check, database, eventually};
use uuid::Uuid;

/// More than a writer with a queue of one takes.
const EVENTS: usize = 200;
/// Half of what a message waits for its acknowledgement.
const SOON_AGAIN: Duration = Duration::from_secs(15);

testing::on_every_backend! {
    async fn a_shutdown_answers_what_it_accepted_and_leaves_an_empty_outbox(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let closed = counter.close_gate().await;
        let writer = counter.engine.writer().clone();
        let add = || choreography::Request::own(Command::Add { id: Uuid::now_v7(), n: 1 });
        let mut accepted = Box::pin(join_all((0..400).map(|_| writer.ask(add()))));
        assert!(futures_util::poll!(&mut accepted).is_pending());
        counter.begin_stop();
        counter.served();
        closed.open().await;
        for reply in accepted.await {
            assert!(matches!(reply, Ok(Reply::Decided(Answer::Added { total: 1 }))), "{reply:?}");
        }
        let (store, committed) = (counter.engine.store().clone(), counter.committed().await);
        counter.stop().await;
        assert_eq!(writer.ask(add()).await.unwrap_err(), Unavailable::Stopped);
        assert_eq!(committed.len(), 400);
        assert_eq!(number(&store, "SELECT count(*) FROM outbox WHERE published_us IS NULL").await, 0);
        Stream::connect(&nats.url()).await.holds(&committed).await;
    }

    async fn the_writer_goes_on_until_the_last_request_is_served(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        counter.begin_stop();
        let id = Uuid::now_v7();
        counter.add(id, 3).await;
        let store = counter.engine.store().clone();
        counter.stop().await;
        assert_eq!(number(&store, "SELECT count(*) FROM outbox WHERE published_us IS NOT NULL").await, 3);
    }

    async fn a_shutdown_gives_back_what_it_has_not_begun_while_it_still_works(db: Db) {
        let nats = Nats::start().await;
        let counting = database(db.backend).await;
        let counter = counter(&counting.url, &nats.url()).await;
        let (ending, staying) = (Tally::default(), Tally::default());
        let (gate, heard) = (ending.gate.clone(), staying.heard.clone());
        // The one that ends has one event in its transaction, one in its queue, and the others before it.
        let narrow = Settings { batch_max: 1, queue_max: 1 };
        let ending = start(ending, store(&db.url, tally::MIGRATIONS).await, &nats.url(), narrow).await;
        let closed = gate.lock_owned().await;
        counter.add(Uuid::now_v7(), EVENTS).await;
        let begun = ending.engine.service().heard.clone();
        Stream::connect(&nats.url()).await.until_delivered("tally", EVENTS).await;
        ending.begin_stop();
        let next = Store::open(&db.url, Clock::system()).await.unwrap();
        let staying = start(staying, next, &nats.url(), Settings::default()).await;
        // Sooner than any delivery is repeated for want of an acknowledgement.
        eventually("what was given back", SOON_AGAIN, async || {
            let (old, new) = (begun.lock().unwrap().len(), heard.lock().unwrap().len());
            check((old, new), |(old, new)| old + new >= EVENTS)
        })
        .await;
        drop(closed);
        ending.stop().await;
        staying.shows(EVENTS as i64, EVENTS as i64).await;
    }

    async fn a_shutdown_in_the_middle_of_everything_loses_nothing(db: Db) {
        let nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let first = tally(&hearing.url, &nats.url()).await;
        let mut decided = 0;
        for _ in 0..3 {
            let counter = counter(&db.url, &nats.url()).await;
            let writer = counter.engine.writer().clone();
            let asks = (0..500).map(|_| {
                let writer = writer.clone();
                let add = choreography::Request::own(Command::Add { id: Uuid::now_v7(), n: 1 });
                tokio::spawn(async move { writer.ask(add).await })
            });
            let asks: Vec<_> = asks.collect();
            let store = counter.engine.store().clone();
            counter.stop().await;
            for ask in asks {
                match ask.await.unwrap() {
                    Ok(Reply::Decided(Answer::Added { .. })) => decided += 1,
                    Err(Unavailable::Stopped) => {}
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(number(&store, "SELECT count(*) FROM outbox").await, decided, "told and stored are the same");
            assert_eq!(number(&store, "SELECT count(*) FROM outbox WHERE published_us IS NULL").await, 0);
        }
        first.stop().await;
        tally(&hearing.url, &nats.url()).await.shows(decided, decided).await;
    }
}
