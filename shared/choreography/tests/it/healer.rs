//! The healer: what the broker forgot is published again, and nobody hears it twice.
use crate::platform::{Running, counter, tally};
use crate::service::counter::{Command, Counter};
use crate::stream::Stream;
use testing::{Nats, database};
use uuid::Uuid;

/// Waits until the stream holds everything that `counters` committed; how many events that is.
async fn whole(nats: &Nats, counters: &[&Running<Counter>]) -> i64 {
    let mut committed = Vec::new();
    for counter in counters {
        counter.drained().await;
        committed.extend(counter.committed().await);
    }
    Stream::connect(&nats.url()).await.holds(&committed).await;
    i64::try_from(committed.len()).unwrap()
}

testing::on_every_backend! {
    async fn a_lost_disk_is_a_delay(db: Db) {
        let mut nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let (counter, tally) = (counter(&db.url, &nats.url()).await, tally(&hearing.url, &nats.url()).await);
        for _ in 0..3 {
            counter.add(Uuid::now_v7(), 40).await;
        }
        tally.shows(120, 120).await;
        counter.drained().await;
        nats.kill();
        nats.wipe();
        nats.restart().await;
        assert_eq!(whole(&nats, &[&counter]).await, 120);
        tally.shows(120, 120).await;
        counter.add(Uuid::now_v7(), 5).await;
        tally.shows(125, 125).await;
    }

    async fn an_older_disk_gets_its_lost_tail_back_among_new_events(db: Db) {
        let mut nats = Nats::start().await;
        let (second, hearing) = (database(db.backend).await, database(db.backend).await);
        // Two publishers, so that the places of one's lost events are taken by the other's new ones.
        let (one, other) = (counter(&db.url, &nats.url()).await, counter(&second.url, &nats.url()).await);
        let tally = tally(&hearing.url, &nats.url()).await;
        for _ in 0..10 {
            one.add(Uuid::now_v7(), 3).await;
            other.add(Uuid::now_v7(), 2).await;
        }
        assert_eq!(whole(&nats, &[&one, &other]).await, 50);
        nats.stop();
        let saved = nats.save();
        nats.restart().await;
        for _ in 0..10 {
            one.add(Uuid::now_v7(), 3).await;
            other.add(Uuid::now_v7(), 2).await;
        }
        tally.shows(100, 100).await;
        assert_eq!(whole(&nats, &[&one, &other]).await, 100);
        nats.kill();
        nats.restore(&saved);
        one.add(Uuid::now_v7(), 4).await;
        nats.restart().await;
        for _ in 0..20 {
            one.ask(Command::Add { id: Uuid::now_v7(), n: 1 }).await.unwrap();
            other.ask(Command::Add { id: Uuid::now_v7(), n: 1 }).await.unwrap();
        }
        assert_eq!(whole(&nats, &[&one, &other]).await, 144);
        tally.shows(144, 144).await;
    }
}
