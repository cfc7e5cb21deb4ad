//! A script fails when what stands is not what its guests were told, though every answer it saw was fine.

use super::run::{K6, Script};
use crate::fixture::alone;
use crate::fixture::booking::nights;
use crate::fixture::client::Client;
use crate::fixture::separate::{ALL, Separate};
use serde_json::Value;
use testing::{Backend, SOON, eventually};

/// k6's exit code when a threshold is crossed.
const CROSSED: i32 = 99;

async fn first(client: &Client, path: &str, list: &str) -> Value {
    eventually(path, SOON, async || {
        let answer = client.get(path).await;
        // Of reservations the oldest: its guest knows of it by now.
        answer[list].as_array().and_then(|all| all.last().cloned()).ok_or(answer.body)
    })
    .await
}

/// Books a night behind the back of the script, whose nights cost the same.
async fn book(client: &Client, script: &Script) {
    let offering = first(client, &format!("/offerings?business={}", script.business()), "offerings").await;
    let offering = offering["id"].as_str().unwrap();
    client.until_bookable(offering).await;
    client.post("/reservations", &nights(offering, "2027-05-01", "2027-05-02")).await.expect(201);
}

/// Takes a night away from one of the script's guests.
async fn cancel(client: &Client, script: &Script) {
    let path = format!("/dashboard/businesses/{}?status=confirmed", script.business());
    let reservation = first(client, &path, "reservations").await;
    client.cancel(reservation["id"].as_str().unwrap()).await.expect(200);
}

#[test]
fn k6_scripts_fail_on_what_nobody_was_told() {
    alone(async {
        let Some(k6) = K6::find().await else { return };
        let mut platform = Separate::start(Backend::Postgres, &ALL, &[]).await;
        let client = platform.client();

        let extra = Script { name: "rollout", duration_scale: "0.05", run: "extra" };
        let (ended, ()) = tokio::join!(k6.run(&extra, client), book(client, &extra));
        assert_eq!(ended.code, CROSSED);
        let ledger = ["ledger_fingerprints: count==0", "ledger_money: count==0", "ledger_reservations: count==0"];
        assert_eq!(ended.crossed(), ledger);

        // One that is lost does not hide behind one that nobody asked for: the number and the money are right.
        let swapped = Script { name: "rollout", duration_scale: "0.05", run: "swapped" };
        let swap = async {
            cancel(client, &swapped).await;
            book(client, &swapped).await;
        };
        let (ended, ()) = tokio::join!(k6.run(&swapped, client), swap);
        assert_eq!(ended.code, CROSSED);
        assert_eq!(ended.crossed(), ledger[..1]);
        platform.stop();
    });
}
