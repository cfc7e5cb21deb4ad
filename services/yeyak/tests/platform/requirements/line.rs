//! R09: a store's line, together with its floor: seats or a number, calls in order, and a seating that is down.

use crate::fixture::booking::{offering, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::separate::Separate;
use crate::fixture::{run, shared};
use futures_util::future::join_all;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

/// A store with that many seats, known to both sides.
async fn open(client: &Client, units: i64) -> String {
    let store =
        with(offering("line", units), json!({ "payment": "none", "price": { "amount": 0, "currency": "KRW" } }));
    let id = client.post("/offerings", &store).await.expect(201).id();
    for path in [format!("/lines/{id}"), format!("/floors/{id}")] {
        eventually(&path, SOON, async || check(client.get(&path).await, |answer| answer.status == 200)).await;
    }
    id
}

async fn join(client: &Client, line: &str, size: i64) -> Answer {
    let wish = json!({ "offering_id": line, "guest_id": unique("guest"), "party_size": size });
    client.post_with_key("/tickets", &wish, &unique("key")).await.expect(201)
}

async fn reaches(client: &Client, ticket: &str, status: &str) -> Value {
    eventually(&format!("{ticket} to be {status}"), SOON, async || {
        check(client.get(&format!("/tickets/{ticket}")).await.body, |seen| seen["status"] == status)
    })
    .await
}

async fn leave(client: &Client, line: &str, ticket: &str) {
    client.post(&format!("/floors/{line}/parties/{ticket}/leave"), &Value::Null).await.expect(200);
}

async fn counts(client: &Client, line: &str, expected: Value) {
    eventually(&format!("{expected} in line"), SOON, async || {
        check(client.get(&format!("/lines/{line}")).await.body, |board| board["counts"] == expected)
    })
    .await;
}

#[test]
fn r09_the_size_of_a_party_decides_between_entry_and_number() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let line = open(client, 4).await;
        let (first, second) = (join(client, &line, 2).await, join(client, &line, 2).await);
        for seated in [&first, &second] {
            assert_eq!((&seated["status"], &seated["number"]), (&json!("seated"), &Value::Null), "{:#}", seated.body);
        }
        let bigger = join(client, &line, 3).await;
        assert_eq!((&bigger["status"], &bigger["number"], &bigger["ahead"]), (&json!("waiting"), &json!(1), &json!(0)));

        // Two seats are too few for the bigger party, and enough for the next one.
        leave(client, &line, &first.id()).await;
        reaches(client, &first.id(), "left").await;
        let smaller = join(client, &line, 2).await;
        assert_eq!(smaller["status"], "seated", "{:#}", smaller.body);
        assert_eq!(client.get(&format!("/tickets/{}", bigger.id())).await["passes"], 1);

        // Who is called owns its seats: a later party gets a number though nobody sits on them yet.
        leave(client, &line, &second.id()).await;
        leave(client, &line, &smaller.id()).await;
        reaches(client, &bigger.id(), "called").await;
        assert_eq!(client.get(&format!("/floors/{line}")).await["free"], 1);
        let late = join(client, &line, 2).await;
        assert_eq!((&late["status"], &late["number"]), (&json!("waiting"), &json!(2)));

        // It does not come after all, and the next one is called.
        client.post(&format!("/tickets/{}/cancel", bigger.id()), &Value::Null).await.expect(200);
        reaches(client, &late.id(), "called").await;
        client.post(&format!("/tickets/{}/seat", late.id()), &Value::Null).await.expect(200);
        leave(client, &line, &late.id()).await;
        counts(client, &line, json!({ "left": 4, "cancelled": 1 })).await;
        eventually("an empty store", SOON, async || {
            check(client.get(&format!("/floors/{line}")).await.body, |floor| floor["free"] == 4)
        })
        .await;
    });
}

#[test]
fn seating_down_gives_everybody_a_number_and_the_line_drains_afterwards() {
    run(async {
        let plan = [("catalog", 1), ("waitlist", 2), ("seating", 1)];
        let mut platform = Separate::start(Backend::Postgres, &plan, &[]).await;
        let client = platform.client().clone();
        let line = open(&client, 10).await;
        let seated = join(&client, &line, 2).await;
        assert_eq!(seated["status"], "seated");

        platform.kill9("seating");
        let answers = join_all((0..12).map(|_| join(&client, &line, 2))).await;
        let mut numbers: Vec<_> = answers.iter().filter_map(|answer| answer["number"].as_i64()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>(), "nobody is refused");

        // Four parties fit beside the one that sits; the rest follow as seats are given back.
        platform.restart("seating").await;
        counts(&client, &line, json!({ "called": 4, "seated": 1, "waiting": 8 })).await;
        assert_eq!(client.get(&format!("/floors/{line}")).await["free"], 0);
        leave(&client, &line, &seated.id()).await;
        counts(&client, &line, json!({ "called": 5, "left": 1, "waiting": 7 })).await;

        // Host and guests clear the line: the called sit down and leave until nobody waits.
        let mut gone = 1;
        while gone < 13 {
            let board = client.get(&format!("/lines/{line}")).await;
            for ticket in board["tickets"].as_array().unwrap().iter().filter(|ticket| ticket["status"] == "called") {
                let id = ticket["id"].as_str().unwrap();
                client.post(&format!("/tickets/{id}/seat"), &Value::Null).await.expect(200);
                leave(&client, &line, id).await;
                reaches(&client, id, "left").await;
                gone += 1;
            }
            let is_calling = |board: &Answer| {
                let is_called = |ticket: &Value| ticket["status"] == "called";
                gone == 13 || board["tickets"].as_array().unwrap().iter().any(is_called)
            };
            let board = format!("/lines/{line}");
            eventually("the next party", SOON, async || check(client.get(&board).await, is_calling)).await;
        }
        counts(&client, &line, json!({ "left": 13 })).await;
        platform.stop();
    });
}
