//! A broker, a teller that publishes what reservation and payment would, and replicas of the service.

use axum::body::Body;
use axum::http::{Method, Request};
use axum::{Extension, Router};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use contract::review::ReviewEvent;
use contract::waitlist::{TicketV1, WaitlistEvent};
use jiff::Timestamp;
use kernel::Clock;
use runtime::auth::{Auth, Caller};
use runtime::config::Env;
use runtime::shutdown::{DiedError, Tasks};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;
use uuid::Uuid;

/// A broker and a teller.
pub struct Stage {
    pub nats: Nats,
    teller: Engine<Teller>,
    /// Ends the teller's tasks with the stage.
    _stop: DropGuard,
    _teller_db: Db,
}

/// An event that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: Uuid,
    pub kind: String,
    pub correlation: Uuid,
    pub created: Timestamp,
}

impl Stage {
    pub async fn set() -> Self {
        let (nats, teller_db) = (Nats::start().await, testing::database(Backend::Sqlite).await);
        let store = Store::open(&teller_db.url, Clock::system()).await.unwrap();
        store.migrate(&[]).await.unwrap();
        let broker = Broker::connect(&nats.url(), "teller", 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
        let teller = Engine::start(Arc::new(Teller), ground, &mut tasks, &stop);
        tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(5)));
        Self { nats, teller, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    pub async fn tell(&self, event: ReservationEvent) {
        let told = event.reservation();
        let (correlation, version) = (told.reservation_id, told.version);
        self.publish(Outgoing::of(&event, correlation, version).unwrap()).await;
    }

    pub async fn tell_payment(&self, event: PaymentEvent) {
        let told = event.payment();
        let (correlation, version) = (told.reservation_id, told.version);
        self.publish(Outgoing::of(&event, correlation, version).unwrap()).await;
    }

    pub async fn tell_ticket(&self, event: WaitlistEvent, told: &TicketV1) {
        let (correlation, version) = (told.ticket_id, told.version);
        self.publish(Outgoing::of(&event, correlation, version).unwrap()).await;
    }

    pub async fn tell_review(&self, event: ReviewEvent) {
        let told = event.review();
        let (correlation, version) = (told.reservation_id, told.version);
        self.publish(Outgoing::of(&event, correlation, version).unwrap()).await;
    }

    pub async fn publish(&self, event: Outgoing) {
        self.teller.writer().ask(choreography::Request::own(event)).await.unwrap();
    }

    /// Everything that was told, in order.
    pub async fn told(&self) -> Vec<Event> {
        let sql = "SELECT event_id, kind, correlation, created_us FROM outbox ORDER BY batch, position";
        let event = |row: &QueryResult| Event {
            id: row.try_get("", "event_id").unwrap(),
            kind: row.try_get("", "kind").unwrap(),
            correlation: row.try_get("", "correlation").unwrap(),
            created: Timestamp::from_microsecond(row.try_get("", "created_us").unwrap()).unwrap(),
        };
        rows(self.teller.store(), sql).await.iter().map(event).collect()
    }

    /// Waits until the broker has everything that was told.
    pub async fn published(&self) {
        let sql = "SELECT count(*) AS number FROM outbox WHERE published_us IS NULL";
        eventually("an empty outbox", SOON, async || check(count(self.teller.store(), sql).await, |left| *left == 0))
            .await;
    }

    /// Waits until the service has taken in everything that was told, all of which must be for it.
    pub async fn heard(&self, replica: &Replica) {
        let told = i64::try_from(self.told().await.len()).unwrap();
        let sql = "SELECT count(*) AS number FROM inbox";
        eventually("every event", SOON, async || check(count(&replica.store, sql).await, |heard| *heard == told)).await;
    }
}

/// One replica of the service.
pub struct Replica {
    router: Router,
    /// As it is before anybody looks who calls.
    bare: Router,
    pub admin: Router,
    pub store: Store,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), DiedError>>,
}

impl Replica {
    pub async fn start(db: &Db, nats: &Nats) -> Self {
        Self::told(&db.url, nats.url(), &[]).await
    }

