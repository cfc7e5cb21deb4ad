//! A running payment service, a teller that publishes what reservation would, and the provider's ledger.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use contract::MoneyV1;
use contract::reservation::{ReservationEvent, ReservationV1};
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::Tasks;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// The total of every reservation.
pub const TOTAL: i64 = 240_000;

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
    async fn start(db: &Db, nats: &Nats, files: &Files) -> Self {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(payment::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats.url(), "payment", 1).await.unwrap();
        let (stop, served, mut tasks) = (CancellationToken::new(), CancellationToken::new(), Tasks::new());
        let ground = Ground { store: store.clone(), broker, settings: Settings::default(), served: served.clone() };
        let path = |path: PathBuf| path.display().to_string();
        let env = Env::of([("PROVIDER_LEDGER", path(files.ledger())), ("PROVIDER_OUTAGE", path(files.outage()))]);
        let doors = payment::start(ground, payment::Config::read(&env), &mut tasks, &stop);
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

    /// Asks for the reservation's money, as reservation does.
    pub async fn capture(&self, reservation: Uuid, method: &str) -> (StatusCode, Value) {
        self.post(wish(reservation, method)).await
    }

    pub async fn post(&self, body: Value) -> (StatusCode, Value) {
        let request = Request::post("/payments").header(header::CONTENT_TYPE, "application/json");
        ask(&self.internal, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Asks the public door.
    pub async fn public(&self, method: &str, path: &str) -> (StatusCode, Value) {
        ask(&self.public, Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    /// The payment of a reservation, as everybody may see it.
    pub async fn payment(&self, reservation: Uuid) -> Option<Value> {
        let (status, body) = self.public("GET", &format!("/payments?reservation_id={reservation}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["payments"].as_array().unwrap().first().cloned()
    }

    /// Waits until the payment has `status`.
    pub async fn reaches(&self, reservation: Uuid, status: &str) -> Value {
        self.reaches_in(reservation, status, SOON).await
    }

    pub async fn reaches_in(&self, reservation: Uuid, status: &str, bound: Duration) -> Value {
        eventually(&format!("the payment is {status}"), bound, async || {
            let payment = self.payment(reservation).await.unwrap_or_default();
            check(payment, |payment| payment["status"] == status)
        })
        .await
    }

    /// The newest version of the reservation that the service has seen.
    pub async fn claim(&self, reservation: Uuid) -> Option<i64> {
        let rows =
            self.query("SELECT claim_version FROM payment WHERE reservation_id = $1", reservation, "claim_version");
        rows.await.into_iter().next()
    }

    /// The events that the service published about the case, in order.
    pub async fn told(&self, reservation: Uuid) -> Vec<String> {
        self.query("SELECT kind FROM outbox WHERE correlation = $1 ORDER BY version", reservation, "kind").await
    }

    /// Why events of the case are parked.
    pub async fn parked(&self, reservation: Uuid) -> Vec<String> {
        self.query("SELECT reason FROM parked WHERE correlation = $1", reservation, "reason").await
    }

    async fn query<T: sea_orm::TryGetable>(&self, sql: &str, reservation: Uuid, column: &str) -> Vec<T> {
        let read = self.store.read();
        let query = choreography::statement(read, sql, [reservation.into()]);
        let rows = read.query_all_raw(query).await.unwrap();
        rows.iter().filter_map(|row| row.try_get("", column).ok()).collect()
    }

    /// Lets the service park events, or not: then one that it cannot handle waits in the stream.
    pub async fn may_park(&self, may: bool) {
        let (from, to) = if may { ("parked_away", "parked") } else { ("parked", "parked_away") };
        self.store.write().execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}")).await.unwrap();
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.served.cancel();
        self.ended.await.unwrap().unwrap();
    }
}

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// What a caller asks for.
pub fn wish(reservation: Uuid, method: &str) -> Value {
    json!({ "reservation_id": reservation, "amount": { "amount": TOTAL, "currency": "KRW" }, "method": method })
}

/// The provider's files.
struct Files(TempDir);

impl Files {
    fn ledger(&self) -> PathBuf {
        self.0.path().join("ledger.jsonl")
    }

    fn outage(&self) -> PathBuf {
        self.0.path().join("outage")
    }
}

/// A broker, a teller, the provider's files, and one replica.
pub struct Stage {
    pub replica: Replica,
    nats: Nats,
    files: Files,
    teller: Engine<Teller>,
    /// Ends the teller's tasks with the stage.
    _stop: tokio_util::sync::DropGuard,
    _teller_db: Db,
}

impl Stage {
    pub async fn set(db: &Db) -> Self {
        let (nats, files) = (Nats::start().await, Files(tempfile::tempdir().unwrap()));
        let teller_db = testing::database(Backend::Sqlite).await;
        let store = Store::open(&teller_db.url, Clock::system()).await.unwrap();
        store.migrate(&[]).await.unwrap();
        let broker = Broker::connect(&nats.url(), "teller", 1).await.unwrap();
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
        let teller = Engine::start(Arc::new(Teller), ground, &mut tasks, &stop);
        tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(5)));
        let replica = Replica::start(db, &nats, &files).await;
        Self { replica, nats, files, teller, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    /// One more replica on the same database and the same provider.
    pub async fn another(&self, db: &Db) -> Replica {
        Replica::start(db, &self.nats, &self.files).await
    }

    /// The same stage, where these events were published while the service was away.
    pub async fn after_absence(self, db: &Db, events: impl IntoIterator<Item = ReservationEvent>) -> Self {
        let Self { replica, nats, files, teller, _stop, _teller_db } = self;
        replica.end().await;
        for event in events {
            tell(&teller, event).await;
        }
        let store = teller.store();
        eventually("all is published", SOON, async || {
            let waiting = choreography::statement(store.read(), "SELECT 1 FROM outbox WHERE published_us IS NULL", []);
            check(store.read().query_all_raw(waiting).await.unwrap().len(), |waiting| *waiting == 0)
        })
        .await;
        let replica = Replica::start(db, &nats, &files).await;
        Self { replica, nats, files, teller, _stop, _teller_db }
    }

    /// Publishes an event of the reservation.
    pub async fn tell(&self, event: ReservationEvent) {
        tell(&self.teller, event).await;
    }

    /// Publishes an event and waits until the service has taken it in.
    pub async fn tell_and_wait(&self, event: ReservationEvent) {
        let (reservation, version) = (event.reservation().reservation_id, event.reservation().version);
        self.tell(event).await;
        eventually("the event is taken in", SOON, async || {
            check(self.replica.claim(reservation).await, |claim| *claim >= Some(version))
        })
        .await;
    }

    /// While cut, no call reaches the provider.
    pub fn cut(&self, cut: bool) {
        if cut {
            std::fs::write(self.files.outage(), "").unwrap();
        } else {
            std::fs::remove_file(self.files.outage()).unwrap();
        }
    }

    /// The calls that reached the provider about a reservation, as `call outcome`, with `again` for a repeat.
    pub fn ledger(&self, reservation: Uuid) -> Vec<String> {
        let word = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
        self.lines(reservation)
            .iter()
            .map(|line| {
                let again = if line["repeat"] == true { " again" } else { "" };
                format!("{} {}{again}", word(line, "call"), word(line, "outcome"))
            })
            .collect()
    }

    /// What the provider has of the guest's money for a reservation.
    pub fn balance(&self, reservation: Uuid) -> i64 {
        self.lines(reservation)
            .iter()
            .filter(|line| line["repeat"] == false)
            .map(|line| match line["outcome"].as_str() {
                Some("captured") => line["amount"].as_i64().unwrap(),
                Some("refunded") => -line["amount"].as_i64().unwrap(),
                _ => 0,
            })
            .sum()
    }

    fn lines(&self, reservation: Uuid) -> Vec<Value> {
        let text = std::fs::read_to_string(self.files.ledger()).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["reservation_id"] == json!(reservation)).collect()
    }
}

async fn tell(teller: &Engine<Teller>, event: ReservationEvent) {
    let told = event.reservation();
    let (correlation, version) = (told.reservation_id, told.version);
    let outgoing = Outgoing::of(&event, correlation, version).unwrap();
    teller.writer().ask(choreography::Request::own(outgoing)).await.unwrap();
}

/// A reservation held now, whose money is taken as `capture` says.
pub fn held(capture: &str, method: &str) -> ReservationV1 {
    ReservationV1 {
        reservation_id: Uuid::now_v7(),
        version: 1,
        status: "held".into(),
        offering_id: Uuid::now_v7(),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        kind: "nights".into(),
        quantity: 1,
        from: "2027-05-01".into(),
        to: Some("2027-05-03".into()),
        timezone: "Asia/Seoul".into(),
        total: MoneyV1 { amount: TOTAL, currency: "KRW".into() },
        payment: "prepay".into(),
        capture: capture.into(),
        payment_method: Some(method.into()),
        placed_at: Clock::system().now().to_string(),
        deadline: None,
        keep: Some(TOTAL),
        purpose: None,
        reason: None,
    }
}

/// The same reservation after one more change.
pub fn changed(held: &ReservationV1, version: i64, status: &str, keep: Option<i64>) -> ReservationV1 {
    ReservationV1 { version, status: status.into(), keep, ..held.clone() }
}
