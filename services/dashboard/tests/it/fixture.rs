//! A running dashboard, a broker, and a teller that publishes what the other services would.

use crate::event::Event;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::{Extension, Router};
use choreography::{Broker, Engine, Ground, Settings, Store};
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use runtime::auth::{Auth, Caller};
use runtime::config::Env;
use runtime::shutdown::{DiedError, Tasks};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// What a caller gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    kind: String,
    pub body: Value,
}

impl Answer {
    /// The body of an answer with that status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Checks that this is a problem with that status and slug.
    pub fn refused(self, status: u16, slug: &str) {
        assert_eq!(self.kind, "application/problem+json", "{}", self.body);
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{}", self.body);
        self.expect(status);
    }
}

/// One replica of the service.
pub struct Replica {
    pub public: Router,
    /// As it is before anybody looks who calls.
    pub bare: Router,
    admin: Router,
    store: Store,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), DiedError>>,
}

impl Replica {
    /// Steps of a rebuild take `batch_max` events.
    async fn start(db: &Db, nats: &Nats, batch_max: usize, env: &[(&str, &str)]) -> Self {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(dashboard::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats.url(), "dashboard", 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        let settings = Settings { batch_max, ..Settings::default() };
        // Every request is answered when a test ends its replica.
        let ground = Ground { store: store.clone(), broker, settings, served: stop.clone() };
        let config = dashboard::Config::read(&Env::of(env.iter().copied()));
        let doors = dashboard::start(ground, config, &mut tasks, &stop);
        for (name, check) in &doors.checks {
            check().await.unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        let ended = tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20)));
        let public = Auth::open().around(doors.public.clone());
        Self { public, bare: doors.public, admin: doors.admin, store, stop, ended }
    }

    /// Asks the public door.
    pub async fn get(&self, path: &str) -> Answer {
        ask(&self.public, Method::GET, path).await
    }

    /// The status that somebody is answered whose token was verified; only the head, since a stream has no end.
    pub async fn by(&self, caller: &Caller, path: &str) -> u16 {
        let router = self.bare.clone().layer(Extension(caller.clone()));
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status().as_u16()
    }

    /// Asks where nobody looked who calls.
    pub async fn unguarded(&self, path: &str) -> Answer {
        ask(&self.bare, Method::GET, path).await
    }

    /// The text of a spreadsheet, and where its `Link` header leads.
    pub async fn spreadsheet(&self, path: &str) -> (String, Option<String>) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = self.public.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap());
        let next = link.map(|link| link.strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned());
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        (String::from_utf8(bytes.into()).unwrap(), next)
    }

    /// An answer without the moment it was given at.
    pub async fn shows(&self, path: &str) -> Value {
        let mut body = self.get(path).await.expect(200);
        let members = body.as_object_mut().unwrap();
        let as_of = members.remove("as_of").unwrap();
        // Nothing is known before the broker was asked for the first time.
        assert!(as_of.as_str().is_none_or(|at| at.parse::<Timestamp>().is_ok()), "{as_of}");
        assert!(members.remove("lag").unwrap().is_u64());
        body
    }

    /// The rows of a list over all of its pages, of `limit` rows each.
    pub async fn pages(&self, path: &str, list: &str, limit: usize) -> Vec<Value> {
        let (mut rows, mut path_now) = (Vec::new(), format!("{path}limit={limit}"));
        loop {
            let body = self.shows(&path_now).await;
            let page = body[list].as_array().unwrap();
            assert!(page.len() <= limit);
            rows.extend(page.iter().cloned());
            match body["next_cursor"].as_str() {
                Some(cursor) => path_now = format!("{path}limit={limit}&cursor={cursor}"),
                None => return rows,
            }
        }
    }

    /// Where the rebuild stands.
    pub async fn rebuild(&self) -> Value {
        ask(&self.admin, Method::GET, "/rebuild").await.expect(200)
    }

    pub async fn begin_rebuild(&self) -> Answer {
        ask(&self.admin, Method::POST, "/rebuild").await
    }

    /// Waits until the rebuild stands as wanted.
    pub async fn rebuild_is(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(what, SOON, async || check(self.rebuild().await, &wanted)).await
    }

    /// The one number that `sql` selects.
    pub async fn number(&self, sql: &str) -> i64 {
        let read = self.store.read();
        let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Changes the database behind the service's back.
    pub async fn execute(&self, sql: &str) {
        self.store.write().execute_unprepared(sql).await.unwrap();
    }

    /// Takes what every batch needs; until it is given back, none is stored.
    pub async fn hold_up(&self) -> DatabaseTransaction {
        let tx = self.store.begin().await.unwrap();
        tx.execute_unprepared("UPDATE projection SET serving = serving").await.unwrap();
        tx
    }

    /// From now on no step of a rebuild may write what `condition` says of its new row.
    pub async fn stall(&self, condition: &str) {
        let sql = match self.store.backend() {
            choreography::Backend::Sqlite => format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON rebuild WHEN {condition} \
                 BEGIN SELECT RAISE(ABORT, 'stalled'); END"
            ),
            choreography::Backend::Postgres => format!(
                "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF {condition} THEN RAISE EXCEPTION 'stalled'; END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER stall BEFORE UPDATE ON rebuild FOR EACH ROW EXECUTE FUNCTION stall()"
            ),
            choreography::Backend::MariaDb => format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON rebuild FOR EACH ROW \
                 IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'stalled'; END IF"
            ),
        };
        self.execute(&sql).await;
    }

    /// Takes a lease for another replica, for an hour.
    pub async fn lease(&self, name: &str) {
        let hour = SignedDuration::from_hours(1);
        assert!(choreography::lease(&self.store, name, Uuid::now_v7(), hour).await.unwrap());
    }

    /// Lets rebuilds go on.
    pub async fn let_go(&self) {
        self.execute(match self.store.backend() {
            choreography::Backend::Sqlite | choreography::Backend::MariaDb => "DROP TRIGGER stall",
            choreography::Backend::Postgres => "DROP TRIGGER stall ON rebuild",
        })
        .await;
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.ended.await.unwrap().unwrap();
    }
}

