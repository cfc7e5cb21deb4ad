//! Two replicas of a service on one database, whose hosts' clocks are twenty minutes apart.
use crate::platform::{Running, counter, start};
use crate::service::counter::{self, Answer, Command, Counter};
use crate::service::tally::{self, Tally};
use crate::stream::Stream;
use choreography::{Key, KeyUse, Migration, Repeat, Reply, Request, Service, Settings, Store};
use futures_util::future::join_all;
use jiff::SignedDuration;
use kernel::Clock;
use testing::{Backend, Db, Nats, database};
use uuid::Uuid;

/// A replica; where the database has a clock of its own, the host's may say what it likes.
async fn replica<S: Service>(service: S, db: &Db, migrations: &[Migration], minutes: i64, nats: &Nats) -> Running<S> {
    let shifted = Clock::shifted(SignedDuration::from_mins(minutes));
    let clock = if db.backend == Backend::Sqlite { Clock::system() } else { shifted };
    let store = Store::open(&db.url, clock).await.unwrap();
    store.migrate(migrations).await.unwrap();
    start(service, store, &nats.url(), Settings::default()).await
}

testing::on_every_backend! {
    async fn replicas_that_race_for_a_key_make_one_case(db: Db) {
        let nats = Nats::start().await;
        let early = replica(Counter::default(), &db, counter::MIGRATIONS, -10, &nats).await;
        let late = replica(Counter::default(), &db, counter::MIGRATIONS, 10, &nats).await;
        let id = Uuid::now_v7();
        let asks = (0..60).flat_map(|name| [(&early, name), (&late, name)]);
        let replies = join_all(asks.map(|(replica, name)| {
            let key = Key::new("guest", "/adds", &name.to_string(), b"body", Uuid::now_v7());
            let command = Command::Add { id, n: 1 };
            replica.engine.writer().ask(Request { command, key: KeyUse::Claim(key), actor: None, cause: None })
        }))
        .await;
        for pair in replies.chunks(2) {
            let decided = pair.iter().filter(|reply| matches!(reply, Ok(Reply::Decided(Answer::Added { .. })))).count();
            let answered =
                pair.iter().filter(|reply| matches!(reply, Ok(Reply::Repeat(Repeat::Answered { .. })))).count();
            assert_eq!((decided, answered), (1, 1), "{pair:?}");
        }
        assert_eq!(early.number("SELECT total FROM counter").await, 60);
        assert_eq!(early.number("SELECT count(*) FROM outbox").await, 60);
    }

    async fn replicas_share_a_counter_without_losing_an_addition(db: Db) {
        let nats = Nats::start().await;
        let early = replica(Counter::default(), &db, counter::MIGRATIONS, -10, &nats).await;
        let late = replica(Counter::default(), &db, counter::MIGRATIONS, 10, &nats).await;
        let id = Uuid::now_v7();
        let both = |_| async { tokio::join!(early.add(id, 5), late.add(id, 5)) };
        join_all((0..50).map(both)).await;
        assert_eq!(early.number("SELECT total FROM counter").await, 500);
        assert_eq!(early.number("SELECT version FROM counter").await, 500);
        early.drained().await;
        Stream::connect(&nats.url()).await.holds(&early.committed().await).await;
    }

    async fn many_events_are_each_handled_by_one_replica(db: Db) {
        let nats = Nats::start().await;
        let counting = database(db.backend).await;
        let counter = counter(&counting.url, &nats.url()).await;
        let early = replica(Tally::default(), &db, tally::MIGRATIONS, -10, &nats).await;
        let late = replica(Tally::default(), &db, tally::MIGRATIONS, 10, &nats).await;
        for _ in 0..20 {
            counter.add(Uuid::now_v7(), 100).await;
        }
        early.shows(2_000, 2_000).await;
        let heard = [&early, &late].map(|replica| replica.engine.service().heard.lock().unwrap().len());
        assert!(heard.iter().sum::<usize>() >= 2_000, "{heard:?}");
    }

    async fn a_replica_that_ends_hands_over_what_it_has_not_begun(db: Db) {
        let nats = Nats::start().await;
        let counting = database(db.backend).await;
        let counter = counter(&counting.url, &nats.url()).await;
        let ending = replica(Tally::default(), &db, tally::MIGRATIONS, 0, &nats).await;
        let staying = replica(Tally::default(), &db, tally::MIGRATIONS, 0, &nats).await;
        let add = async {
            for _ in 0..20 {
                counter.add(Uuid::now_v7(), 100).await;
            }
        };
        let heard = ending.engine.service().heard.clone();
        let end = async {
            let some = async || testing::check(heard.lock().unwrap().len(), |count| *count > 0);
            testing::eventually("a first event", testing::SOON, some).await;
            ending.stop().await;
        };
        tokio::join!(add, end);
        staying.shows(2_000, 2_000).await;
    }
}
