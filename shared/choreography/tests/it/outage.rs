//! A database that goes away: callers are told, nothing is lost, and all goes on when it is back.
use crate::platform::{counter, tally};
use crate::service::counter::{Answer, Command};
use choreography::{Reply, Unavailable};
use testing::{Nats, Postgres, SOON, eventually, run};
use uuid::Uuid;

#[test]
fn callers_are_told_that_the_database_is_away_and_events_wait_for_it() {
    run(async {
        let nats = Nats::start().await;
        let mut postgres = Postgres::start().await;
        let (counting, hearing) = (postgres.database().await, postgres.database().await);
        let (counter, tally) = (counter(&counting, &nats.url()).await, tally(&hearing, &nats.url()).await);
        let id = Uuid::now_v7();
        counter.add(id, 10).await;
        postgres.kill();
        let refused = counter.ask(Command::Add { id, n: 1 }).await;
        assert_eq!(refused.unwrap_err(), Unavailable::Database);
        postgres.restart().await;
        let total = eventually("an answer", SOON, async || match counter.ask(Command::Add { id, n: 1 }).await {
            Ok(Reply::Decided(Answer::Added { total })) => Ok(total),
            other => Err(other),
        })
        .await;
        assert_eq!(total, 11);
        tally.shows(11, 11).await;
        counter.drained().await;
    });
}
