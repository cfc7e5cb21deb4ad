//! A broker, a teller that publishes what reservation would, and two replicas of the service.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::{Extension, Router};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use contract::MoneyV1;
use contract::reservation::{ReservationEvent, ReservationV1};
use kernel::Clock;
use runtime::auth::{Auth, Caller};
use runtime::config::Env;
use runtime::shutdown::{DiedError, Tasks};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

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

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        ask(&self.router, method, path, headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], &Value::Null).await
    }

    pub async fn post(&self, body: &Value) -> Answer {
        self.ask(Method::POST, "/reviews", &[], body).await
    }

    pub async fn post_with_key(&self, body: &Value, key: &str) -> Answer {
        self.ask(Method::POST, "/reviews", &[("idempotency-key", key)], body).await
    }

    pub async fn patch(&self, id: &str, body: &Value) -> Answer {
        self.ask(Method::PATCH, &format!("/reviews/{id}"), &[], body).await
    }

    pub async fn delete(&self, id: &str, guest: &str) -> Answer {
        self.ask(Method::DELETE, &format!("/reviews/{id}?guest_id={guest}"), &[], &Value::Null).await
    }
}

async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let answer = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status, headers, body }
}

/// A broker, a teller and two replicas on one database.
pub struct Stage {
    pub replica: Replica,
    pub other: Replica,
    pub store: Store,
    teller: Engine<Teller>,
    stop: CancellationToken,
    ended: Vec<JoinHandle<Result<(), DiedError>>>,
    _nats: Nats,
    _teller_db: Db,
}

impl Stage {
    pub async fn set(db: &Db) -> Self {
        let (nats, teller_db) = (Nats::start().await, testing::database(Backend::Sqlite).await);
        let stop = CancellationToken::new();
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(review::MIGRATIONS).await.unwrap();
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
        Self { replica, other, store, teller, stop, ended, _nats: nats, _teller_db: teller_db }
    }

    /// Publishes news of a reservation, as reservation would.
    pub async fn tell(&self, event: ReservationEvent) {
        let told = event.reservation();
        let (correlation, version) = (told.reservation_id, told.version);
        let event = Outgoing::of(&event, correlation, version).unwrap();
        self.teller.writer().ask(choreography::Request::own(event)).await.unwrap();
    }

    /// Waits until the service has taken in everything that was told.
    pub async fn heard(&self) {
        let told = number(self.teller.store(), "SELECT count(*) AS number FROM outbox").await;
        let sql = "SELECT count(*) AS number FROM inbox";
        eventually("every event", SOON, async || check(number(&self.store, sql).await, |heard| *heard == told)).await;
    }

    /// A confirmed booking that the service knows of.
    pub async fn stay(&self, guest: &str) -> ReservationV1 {
        let told = ReservationV1 { guest_id: guest.into(), ..reservation() };
        self.tell(ReservationEvent::Confirmed(told.clone())).await;
        self.heard().await;
        told
    }

    /// Every event it has told, in order: type, version, case, actor and body.
    pub async fn events(&self) -> Vec<Value> {
        let sql = "SELECT kind, version, correlation, actor, payload FROM outbox ORDER BY created_us, batch, position";
        let event = |row: &QueryResult| {
            let text = |name: &str| row.try_get::<String>("", name).unwrap();
            let body: Value = serde_json::from_str(&text("payload")).unwrap();
            json!({
                "kind": text("kind"),
                "version": row.try_get::<i64>("", "version").unwrap(),
                "correlation": row.try_get::<Uuid>("", "correlation").unwrap(),
                "actor": text("actor"),
                "body": body,
            })
        };
        rows(&self.store, sql).await.iter().map(event).collect()
    }

    /// Waits until the broker has every event, and ends in order.
    pub async fn end(self) {
        let sql = "SELECT count(*) AS number FROM outbox WHERE published_us IS NULL";
        eventually("an empty outbox", SOON, async || check(number(&self.store, sql).await, |left| *left == 0)).await;
        self.stop.cancel();
        for ended in self.ended {
            ended.await.unwrap().unwrap();
        }
    }
}

async fn start(store: Store, nats: &Nats, stop: &CancellationToken) -> (Replica, JoinHandle<Result<(), DiedError>>) {
    let broker = Broker::connect(&nats.url(), review::NAME, 1).await.unwrap();
    let mut tasks = Tasks::new();
    // Every request is answered when a test ends its stage.
    let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
    let doors = review::start(ground, review::Config::read(&Env::of::<&str, &str>([])), &mut tasks, stop);
    for (name, check) in &doors.checks {
        check().await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    let replica = Replica { router: Auth::open().around(doors.public.clone()), bare: doors.public };
    (replica, tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20))))
}

async fn rows(store: &Store, sql: &str) -> Vec<QueryResult> {
    let read = store.read();
    read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap()
}

pub async fn number(store: &Store, sql: &str) -> i64 {
    rows(store, sql).await[0].try_get("", "number").unwrap()
}

/// Two confirmed nights of Mina's in a loft.
pub fn reservation() -> ReservationV1 {
    ReservationV1 {
        reservation_id: Uuid::now_v7(),
        version: 2,
        status: "confirmed".into(),
        offering_id: Uuid::now_v7(),
        offering_name: "Loft".into(),
        business: "bearbnb".into(),
        guest_id: "mina".into(),
        language: "en".into(),
        kind: "nights".into(),
        quantity: 1,
        from: "2027-05-01".into(),
        to: Some("2027-05-03".into()),
        timezone: "America/New_York".into(),
        total: MoneyV1 { amount: 24_000, currency: "USD".into() },
        payment: "prepay".into(),
        capture: "by_call_then_event".into(),
        payment_method: Some("card-ok".into()),
        placed_at: "2027-01-01T00:00:00Z".into(),
        deadline: None,
        keep: Some(24_000),
        purpose: None,
        reason: None,
    }
}

/// What a guest would post about a stay.
pub fn praise(of: &ReservationV1) -> Value {
    json!({
        "offering_id": of.offering_id, "reservation_id": of.reservation_id, "guest_id": of.guest_id, "rating": 4,
        "text": "Quiet, bright, close to the park",
    })
}

/// `body` with other fields.
pub fn with(mut body: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
