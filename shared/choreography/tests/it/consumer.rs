//! The consumer group: an event acts once however often it comes, and arrives as it was sent.
use crate::platform::{counter, start, store, tally};
use crate::service::counter::{Command, TOTAL_MAX};
use crate::service::tally::{MIGRATIONS, Tally};
use crate::stream::Stream;
use choreography::{KeyUse, Request, Settings};
use std::collections::BTreeSet;
use testing::{Nats, SOON, check, database, eventually};
use uuid::Uuid;

testing::on_every_backend! {
    async fn an_event_that_comes_twice_acts_once(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let (event, other) = (Uuid::now_v7(), Uuid::now_v7());
        // In one delivery and in a later one; the broker knows nothing of repeats, since these bear no message id.
        for id in [event, event, other, event] {
            stream.send(id, Uuid::nil(), 7).await;
        }
        tally.shows(14, 2).await;
        stream.send(event, Uuid::nil(), 7).await;
        let heard = tally.engine.service().heard.clone();
        eventually("the fifth delivery", SOON, async || check(heard.lock().unwrap().len(), |count| *count == 5)).await;
        tally.shows(14, 2).await;
    }

    async fn a_group_belongs_to_one_database(db: Db) {
        let nats = Nats::start().await;
        let tally_here = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        tally_here.shows(1, 1).await;
        // Somebody else's platform on the same broker would take every other event and do nothing about it here.
        let elsewhere = database(db.backend).await;
        let _stranger = tally(&elsewhere.url, &nats.url()).await;
        for _ in 0..40 {
            stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        }
        tally_here.shows(41, 41).await;
    }

    async fn an_event_is_acknowledged_only_when_its_effect_is_committed(db: Db) {
        let nats = Nats::start().await;
        let doomed = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let gate = doomed.engine.service().gate.clone().lock_owned().await;
        for _ in 0..3 {
            stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        }
        let heard = doomed.engine.service().heard.clone();
        eventually("three deliveries", SOON, async || check(heard.lock().unwrap().len(), |count| *count == 3)).await;
        // A crash in the middle of the transaction, while the events were this replica's.
        drop((doomed, gate));
        let heir = tally(&db.url, &nats.url()).await;
        let heard = heir.engine.service().heard.clone();
        eventually("the deliveries again", SOON, async || {
            stream.hurry("tally").await;
            check(heard.lock().unwrap().len(), |count| *count >= 3)
        })
        .await;
        heir.shows(3, 3).await;
    }

    async fn an_event_arrives_as_it_was_asked_for(db: Db) {
        let nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let (counter, tally) = (counter(&db.url, &nats.url()).await, tally(&hearing.url, &nats.url()).await);
        let id = Uuid::now_v7();
        let actor = "Zoë \"100%\" 李\t\\u{41}";
        let request = Request { command: Command::Add { id, n: 5 }, key: KeyUse::Without, actor: Some(actor.into()), cause: None };
        counter.engine.writer().ask(request).await.unwrap();
        tally.shows(5, 1).await;
        let heard = tally.engine.service().heard.lock().unwrap().pop().unwrap();
        assert_eq!(heard.kind, "counter.added.v1");
        assert_eq!((heard.correlation, heard.version, heard.causation), (id, 1, None));
        assert_eq!(vec![heard.id.0], counter.committed().await);
        assert_eq!(heard.actor.as_deref(), Some(actor));
        assert_eq!(heard.time.as_microsecond(), counter.number("SELECT created_us FROM outbox").await);
        assert_eq!(heard.payload, "{\"n\":5}");
    }

    async fn a_batch_of_one_gives_each_event_its_own_transaction(db: Db) {
        let nats = Nats::start().await;
        let counting = database(db.backend).await;
        let counter = counter(&counting.url, &nats.url()).await;
        counter.add(Uuid::now_v7(), 50).await;
        counter.drained().await;
        let settings = Settings { batch_max: 1, ..Settings::default() };
        let tally = start(Tally::default(), store(&db.url, MIGRATIONS).await, &nats.url(), settings).await;
        tally.shows(50, 50).await;
        assert_eq!(tally.number("SELECT count(DISTINCT received_us) FROM inbox").await, 50);
    }

    async fn a_thousand_events_are_each_heard_once_and_their_backlog_is_known(db: Db) {
        let nats = Nats::start().await;
        let hearing = database(db.backend).await;
        let (counter, tally) = (counter(&db.url, &nats.url()).await, tally(&hearing.url, &nats.url()).await);
        let id = Uuid::now_v7();
        counter.add(id, usize::try_from(TOTAL_MAX).unwrap()).await;
        tally.shows(TOTAL_MAX, TOTAL_MAX).await;
        let last = counter.number("SELECT max(created_us) FROM outbox").await;
        eventually("all read until after the last event", SOON, async || {
            check(tally.engine.backlog().read_until(), |until| until.is_some_and(|until| until.as_microsecond() > last))
        })
        .await;
        let heard = tally.engine.service().heard.lock().unwrap();
        let versions: BTreeSet<i64> = heard.iter().map(|event| event.version).collect();
        assert_eq!(versions.len(), heard.len(), "nothing was delivered twice without need");
    }
}
