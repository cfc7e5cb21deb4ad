//! A running reservation service, and a teller that publishes what other services would.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use choreography::{Broker, Engine, Ground, Outgoing, Settings, Store};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::{Event, MoneyV1};
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::Tasks;
use serde_json::Value;
use std::sync::Arc;
use testing::{Backend, Db, Nats, SOON, Teller, check, eventually};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// One replica of the service.
pub struct Replica {
    router: Router,
    /// Its routes without any layer that says who calls.
    pub bare: Router,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<Result<(), runtime::shutdown::DiedError>>,
    served: CancellationToken,
    pub store: Store,
}

impl Replica {
    /// Starts on `db`, with a clock that many minutes ahead.
    pub async fn start(db: &Db, nats: &Nats, minutes: i64) -> Self {
        Self::bounded(db, nats, minutes, "100000").await
    }

    /// As [`Replica::start`], with so much work at most that is not settled.
    pub async fn bounded(db: &Db, nats: &Nats, minutes: i64, unsettled_max: &str) -> Self {
        let store = Store::open(&db.url, Clock::shifted(SignedDuration::from_mins(minutes))).await.unwrap();
        store.migrate(reservation::MIGRATIONS).await.unwrap();
        let broker = Broker::connect(&nats.url(), "reservation", 1).await.unwrap();
        let (stop, served, mut tasks) = (CancellationToken::new(), CancellationToken::new(), Tasks::new());
        let ground = Ground { store: store.clone(), broker, settings: Settings::default(), served: served.clone() };
        let env = Env::of([("PAYMENT_URL", "http://127.0.0.1:9"), ("UNSETTLED_MAX", unsettled_max)]);
        let doors = reservation::start(ground, reservation::Config::read(&env), &mut tasks, &stop);
        let ended = tokio::spawn(tasks.run(stop.clone(), std::time::Duration::from_secs(20)));
        let bare = doors.public;
        Self { router: Auth::open().around(bare.clone()), bare, stop, ended, served, store }
    }

    /// Asks over HTTP; a body makes it a POST.
    pub async fn ask(&self, path: &str, body: Option<Value>, key: Option<&str>) -> (StatusCode, Value) {
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Units that are free in the first bucket of the span.
    pub async fn free(&self, offering: Uuid, span: &str) -> Option<i64> {
        let (_, body) = self.ask(&format!("/availability?offering_id={offering}{span}"), None, None).await;
        body["buckets"][0]["free"].as_i64()
    }

    /// Waits until the reservation has `status`.
    pub async fn reaches(&self, id: &str, status: &str) -> Value {
        eventually(&format!("{id} is {status}"), SOON, async || {
            let (_, body) = self.ask(&format!("/reservations/{id}"), None, None).await;
            check(body, |body| body["status"] == status)
        })
        .await
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.served.cancel();
        self.ended.await.unwrap().unwrap();
    }
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
        let replica = Replica::start(db, &nats, 0).await;
        Self { nats, replica, teller, _stop: stop.drop_guard(), _teller_db: teller_db }
    }

    pub async fn tell(&self, event: &impl Event, correlation: Uuid, version: i64) {
        let outgoing = Outgoing::of(event, correlation, version).unwrap();
        self.teller.writer().ask(choreography::Request::own(outgoing)).await.unwrap();
    }

    /// Publishes an offering and waits until the replica knows it.
    pub async fn offer(&self, offering: OfferingV1) -> Uuid {
        let (id, version, units) = (offering.offering_id, offering.version, offering.units);
        let span = match offering.kind.as_str() {
            "nights" => "&from=1950-01-01&to=1950-01-02",
            "slots" => "&from=1950-01-01T00:00:00Z&to=1950-01-03T00:00:00Z",
            _ => "",
        };
        self.tell(&CatalogEvent::Published(offering), id, version).await;
        eventually("the offering has arrived", SOON, async || {
            check(self.replica.free(id, span).await, |free| *free == Some(units))
        })
        .await;
        id
    }

    /// Tells that the reservation's money was captured now.
    pub async fn pay(&self, reservation: &str) {
        let event = PaymentEvent::Captured(payment(reservation, Some(Clock::system().now())));
        self.tell(&event, reservation.parse().unwrap(), 1).await;
    }

    /// Tells that the payment was declined.
    pub async fn decline(&self, reservation: &str) {
        let event = PaymentEvent::Declined(payment(reservation, None));
        self.tell(&event, reservation.parse().unwrap(), 1).await;
    }
}

fn payment(reservation: &str, captured_at: Option<Timestamp>) -> PaymentV1 {
    PaymentV1 {
        payment_id: Uuid::now_v7(),
        version: 1,
        reservation_id: reservation.parse().unwrap(),
        status: "captured".into(),
        total: MoneyV1 { amount: 1, currency: "KRW".into() },
        captured: 1,
        refunded: 0,
        captured_at: captured_at.map(|at| at.to_string()),
        reason: None,
    }
}

/// A settle-later offering of nights with that many units.
pub fn nights(units: i64) -> OfferingV1 {
    OfferingV1 {
        offering_id: Uuid::now_v7(),
        version: 1,
        status: "open".into(),
        business: "seaside".into(),
        name: "Double room".into(),
        description: None,
        place: None,
        kind: "nights".into(),
        units,
        timezone: "Asia/Seoul".into(),
        slot_minutes: None,
        starts_at: None,
        price: MoneyV1 { amount: 120_000, currency: "KRW".into() },
        payment: "settle_later".into(),
        on_payment_outage: "refuse".into(),
        late_money: "refund".into(),
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: None,
        line: None,
    }
}

/// A wish for two nights of `offering`.
pub fn wish(offering: Uuid, guest: &str) -> Value {
    serde_json::json!({
        "offering_id": offering, "guest_id": guest, "quantity": 1,
        "from": "2027-05-01", "to": "2027-05-03", "payment_method": "card-ok",
    })
}
