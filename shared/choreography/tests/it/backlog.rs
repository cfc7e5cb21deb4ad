//! The backlog while the broker is away: what cannot be fetched does not wait for the service.
use crate::platform::{Running, tally};
use crate::service::tally::Tally;
use crate::stream::Stream;
use std::time::{Duration, Instant};
use testing::{Backend, Nats, SOON, check, database, eventually, run};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// A tally that three events wait for as long as the gate is held.
async fn behind(database: &str, nats: &Nats) -> (Running<Tally>, OwnedMutexGuard<()>) {
    let tally = tally(database, &nats.url()).await;
    let stream = Stream::connect(&nats.url()).await;
    let gate = tally.engine.service().gate.clone().lock_owned().await;
    for _ in 0..3 {
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
    }
    within_reach(&tally, 3).await;
    (tally, gate)
}

async fn within_reach(tally: &Running<Tally>, count: u64) {
    let backlog = tally.engine.backlog();
    eventually("what is within reach", SOON, async || check(backlog.within_reach(), |seen| *seen == count)).await;
    assert_eq!(backlog.waiting(), 3, "what was seen last");
}

testing::on_every_backend! {
    async fn what_a_stopped_broker_keeps_does_not_wait_for_the_service(db: Db) {
        let mut nats = Nats::start().await;
        let (tally, gate) = behind(&db.url, &nats).await;
        nats.stop();
        within_reach(&tally, 0).await;
        nats.restart().await;
        within_reach(&tally, 3).await;
        drop(gate);
        tally.shows(3, 3).await;
    }
}

#[test]
fn a_broker_that_falls_silent_is_away_and_one_look_that_fails_says_nothing() {
    run(async {
        let (db, mut nats) = (database(Backend::Sqlite).await, Nats::start().await);
        let (tally, gate) = behind(&db.url, &nats).await;
        let silent = Instant::now();
        nats.freeze(true);
        within_reach(&tally, 0).await;
        // A look waits for five seconds, so that this was not the first that failed.
        assert!(silent.elapsed() > Duration::from_secs(8), "{:?}", silent.elapsed());
        nats.freeze(false);
        within_reach(&tally, 3).await;
        drop(gate);
        tally.shows(3, 3).await;
    });
}
