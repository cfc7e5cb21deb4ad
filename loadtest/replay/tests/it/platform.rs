//! Catalog and reservation, running behind one entry that can be closed and opened again.

use choreography::{Broker, Ground, Settings, Store};
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::http::{fallbacks, serve};
use runtime::shutdown::{DiedError, Tasks};
use std::time::Duration;
use testing::{Db, Nats, database};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The booking path of the platform. Payment is down: `settle_later` and `none` sell without it.
pub struct Platform {
    pub url: String,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), DiedError>>,
    /// Catalog's database and the broker, which go with this value.
    _beside: (Db, Nats),
}

impl Platform {
    /// Starts it, reservation on `db`; so few bookings wait for their decision at once that more are told to come back.
    pub async fn start(db: &Db, unsettled_max: &str) -> Self {
        let env = Env::of([("PAYMENT_URL", "http://127.0.0.1:9"), ("UNSETTLED_MAX", unsettled_max)]);
        let (stop, served, mut tasks) = (CancellationToken::new(), CancellationToken::new(), Tasks::new());
        let nats = Nats::start().await;
        let broker = Broker::connect(&nats.url(), "platform", 1).await.unwrap();
        let beside = database(db.backend).await;
        let ground = async |db: &Db, migrations| {
            let store = Store::open(&db.url, Clock::system()).await.unwrap();
            store.migrate(migrations).await.unwrap();
            Ground { store, broker: broker.clone(), settings: Settings::default(), served: served.clone() }
        };
        let catalog =
            catalog::start(ground(&beside, catalog::MIGRATIONS).await, catalog::Config::read(&env), &mut tasks, &stop);
        let config = reservation::Config::read(&env);
        let reservation = reservation::start(ground(db, reservation::MIGRATIONS).await, config, &mut tasks, &stop);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Auth::open().around(fallbacks(catalog.public.merge(reservation.public)));
        let closing = stop.clone();
        tasks.spawn("entry", async move {
            let outcome = serve(listener, router, closing).await;
            served.cancel();
            outcome
        });
        let ended = tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(20)));
        Self { url, stop, ended, _beside: (beside, nats) }
    }

    /// Ends it in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.ended.await.unwrap().unwrap();
    }
}
