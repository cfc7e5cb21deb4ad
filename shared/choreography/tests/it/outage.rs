//! A database that goes away: callers are told, nothing is lost, and all goes on when it is back.
use crate::platform::{counter, tally};
use crate::service::counter::{Answer, Command};
use choreography::{Reply, Unavailable};
use testing::{MariaDb, Nats, Postgres, SOON, eventually, run};
use uuid::Uuid;

/// A server that a test may end.
trait Server {
    async fn database(&self) -> String;
    async fn restart(&mut self);
    fn kill(&mut self);
}

macro_rules! server {
    ($of:ty) => {
        impl Server for $of {
            async fn database(&self) -> String {
                Self::database(self).await
            }
            async fn restart(&mut self) {
                Self::restart(self).await;
            }
            fn kill(&mut self) {
                Self::kill(self);
            }
        }
    };
}
server!(Postgres);
server!(MariaDb);

#[test]
fn callers_are_told_that_postgres_is_away_and_events_wait_for_it() {
    run(async { callers_are_told_and_events_wait(Postgres::start().await).await });
}

#[test]
fn callers_are_told_that_mariadb_is_away_and_events_wait_for_it() {
    run(async {
        if let Some(mariadb) = MariaDb::start().await {
            callers_are_told_and_events_wait(mariadb).await;
        }
    });
}

async fn callers_are_told_and_events_wait(mut server: impl Server) {
    let nats = Nats::start().await;
    let (counting, hearing) = (server.database().await, server.database().await);
    let (counter, tally) = (counter(&counting, &nats.url()).await, tally(&hearing, &nats.url()).await);
    let id = Uuid::now_v7();
    counter.add(id, 10).await;
    server.kill();
    let refused = counter.ask(Command::Add { id, n: 1 }).await;
    assert_eq!(refused.unwrap_err(), Unavailable::Database);
    server.restart().await;
    let total = eventually("an answer", SOON, async || match counter.ask(Command::Add { id, n: 1 }).await {
        Ok(Reply::Decided(Answer::Added { total })) => Ok(total),
        other => Err(other),
    })
    .await;
    assert_eq!(total, 11);
    tally.shows(11, 11).await;
    counter.drained().await;
}
