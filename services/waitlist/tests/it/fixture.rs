//! A running waitlist, and a teller that publishes what catalog and seating would. Seating itself is down here: a claim is
//! never answered, and what becomes of it is told by event.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::seating::{PartyV1, SeatingEvent};
use contract::{Event, MoneyV1};
use jiff::SignedDuration;
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::Tasks;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// Nobody listens there.
pub const DOWN: &str = "http://127.0.0.1:9";

/// One replica of the service.
pub struct Replica {
    pub router: Router,
    /// Its routes without any layer that says who calls.
    pub bare: Router,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<Result<(), runtime::shutdown::DiedError>>,
    served: CancellationToken,
    pub store: Store,
}

impl Replica {
    /// Starts on `db`, with a clock that many minutes ahead; seating is at `seating`.
    pub async fn start(db: &Db, nats: &Nats, minutes: i64, seating: &str) -> Self {
        let store = Store::open(&db.url, Clock::shifted(SignedDuration::from_mins(minutes))).await.unwrap();
        store.migrate(waitlist::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats.url(), "waitlist", 1).await.unwrap();
        let (stop, served, mut tasks) = (CancellationToken::new(), CancellationToken::new(), Tasks::new());
        let ground = Ground { store: store.clone(), broker, settings: Settings::default(), served: served.clone() };
        let env = Env::of([("SEATING_URL", seating), ("SEATING_TIMEOUT_MS", "600000")]);
        let doors = waitlist::start(ground, waitlist::Config::read(&env), &mut tasks, &stop);
        env.finish().unwrap();
        let ended = tokio::spawn(tasks.run(stop.clone(), std::time::Duration::from_secs(20)));
        let bare = doors.public;
        Self { router: Auth::open().around(bare.clone()), bare, stop, ended, served, store }
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        ask(&self.router, "GET", path, (None, None)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        ask(&self.router, "POST", path, (Some(body), None)).await
    }

    /// Joins with a key.
    pub async fn join(&self, body: Value, key: &str) -> (StatusCode, Value) {
        ask(&self.router, "POST", "/tickets", (Some(body), Some(key))).await
    }

    /// Lets the next party go first, with a key.
    pub async fn defer(&self, ticket: &str, key: &str) -> (StatusCode, Value) {
        ask(&self.router, "POST", &format!("/tickets/{ticket}/defer"), (None, Some(key))).await
    }

    /// Joins and gets a number: the ticket's id and the number.
    pub async fn number(&self, line: Uuid, guest: &str, size: i64) -> (String, i64) {
        let (status, body) = self.post("/tickets", wish(line, guest, size)).await;
        assert_eq!((status, &body["status"]), (StatusCode::CREATED, &json!("waiting")), "{body}");
        (body["id"].as_str().unwrap().to_owned(), body["number"].as_i64().unwrap())
    }

    /// Does something to a ticket that must be possible.
    pub async fn change(&self, ticket: &str, verb: &str) -> Value {
        let (status, body) = self.post(&format!("/tickets/{ticket}/{verb}"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{verb}: {body}");
        body
    }

    /// Waits until the ticket has `status`.
    pub async fn reaches(&self, ticket: &str, status: &str) -> Value {
        eventually(&format!("{ticket} is {status}"), SOON, async || {
            check(self.get(&format!("/tickets/{ticket}")).await.1, |body| body["status"] == status)
        })
        .await
    }

    /// Changes rows by hand.
    pub async fn sql(&self, sql: &str) {
        let write = self.store.write();
        write.execute_raw(Statement::from_string(write.get_database_backend(), sql)).await.unwrap();
    }

    /// The types of its events about a ticket, in order of version.
    pub async fn events(&self, ticket: &str) -> Vec<String> {
        let sql = format!("SELECT kind FROM outbox WHERE payload LIKE '%{ticket}%' ORDER BY version");
        let read = self.store.read();
        let rows = read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "kind").unwrap()).collect()
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.served.cancel();
        self.ended.await.unwrap().unwrap();
    }
}

pub async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    (body, key): (Option<Value>, Option<&str>),
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
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
        tokio::spawn(tasks.run(stop.clone(), std::time::Duration::from_secs(5)));
        let replica = Replica::start(db, &nats, 0, DOWN).await;
        Self { nats, replica, teller, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    pub async fn tell(&self, event: &impl Event, correlation: Uuid, version: i64) {
        let outgoing = Outgoing::of(event, correlation, version).unwrap();
        self.teller.writer().ask(choreography::Request::own(outgoing)).await.unwrap();
    }

    /// Publishes a store and waits until the replica knows it as it is.
    pub async fn open(&self, store: OfferingV1) -> Uuid {
        let (id, version, units) = (store.offering_id, store.version, store.units);
        self.tell(&CatalogEvent::Changed(store), id, version).await;
        eventually("the store has arrived", SOON, async || {
            check(self.replica.get(&format!("/lines/{id}")).await.1, |line| line["units"] == units)
        })
        .await;
        id
    }

    /// Seating gave the party its seats; twice, as a broker may.
    pub async fn seated(&self, line: Uuid, ticket: &str, free: i64, floor_version: i64) {
        for _ in 0..2 {
            let party = party(line, ticket, "seated", (free, floor_version));
            self.tell(&SeatingEvent::PartySeated(party), ticket.parse().unwrap(), 1).await;
        }
    }

    /// The party left; twice, as a broker may.
    pub async fn left(&self, line: Uuid, ticket: &str, free: i64, floor_version: i64) {
        for _ in 0..2 {
            let party = party(line, ticket, "left", (free, floor_version));
            self.tell(&SeatingEvent::SeatsFreed(party), ticket.parse().unwrap(), 2).await;
        }
    }
}

fn party(line: Uuid, ticket: &str, status: &str, (free, floor_version): (i64, i64)) -> PartyV1 {
    PartyV1 {
        ticket_id: ticket.parse().unwrap(),
        version: if status == "seated" { 1 } else { 2 },
        status: status.into(),
        offering_id: line,
        party_size: 2,
        free,
        floor_version,
    }
}

/// A store in Seoul with that many seats.
pub fn noodles(units: i64) -> OfferingV1 {
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
        line: None,
    }
}

/// A party of `size` that wants to sit down.
pub fn wish(line: Uuid, guest: &str, size: i64) -> Value {
    json!({ "offering_id": line, "guest_id": guest, "party_size": size, "language": "ko" })
}