async fn ask(router: &Router, method: Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
    Answer { status, kind, body: serde_json::from_slice(&bytes).unwrap() }
}

/// A broker, a teller and one replica.
pub struct Stage {
    pub replica: Replica,
    pub nats: Nats,
    teller: Engine<Teller>,
    told: AtomicI64,
    /// Ends the teller's tasks with the stage.
    _stop: tokio_util::sync::DropGuard,
    _teller_db: Db,
}

impl Stage {
    pub async fn set(db: &Db) -> Self {
        Self::with_steps_of(db, 256).await
    }

    /// Told by the environment what is not usual.
    pub async fn with_env(db: &Db, env: &[(&str, &str)]) -> Self {
        Self::with(db, 256, env).await
    }

    /// Batches and steps of a rebuild take `batch_max` events.
    pub async fn with_steps_of(db: &Db, batch_max: usize) -> Self {
        Self::with(db, batch_max, &[]).await
    }

    async fn with(db: &Db, batch_max: usize, env: &[(&str, &str)]) -> Self {
        let nats = Nats::start().await;
        let teller_db = testing::database(Backend::Sqlite).await;
        let store = Store::open(&teller_db.url, Clock::system()).await.unwrap();
        store.migrate(&[]).await.unwrap();
        let broker = Broker::connect(&nats.url(), "teller", 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
        let teller = Engine::start(Arc::new(Teller), ground, &mut tasks, &stop);
        tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(5)));
        let replica = Replica::start(db, &nats, batch_max, env).await;
        let told = AtomicI64::new(0);
        Self { replica, nats, teller, told, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    /// One more replica on the same database.
    pub async fn another(&self, db: &Db) -> Replica {
        Replica::start(db, &self.nats, 256, &[]).await
    }

    /// Publishes an event.
    pub async fn tell(&self, event: impl Into<Event>) {
        self.teller.writer().ask(choreography::Request::own(event.into().0)).await.unwrap();
        self.told.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until everything that was told is taken in.
    pub async fn taken_in(&self) {
        let told = self.told.load(Ordering::Relaxed);
        eventually("everything is taken in", SOON, async || {
            check(self.replica.number("SELECT count(*) FROM inbox").await, |handled| *handled == told)
        })
        .await;
        assert_eq!(self.replica.number("SELECT count(*) FROM parked").await, 0);
    }

    /// The broker loses what it holds, and the teller does not publish it again.
    pub async fn forget(&mut self) {
        eventually("everything is published", SOON, async || {
            let sql = "SELECT count(*) FROM outbox WHERE published_us IS NULL";
            let read = self.teller.store().read();
            let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
            check(row.unwrap().try_get_by_index::<i64>(0).unwrap(), |waiting| *waiting == 0)
        })
        .await;
        self.nats.stop();
        self.teller.store().write().execute_unprepared("DELETE FROM outbox").await.unwrap();
        self.nats.wipe();
        self.nats.restart().await;
    }
}
