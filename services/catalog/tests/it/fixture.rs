//! A running catalog, asked as its callers do.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Extension, Router};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use kernel::Clock;
use runtime::auth::{Auth, Caller};
use runtime::config::Env;
use runtime::shutdown::{DiedError, Tasks};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// One replica of the service.
#[derive(Clone)]
pub struct Replica {
    router: Router,
    /// As it is before anybody looks who calls.
    bare: Router,
}

/// What a caller gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of an answer with that status.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The body of a problem with that status and slug.
    pub fn refused(self, status: u16, slug: &str) -> Value {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.body);
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{}", self.body);
        self.expect(status)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Replica {
    /// The same replica, which somebody calls whose token was verified.
    pub fn by(&self, caller: Caller) -> Self {
        Self { router: self.bare.clone().layer(Extension(caller)), bare: self.bare.clone() }
    }

    /// The same replica, where nobody looked who calls.
    pub fn unguarded(&self) -> Self {
        Self { router: self.bare.clone(), bare: self.bare.clone() }
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, body: &Value) -> Answer {
        self.ask(Method::POST, "/offerings", &[("content-type", "application/json")], body.to_string()).await
    }

    pub async fn post_with_key(&self, body: &Value, key: &str) -> Answer {
        self.ask(Method::POST, "/offerings", &[("idempotency-key", key)], body.to_string()).await
    }

    /// Publishes an offering; its id.
    pub async fn publish(&self, body: &Value) -> String {
        self.post(body).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    pub async fn patch(&self, id: &str, seen: &str, fields: &Value) -> Answer {
        self.ask(Method::PATCH, &format!("/offerings/{id}"), &[("if-match", seen)], fields.to_string()).await
    }

    pub async fn delete(&self, id: &str) -> Answer {
        self.ask(Method::DELETE, &format!("/offerings/{id}"), &[], Body::empty()).await
    }
}

/// A database, a broker, two replicas, and a teller that publishes what other services would.
pub struct Stage {
    pub replica: Replica,
    pub other: Replica,
    pub store: Store,
    teller: Engine<Teller>,
    stop: CancellationToken,
    ended: Vec<JoinHandle<Result<(), DiedError>>>,
    nats: Nats,
    _teller_db: Db,
}

impl Stage {
    pub async fn set(db: &Db) -> Self {
        Self::on(db, Nats::start().await).await
    }

    async fn on(db: &Db, nats: Nats) -> Self {
        let teller_db = testing::database(Backend::Sqlite).await;
        let stop = CancellationToken::new();
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(catalog::MIGRATIONS).await.unwrap();
        let (replica, ended) = start(store.clone(), &nats, &stop).await;
        let (other, other_ended) = start(Store::open(&db.url, Clock::system()).await.unwrap(), &nats, &stop).await;
        let told = Store::open(&teller_db.url, Clock::system()).await.unwrap();
        told.migrate(&[]).await.unwrap();
        let broker = Broker::connect(&nats.url(), "teller", 1).await.unwrap();
        let mut tasks = Tasks::new();
        let ground = Ground { store: told, broker, settings: Settings::default(), served: stop.clone() };
        let teller = Engine::start(Arc::new(Teller), ground, &mut tasks, &stop);
        let teller_ended = tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20)));
        let ended = vec![ended, other_ended, teller_ended];
        Self { replica, other, store, teller, stop, ended, nats, _teller_db: teller_db }
    }

    /// Ends, and a new one begins on the same database and broker.
    pub async fn again(self, db: &Db) -> Self {
        let nats = self.end().await;
        Self::on(db, nats).await
    }

    /// Publishes what another service would.
    pub async fn tell(&self, event: Outgoing) {
        self.teller.writer().ask(choreography::Request::own(event)).await.unwrap();
    }

    /// Every event it has told, in order: type, version, actor and body.
    pub async fn events(&self) -> Vec<Value> {
        let sql = "SELECT kind, version, actor, payload FROM outbox ORDER BY created_us, batch, position";
        let read = self.store.read();
        let rows = read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
        let event = |row: &sea_orm::QueryResult| {
            let (kind, version): (String, i64) =
                (row.try_get("", "kind").unwrap(), row.try_get("", "version").unwrap());
            let (actor, payload): (Option<String>, String) =
                (row.try_get("", "actor").unwrap(), row.try_get("", "payload").unwrap());
            let body: Value = serde_json::from_str(&payload).unwrap();
            json!({ "kind": kind, "version": version, "actor": actor, "body": body })
        };
        rows.iter().map(event).collect()
    }

    /// Waits until the broker has every event, and ends in order; the broker stays.
    pub async fn end(self) -> Nats {
        let sql = "SELECT count(*) AS waiting FROM outbox WHERE published_us IS NULL";
        eventually("an empty outbox", SOON, async || {
            let read = self.store.read();
            let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
            check(row.unwrap().try_get::<i64>("", "waiting").unwrap(), |waiting| *waiting == 0)
        })
        .await;
        self.stop.cancel();
        for ended in self.ended {
            ended.await.unwrap().unwrap();
        }
        self.nats
    }
}

async fn start(store: Store, nats: &Nats, stop: &CancellationToken) -> (Replica, JoinHandle<Result<(), DiedError>>) {
    let broker = Broker::connect(&nats.url(), catalog::NAME, 1).await.unwrap();
    let mut tasks = Tasks::new();
    // Every request is answered when a test ends its stage.
    let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
    let config = catalog::Config::read(&Env::of::<&str, &str>([]));
    let doors = catalog::start(ground, config, &mut tasks, stop);
    for (name, check) in &doors.checks {
        check().await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    let replica = Replica { router: Auth::open().around(doors.public.clone()), bare: doors.public };
    (replica, tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20))))
}

/// A hotel's room type.
pub fn room() -> Value {
    json!({
        "business": "seaside", "name": "Double room", "kind": "nights", "units": 3, "timezone": "Asia/Seoul",
        "price": { "amount": 120_000, "currency": "KRW" },
    })
}

/// `body` with other fields.
pub fn with(mut body: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// `body` without a field.
pub fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().unwrap().remove(field).unwrap();
    body
}
