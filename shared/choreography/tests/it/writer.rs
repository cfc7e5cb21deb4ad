//! Group commit: many commands in one transaction, one command's fault its own, no waiting when it is full.
use crate::platform::{counter, start, store};
use crate::service::counter::{Answer, Command, Counter, MIGRATIONS, TOTAL_MAX};
use choreography::{Reply, Request, Settings, Unavailable};
use futures_util::future::join_all;
use testing::{Nats, SOON, check, eventually};
use uuid::Uuid;

testing::on_every_backend! {
    async fn a_hundred_asks_are_answered_by_one_transaction(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let id = Uuid::now_v7();
        let asks = (0..100).map(|_| Request::own(Command::Add { id, n: 1 })).collect();
        let mut totals: Vec<i64> = counter.together(asks).await.into_iter().map(total).collect();
        totals.sort_unstable();
        assert_eq!(totals, (1..=100).collect::<Vec<i64>>(), "each decided on the state that the one before left");
        assert_eq!(counter.number("SELECT total FROM counter").await, 100);
        assert_eq!(counter.number("SELECT count(*) FROM outbox").await, 100);
        assert_eq!(counter.number("SELECT count(DISTINCT batch) FROM outbox").await, 1);
    }

    async fn a_command_that_cannot_be_stored_or_decided_fails_alone(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let add = || Request::own(Command::Add { id: Uuid::now_v7(), n: 1 });
        let mut asks: Vec<_> = (0..30).map(|_| add()).collect();
        let broken = [
            (3, Command::Force { id: Uuid::now_v7(), n: 5_000 }, "check"),
            (17, Command::Panic, "panicked"),
            (24, Command::Refuse, "undecidable"),
            (33, Command::Shout { bytes: 2 << 20 }, "2097"),
        ];
        for (place, command, _) in broken.clone() {
            asks.insert(place, Request::own(command));
        }
        asks.truncate(34);
        for (place, reply) in counter.together(asks).await.into_iter().enumerate() {
            match broken.iter().find(|(broken, _, _)| *broken == place) {
                None => assert_eq!(total(reply), 1, "a mate at {place} is not touched"),
                Some((_, _, why)) => {
                    let Ok(Reply::Faulty(reason)) = reply else { panic!("{place}: {reply:?}") };
                    assert!(reason.to_lowercase().contains(why), "{place}: {reason}");
                }
            }
        }
        assert_eq!(counter.number("SELECT CAST(sum(total) AS bigint) FROM counter").await, 30);
        assert_eq!(counter.number("SELECT count(*) FROM outbox").await, 30);
        let transactions = counter.number("SELECT count(DISTINCT batch) FROM outbox").await;
        assert!(transactions < 20, "the healthy ones stay together where they can: {transactions}");
        counter.drained().await;
    }

    async fn a_refusal_changes_nothing_and_is_an_answer(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let id = Uuid::now_v7();
        let asks = [TOTAL_MAX, 1].map(|n| Request::own(Command::Add { id, n }));
        let replies = counter.together(asks.into()).await;
        assert!(matches!(replies[..], [
            Ok(Reply::Decided(Answer::Added { total: TOTAL_MAX })),
            Ok(Reply::Decided(Answer::Full)),
        ]), "{replies:?}");
        assert_eq!(counter.number("SELECT count(*) FROM outbox").await, 1);
    }

    async fn a_full_queue_refuses_at_once(db: Db) {
        let nats = Nats::start().await;
        let settings = Settings { queue_max: 4, ..Settings::default() };
        let counter = start(Counter::default(), store(&db.url, MIGRATIONS).await, &nats.url(), settings).await;
        let closed = counter.close_gate().await;
        let id = Uuid::now_v7();
        let mut queued = Box::pin(join_all((0..4).map(|_| counter.ask(Command::Add { id, n: 1 }))));
        assert!(futures_util::poll!(&mut queued).is_pending());
        // The writer stands still, so an answer can only be one that waits for nothing.
        assert_eq!(counter.ask(Command::Add { id, n: 1 }).await.unwrap_err(), Unavailable::QueueFull);
        closed.open().await;
        assert_eq!(queued.await.into_iter().map(total).max(), Some(4), "what was accepted is answered");
    }

    async fn the_depth_counts_what_waits_and_comes_back_to_none(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let closed = counter.close_gate().await;
        let mut queued = Box::pin(join_all((0..10).map(|_| counter.ask(Command::Nothing))));
        assert!(futures_util::poll!(&mut queued).is_pending());
        assert_eq!(counter.engine.writer().depth(), 11);
        closed.open().await;
        queued.await;
        eventually("an idle writer", SOON, async || check(counter.engine.writer().depth(), |depth| *depth == 0)).await;
    }
}

fn total(reply: Result<Reply<Answer>, Unavailable>) -> i64 {
    match reply {
        Ok(Reply::Decided(Answer::Added { total })) => total,
        other => panic!("{other:?}"),
    }
}
