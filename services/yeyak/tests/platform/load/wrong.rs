//! A script fails when what stands is not what its guests were told, though every answer it saw was fine.

use super::run::{CROSSED, K6, Script};
use crate::fixture::alone;
use crate::fixture::booking::nights;
use crate::fixture::client::Client;
use crate::fixture::separate::{ALL, Separate};
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

const fn script(name: &'static str, run: &'static str) -> Script {
    Script { name, duration_scale: "0.05", vus_scale: "0.1", run }
}

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

/// Eats behind the back of the script, in its store.
async fn eat(client: &Client, script: &Script) {
    let store = first(client, &format!("/offerings?business={}", script.business()), "offerings").await;
    let store = store["id"].as_str().unwrap();
    let wish = json!({ "offering_id": store, "guest_id": "nobody", "party_size": 1 });
    let joined = eventually("a place in line", SOON, async || {
        check(client.post_with_key("/tickets", &wish, script.run).await, |answer| answer.status == 201)
    });
    let ticket = joined.await.id();
    let turn = eventually("the party's turn", SOON, async || {
        check(client.get(&format!("/tickets/{ticket}")).await, |seen| {
            ["called", "seated"].contains(&seen["status"].as_str().unwrap())
        })
    });
    if turn.await["status"] == "called" {
        client.post(&format!("/tickets/{ticket}/seat"), &Value::Null).await.expect(200);
    }
    client.post(&format!("/floors/{store}/parties/{ticket}/leave"), &Value::Null).await.expect(200);
}

#[test]
fn k6_scripts_fail_on_what_nobody_was_told() {
    alone(async {
        let Some(k6) = K6::find().await else { return };
        let mut platform = Separate::start(Backend::Postgres, &ALL, &[]).await;
        let client = platform.client();

        let extra = script("rollout", "extra");
        let (ended, ()) = tokio::join!(k6.run(&extra, client), book(client, &extra));
        assert_eq!(ended.code, CROSSED);
        let ledger = ["ledger_fingerprints: count==0", "ledger_money: count==0", "ledger_reservations: count==0"];
        assert_eq!(ended.crossed(), ledger);

        // One that is lost does not hide behind one that nobody asked for: the number and the money are right.
        let swapped = script("rollout", "swapped");
        let swap = async {
            cancel(client, &swapped).await;
            book(client, &swapped).await;
        };
        let (ended, ()) = tokio::join!(k6.run(&swapped, client), swap);
        assert_eq!(ended.code, CROSSED);
        assert_eq!(ended.crossed(), ledger[..1]);

        let line = script("line", "stranger");
        let (ended, ()) = tokio::join!(k6.run(&line, client), eat(client, &line));
        assert_eq!(ended.code, CROSSED);
        // And its number is missing from what guests were told, if it was given one.
        assert!(ended.crossed().contains(&"ledger_left: count==0"), "{:?}", ended.crossed());
        platform.stop();
    });
}
