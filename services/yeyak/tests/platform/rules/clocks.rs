//! Rule 5: replicas whose hosts' clocks are 10 minutes apart decide by the database's clock.

use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::client::{Client, Door};
use crate::fixture::run;
use crate::fixture::separate::Separate;
use choreography::{Broker, Ground, Settings, Store};
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::http::{fallbacks, serve};
use runtime::shutdown::Tasks;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testing::{Backend, SOON, check, eventually, postgres};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const HOLD_SECONDS: i64 = 5;

/// A replica of reservation in this process, since no other's clock can be set; ends with `stop`. Where it listens.
async fn replica(database: &str, nats: &str, ahead_minutes: i64, stop: &CancellationToken) -> String {
    let clock = Clock::shifted(SignedDuration::from_mins(ahead_minutes));
    let store = Store::open(database, clock).await.unwrap();
    store.migrate(reservation::MIGRATIONS).await.unwrap();
    let broker = Broker::connect(nats, "reservation", 1).await.unwrap();
    let ground = Ground { store, broker, settings: Settings::default(), served: stop.clone() };
    // Nobody listens there: what is to be paid stays unpaid.
    let env = Env::of([("PAYMENT_URL", "http://127.0.0.1:9")]);
    let mut tasks = Tasks::new();
    let doors = reservation::start(ground, reservation::Config::read(&env), &mut tasks, stop);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn("door", serve(listener, Auth::open().around(fallbacks(doors.public)), stop.clone()));
    tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(10)));
    format!("http://{address}")
}

fn at(reservation: &Value, field: &str) -> Timestamp {
    reservation[field].as_str().unwrap().parse().unwrap()
}

#[test]
fn rule_05_replicas_with_clocks_10_minutes_apart_keep_one_time() {
    run(async {
        let platform = Separate::start(Backend::Postgres, &[("catalog", 1)], &[]).await;
        let (database, stop) = (postgres().await.database().await, CancellationToken::new());
        let mut doors = platform.client().doors();
        let mut replicas = Vec::new();
        for ahead_minutes in [-5, 5] {
            let public = replica(&database, &platform.nats_url(), ahead_minutes, &stop).await;
            replicas.push(Door { public, admin: String::new(), internal: String::new() });
        }
        doors.insert("reservation", replicas);
        let client = Client::new(doors);
        let later = json!({ "payment": "settle_later", "hold_seconds": HOLD_SECONDS });
        let id = client.publish(&with(offering("seats", 10), later)).await;
        let mut held = Vec::new();
        // Replicas take turns: both place, each repeats the other's key, and whichever sweeps first must wait.
        for _ in 0..3 {
            let (wish, key) = (seats(&id, 1), unique("key"));
            let first = client.post_with_key("/reservations", &wish, &key).await.expect(202);
            let placed = Instant::now();
            let again = client.post_with_key("/reservations", &wish, &key).await.expect(202);
            assert_eq!(first.body, again.body);
            let now = Clock::system().now();
            assert!(now.duration_since(at(&first.body, "placed_at")).abs() < SignedDuration::from_secs(30));
            let held_for = at(&first.body, "deadline").duration_since(at(&first.body, "placed_at"));
            assert_eq!(held_for, SignedDuration::from_secs(HOLD_SECONDS));
            held.push((first.id(), placed));
        }
        for (id, placed) in held {
            eventually("the expiry", SOON, async || {
                check(client.reservation(&id).await, |seen| seen["status"] == "expired")
            })
            .await;
            // A little less, because the answer took its way after the decision.
            assert!(placed.elapsed() > Duration::from_millis(4_000), "{:?}", placed.elapsed());
        }
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [10]);
        stop.cancel();
    });
}
