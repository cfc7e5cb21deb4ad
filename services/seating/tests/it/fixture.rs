//! A running seating service, and a teller that publishes what catalog and waitlist would.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store, statement};
use contract::catalog::{CatalogEvent, LineRulesV1, OfferingV1};
use contract::waitlist::{TicketV1, WaitlistEvent};
use contract::{Event, MoneyV1};
use jiff::SignedDuration;
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::Tasks;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// The number of the next claim.
static CLAIMS: AtomicI64 = AtomicI64::new(1);

/// One replica of the service.
pub struct Replica {
    public: Router,
    internal: Router,
    /// Both doors without any layer that says who calls.
    pub bare: (Router, Router),
    stop: CancellationToken,
    served: CancellationToken,
    ended: tokio::task::JoinHandle<Result<(), runtime::shutdown::DiedError>>,
    store: Store,
}

impl Replica {
    /// Starts on `db`, with a clock that many minutes ahead.
    pub async fn start(db: &Db, nats: &Nats, minutes: i64) -> Self {
        let store = Store::open(&db.url, Clock::shifted(SignedDuration::from_mins(minutes))).await.unwrap();
        store.migrate(seating::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats.url(), "seating", 1).await.unwrap();
        let (stop, served, mut tasks) = (CancellationToken::new(), CancellationToken::new(), Tasks::new());
        let ground = Ground { store: store.clone(), broker, settings: Settings::default(), served: served.clone() };
        let env = Env::of([("HTTP_TIMEOUT_MS_MAX", "60000")]);
        let doors = seating::start(ground, seating::Config::read(&env), &mut tasks, &stop);
        let ended = tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20)));
        Self {
            public: Auth::open().around(doors.public.clone()),
            internal: Auth::open().around(doors.internal.clone()),
            bare: (doors.public, doors.internal),
            stop,
            served,
            ended,
            store,
        }
    }

    /// Claims seats, as waitlist does: each claim has a higher number than those before.
    pub async fn claim(&self, offering: Uuid, ticket: Uuid, party_size: i64) -> (StatusCode, Value) {
        self.numbered(offering, ticket, (party_size, CLAIMS.fetch_add(1, Ordering::Relaxed))).await
    }

    /// Claims seats under a number.
    pub async fn numbered(&self, offering: Uuid, ticket: Uuid, (party_size, claim): (i64, i64)) -> (StatusCode, Value) {
        self.put(offering, ticket, json!({ "party_size": party_size, "claim": claim })).await
    }

    pub async fn put(&self, offering: Uuid, ticket: Uuid, body: Value) -> (StatusCode, Value) {
        let request = Request::put(party_path(offering, ticket)).header(header::CONTENT_TYPE, "application/json");
        answer(&self.internal, request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn leave(&self, offering: Uuid, ticket: Uuid) -> (StatusCode, Value) {
        self.public("POST", &format!("{}/leave", party_path(offering, ticket))).await
    }

    pub async fn floor(&self, offering: Uuid) -> (StatusCode, Value) {
        self.public("GET", &format!("/floors/{offering}")).await
    }

    /// Asks the public door.
    pub async fn public(&self, method: &str, path: &str) -> (StatusCode, Value) {
        answer(&self.public, Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    /// Waits until the floor has so many seats free.
    pub async fn reaches(&self, offering: Uuid, free: i64) -> Value {
        eventually(&format!("{free} seats are free"), SOON, async || {
            check(self.floor(offering).await.1, |floor| floor["free"] == free)
        })
        .await
    }

    /// Waits until the service has written what it makes of so many events of this ticket.
    pub async fn has_party(&self, ticket: Uuid, state: &str) {
        eventually(&format!("the party is {state}"), SOON, async || {
            let states: Vec<String> = self.query("SELECT state FROM party WHERE ticket_id = $1", ticket, "state").await;
            check(states, |states| states == &[state])
        })
        .await;
    }

    /// The events that the service published about the ticket, in order.
    pub async fn told(&self, ticket: Uuid) -> Vec<String> {
        self.query("SELECT kind FROM outbox WHERE correlation = $1 ORDER BY version", ticket, "kind").await
    }

    async fn query<T: sea_orm::TryGetable>(&self, sql: &str, id: Uuid, column: &str) -> Vec<T> {
        let read = self.store.read();
        let rows = read.query_all_raw(statement(read, sql, [id.into()])).await.unwrap();
        rows.iter().filter_map(|row| row.try_get("", column).ok()).collect()
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.served.cancel();
        self.ended.await.unwrap().unwrap();
    }
}

fn party_path(offering: Uuid, ticket: Uuid) -> String {
    format!("/floors/{offering}/parties/{ticket}")
}

async fn answer(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// A broker, a teller, and one replica.
pub struct Stage {
    pub nats: Nats,
    pub replica: Replica,
    teller: Engine<Teller>,
    /// Ends the teller's tasks with the stage.
    _stop: tokio_util::sync::DropGuard,
    _teller_db: Db,
}

impl Stage {
    pub async fn set(db: &Db) -> Self {
        let nats = Nats::start().await;
        let teller_db = testing::database(Backend::Sqlite).await;
        let store = Store::open(&teller_db.url, Clock::system()).await.unwrap();
        store.migrate(&[]).await.unwrap();
        let broker = Broker::connect(&nats.url(), "teller", 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
        let teller = Engine::start(Arc::new(Teller), ground, &mut tasks, &stop);
        tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(5)));
        let replica = Replica::start(db, &nats, 0).await;
        Self { nats, replica, teller, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    async fn publish(&self, event: &impl Event, correlation: Uuid, version: i64) {
        let outgoing = Outgoing::of(event, correlation, version).unwrap();
        self.teller.writer().ask(choreography::Request::own(outgoing)).await.unwrap();
    }

    pub async fn tell_offering(&self, event: CatalogEvent) {
        let (id, version) = (event.offering().offering_id, event.offering().version);
        self.publish(&event, id, version).await;
    }

    pub async fn tell_ticket(&self, event: WaitlistEvent, ticket: Uuid) {
        self.publish(&event, ticket, 3).await;
    }

    /// Publishes a store with so many seats and waits until the replica knows it.
    pub async fn store(&self, units: i64) -> OfferingV1 {
        let store = store(units);
        self.tell_offering(CatalogEvent::Published(store.clone())).await;
        self.replica.reaches(store.offering_id, units).await;
        store
    }
}

/// A store with a line.
pub fn store(units: i64) -> OfferingV1 {
    OfferingV1 {
        offering_id: Uuid::now_v7(),
        version: 1,
        status: "open".into(),
        business: "noodles".into(),
        name: "Noodle bar".into(),
        description: None,
        place: None,
        kind: "line".into(),
        units,
        timezone: "Asia/Seoul".into(),
        slot_minutes: None,
        starts_at: None,
        price: MoneyV1 { amount: 0, currency: "KRW".into() },
        payment: "none".into(),
        on_payment_outage: "refuse".into(),
        late_money: "refund".into(),
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: None,
        line: Some(LineRulesV1 { passes_max: 3, call_minutes: 5, deferrals_max: 2, day_starts_at: "05:00".into() }),
    }
}

/// A ticket as waitlist tells of it when it has ended.
pub fn ended(offering: Uuid, ticket: Uuid, status: &str, party_size: i64) -> TicketV1 {
    TicketV1 {
        ticket_id: ticket,
        version: 3,
        status: status.into(),
        offering_id: offering,
        offering_name: "Noodle bar".into(),
        business: "noodles".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        party_size,
        number: Some(1),
        service_day: "2027-05-01".into(),
        timezone: "Asia/Seoul".into(),
        joined_at: "2027-05-01T03:00:00Z".into(),
        called_at: None,
        call_deadline: None,
        seated_at: None,
        deferrals: 0,
        passes: 0,
        quoted: None,
    }
}