    /// With these variables.
    pub async fn told(url: &str, nats: String, env: &[(&str, &str)]) -> Self {
        let env = Env::of([("WEBHOOK_PRIVATE", "true")].into_iter().chain(env.iter().copied()));
        let store = Store::open(url, Clock::system()).await.unwrap();
        store.migrate(notification::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats, notification::NAME, 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        // Every request is answered when a test ends its replica.
        let ground = Ground { store: store.clone(), broker, settings: Settings::default(), served: stop.clone() };
        let config = notification::Config::read(&env);
        env.finish().unwrap();
        let doors = notification::start(ground, config, &mut tasks, &stop);
        let ended = tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20)));
        let router = Auth::open().around(doors.public.clone());
        Self { router, bare: doors.public, admin: doors.admin, store, stop, ended }
    }

    /// Tells it to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.ended.await.unwrap().unwrap();
    }

    /// Status and body of `GET /notifications?` and this query.
    pub async fn ask(&self, query: &str) -> (u16, Value) {
        get(&self.router, &format!("/notifications?{query}")).await
    }

    /// A page.
    pub async fn page(&self, query: &str) -> Value {
        let (status, body) = self.ask(query).await;
        assert_eq!(status, 200, "{query}: {body}");
        body
    }

    /// A reader's messages, the newest first.
    pub async fn messages(&self, recipient: &str) -> Vec<Value> {
        let page = self.page(&format!("recipient={recipient}&limit=200")).await;
        assert_eq!(page["next_cursor"], Value::Null);
        page["notifications"].as_array().unwrap().clone()
    }

    /// Status and body of a request with a body, and perhaps a key.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>, key: Option<&str>) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        send(&self.router, request.body(body).unwrap()).await
    }

    /// Status and body of a request by somebody whose token was verified.
    pub async fn by(&self, caller: &Caller, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let router = self.bare.clone().layer(Extension(caller.clone()));
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        send(&router, Request::builder().method(method).uri(path).body(body).unwrap()).await
    }

    /// Status and body of a request where nobody looked who calls.
    pub async fn unguarded(&self, path: &str) -> (u16, Value) {
        get(&self.bare, path).await
    }

    /// Where a reader is reached from now on; the answer.
    pub async fn register(&self, recipient: &str, addresses: Value) -> Value {
        let path = format!("/recipients/{recipient}");
        let (status, body) = self.call(Method::PUT, &path, Some(addresses), None).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// A reader's deliveries, the newest first.
    pub async fn deliveries(&self, recipient: &str) -> Vec<Value> {
        let (status, page) = get(&self.router, &format!("/deliveries?recipient={recipient}&limit=200")).await;
        assert_eq!((status, &page["next_cursor"]), (200, &Value::Null));
        page["deliveries"].as_array().unwrap().clone()
    }

    /// Waits until a reader has so many deliveries of that status, and of no other.
    pub async fn settled(&self, recipient: &str, status: &str, count: usize) -> Vec<Value> {
        eventually(&format!("{count} {status} to {recipient}"), SOON, async || {
            check(self.deliveries(recipient).await, |all| {
                all.len() == count && all.iter().all(|one| one["status"] == status)
            })
        })
        .await
    }

    /// The templates and roles of all messages about a case, sorted.
    pub async fn about(&self, reservation: Uuid) -> Vec<String> {
        let sql = "SELECT template || ' ' || role AS told, correlation FROM notification ORDER BY template, role";
        let rows = rows(&self.store, sql).await;
        let told = rows.iter().filter(|row| row.try_get::<Uuid>("", "correlation").unwrap() == reservation);
        told.map(|row| row.try_get("", "told").unwrap()).collect()
    }

    pub async fn execute(&self, sql: &str) {
        self.store.write().execute_unprepared(sql).await.unwrap();
    }

    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        rows(&self.store, sql).await
    }

    pub async fn count(&self, sql: &str) -> i64 {
        count(&self.store, sql).await
    }
}

/// Status and body of an answer.
pub async fn get(router: &Router, path: &str) -> (u16, Value) {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn send(router: &Router, request: Request<Body>) -> (u16, Value) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    (status, body)
}

async fn rows(store: &Store, sql: &str) -> Vec<QueryResult> {
    let read = store.read();
    read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap()
}

async fn count(store: &Store, sql: &str) -> i64 {
    rows(store, sql).await[0].try_get("", "number").unwrap()
}
