//! Every script in a short form, one after the other on one platform, each with a business of its own.

use super::run::{Ended, K6, STOPPED, Script};
use crate::fixture::alone;
use crate::fixture::client::Client;
use crate::fixture::separate::{ALL, Separate};
use crate::tokens;
use std::time::Duration;
use testing::{Backend, Issuer, Principal, check, eventually};

/// How long payment may be silent before its caller is told to come back: longer than two busy cores need to capture.
const PATIENCE: (&str, &str) = ("PAYMENT_TIMEOUT_MS", "3000");
/// So many guests of each state of the outage are enough.
const GUESTS: u64 = 5;
/// As long as the script itself may take.
const PHASE_MAX: Duration = Duration::from_secs(60);

const fn script(name: &'static str, duration_scale: &'static str) -> Script {
    // Guests come one tenth of the full shape's number.
    Script { name, duration_scale, vus_scale: "0.1", run: name }
}

/// Reservations of the business with `status`, as the host sees them.
async fn reservations(client: &Client, business: &str, status: &str) -> u64 {
    let answer = client.get(&format!("/dashboard/businesses/{business}?limit=1")).await.expect(200);
    answer["totals"]["reservations"][status].as_u64().unwrap_or(0)
}

/// Waits until there are `GUESTS` more of them than now.
async fn more(client: &Client, business: &str, status: &str) {
    let before = reservations(client, business, status).await;
    eventually(&format!("guests who are {status}"), PHASE_MAX, async || {
        check(reservations(client, business, status).await, |count| *count >= before + GUESTS)
    })
    .await;
}

/// Runs a script whose guests all succeed, and asks the host how many stand.
async fn served(k6: &K6, client: &Client, script: Script) -> Ended {
    let ended = k6.run(&script, client).await.passed();
    assert_eq!(reservations(client, &script.business(), "confirmed").await, ended.count("standing"));
    ended
}

/// Payment is slow, then gone, then there again, while the script only sees REST.
async fn outage(k6: &K6, platform: &mut Separate) {
    let (script, client) = (script("breaker", "0.2"), platform.client().clone());
    let business = script.business();
    let meanwhile = async {
        more(&client, &business, "confirmed").await;
        platform.freeze("payment");
        more(&client, &business, "rejected").await;
        platform.kill9("payment");
        more(&client, &business, "rejected").await;
        platform.restart("payment").await;
        more(&client, &business, "confirmed").await;
    };
    let (ended, ()) = tokio::join!(k6.run(&script, &client), meanwhile);
    let ended = ended.passed();
    // Who was told to come back was not served, whatever the summary calls it.
    assert_eq!(reservations(&client, &business, "confirmed").await, ended.count("successful"));
    assert!(ended.count("shed") >= 2 * GUESTS, "{:#}", ended.summary);
    assert!(ended.summary["availability_percent"].as_f64().unwrap() < 100.0);
}

#[test]
fn k6_scripts_pass_and_tell_the_truth() {
    alone(async {
        let Some(k6) = K6::find().await else { return };
        let mut platform = Separate::start(Backend::Postgres, &ALL, &[PATIENCE]).await;
        let client = platform.client().clone();
        let booked = served(&k6, &client, script("booking", "0.03")).await;
        assert_eq!(booked.count("successful"), booked.count("standing"));
        served(&k6, &client, script("seats", "0.03")).await;
        let sale = served(&k6, &client, script("onsale", "1")).await;
        assert_eq!(sale.count("standing"), 100);
        assert!(sale.count("refused") >= 900, "ten buyers for each seat");
        let rollout = served(&k6, &client, script("rollout", "0.05")).await;
        assert_eq!(rollout.summary["availability_percent"], 100.0);
        let day = served(&k6, &client, script("mixed", "0.05")).await;
        assert!(day.count("successful") > 5 * day.count("standing"), "most only look");
        k6.run(&script("line", "0.05"), &client).await.passed();
        outage(&k6, &mut platform).await;
        platform.stop();
    });
}

#[test]
fn k6_scripts_show_their_token() {
    alone(async {
        let (Some(k6), Some(issuer)) = (K6::find().await, Issuer::start().await) else { return };
        let platform = tokens::platform(&issuer, &[]).await;
        let operator = platform.client().showing(&issuer.token(&Principal::operator("k6")).await);
        served(&k6, &operator, script("mixed", "0.05")).await;
        // Who shows none does not get as far as to load anything.
        let ended = k6.run(&script("booking", "0.03"), platform.client()).await;
        assert_eq!((ended.code, ended.count("transactions")), (STOPPED, 0));
        assert!(ended.text.contains("/problems/unauthenticated"), "{}", ended.text);
    });
}
