//! A database that goes away: callers are told, nothing is lost, and all goes on when it is back.
use crate::platform::{counter, tally};
use crate::service::counter::{Answer, Command};
use crate::stream::Stream;
use choreography::{Reply, Unavailable};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use testing::{MariaDb, Nats, Postgres, SOON, check, eventually, postgres, run};
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

/// Whoever operates a Postgres database, in one session.
struct Operator {
    name: String,
    session: DatabaseConnection,
}

impl Operator {
    async fn of(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let name = url.rsplit('/').next().unwrap().to_owned();
        Self { name, session: Box::pin(Database::connect(options)).await.unwrap() }
    }

    /// The one number that `sql` selects.
    async fn number(&self, sql: &str) -> i64 {
        let query = Statement::from_string(DbBackend::Postgres, sql);
        self.session.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// Changes a setting of later sessions, and ends all others, as a failover does.
    async fn set(&self, setting: &str) {
        let change = format!("ALTER DATABASE {} SET {setting}", self.name);
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> \
                   pg_backend_pid()";
        for sql in [&change, end] {
            self.session.execute_unprepared(sql).await.unwrap();
        }
    }
}

#[test]
fn a_postgres_that_only_reads_parks_nothing_and_events_wait_for_it() {
    run(async {
        let (server, nats) = (postgres().await, Nats::start().await);
        let (counting, hearing) = (server.database().await, server.database().await);
        let (counter, tally) = (counter(&counting, &nats.url()).await, tally(&hearing, &nats.url()).await);
        let operators = [Operator::of(&counting).await, Operator::of(&hearing).await];
        for operator in &operators {
            operator.set("default_transaction_read_only = on").await;
        }
        let refused = counter.ask(Command::Add { id: Uuid::now_v7(), n: 1 }).await;
        assert_eq!(refused.unwrap_err(), Unavailable::Database);
        let stream = Stream::connect(&nats.url()).await;
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        let heard = tally.engine.service().heard.clone();
        eventually("a second delivery", SOON, async || check(heard.lock().unwrap().len(), |count| *count >= 2)).await;
        for operator in &operators {
            operator.set("default_transaction_read_only = off").await;
        }
        eventually("the tally", SOON, async || {
            check(operators[1].number("SELECT count(*) FROM tally").await, |rows| *rows == 1)
        })
        .await;
        assert_eq!(operators[1].number("SELECT count(*) FROM parked").await, 0);
    });
}

#[test]
fn a_transaction_that_postgres_ended_is_run_again_and_its_event_is_not_parked() {
    run(async {
        let (server, nats) = (postgres().await, Nats::start().await);
        let hearing = server.database().await;
        let operator = Operator::of(&hearing).await;
        operator.set("idle_in_transaction_session_timeout = '1s'").await;
        let tally = tally(&hearing, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let gate = tally.engine.service().gate.clone().lock_owned().await;
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        eventually("a session that was ended", SOON, async || {
            let ended = "SELECT sessions_fatal FROM pg_stat_database WHERE datname = current_database()";
            check(operator.number(ended).await, |ended| *ended == 1)
        })
        .await;
        drop(gate);
        tally.shows(1, 1).await;
        assert_eq!(tally.number("SELECT count(*) FROM parked").await, 0);
    });
}
