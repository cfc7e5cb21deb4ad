//! R12 in a line: while seating is down everybody gets a number, and the line drains when it is back.

use crate::fixture::booking::{offering, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::run;
use crate::fixture::separate::Separate;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

const SEATS: i64 = 12;
const PARTIES: usize = 24;
const PLAN: [(&str, usize); 5] =
    [("catalog", 1), ("waitlist", 1), ("seating", 1), ("notification", 1), ("dashboard", 1)];

async fn join(client: &Client, store: &str, party_size: i64) -> Answer {
    let party = json!({ "offering_id": store, "guest_id": unique("guest"), "party_size": party_size });
    client.post("/tickets", &party).await.expect(201)
}

async fn status(client: &Client, ticket: &str) -> Value {
    client.get(&format!("/tickets/{ticket}")).await.expect(200)["status"].clone()
}

/// Publishes a store, and waits until its line and its floor are known.
async fn store(client: &Client) -> String {
    let store = with(offering("line", SEATS), json!({ "payment": "none" }));
    let id = client.post("/offerings", &store).await.expect(201).id();
    for path in [format!("/lines/{id}"), format!("/floors/{id}")] {
        eventually(&path, SOON, async || check(client.get(&path).await, |answer| answer.status == 200)).await;
    }
    id
}

#[test]
fn r12_while_seating_is_down_everybody_gets_a_number_and_none_is_lost() {
    run(async {
        let mut platform = Separate::start(Backend::Sqlite, &PLAN, &[]).await;
        let client = platform.client().clone();
        let id = store(&client).await;
        let first = join(&client, &id, 4).await;
        assert_eq!(first["status"], "seated", "there was room, and nobody before it");
        platform.kill9("seating");
        let mut tickets = Vec::new();
        for index in 0..PARTIES {
            let size = [2, 4, 1, 3][index % 4];
            let ticket = join(&client, &id, size).await;
            assert_eq!(
                (&ticket["status"], &ticket["number"]),
                (&json!("waiting"), &json!(index + 1)),
                "{}",
                ticket.body
            );
            assert!(ticket["wait_seconds"]["p90"].as_i64() >= ticket["wait_seconds"]["p50"].as_i64());
            tickets.push(ticket.id());
        }
        let gone = tickets.remove(5);
        client.post(&format!("/tickets/{gone}/cancel"), &Value::Null).await.expect(200);
        platform.restart("seating").await;
        // The host seats who was called and sees others off, until nobody waits.
        let mut present = vec![first.id()];
        while !tickets.is_empty() {
            let called = eventually("a party to be called", SOON, async || {
                for ticket in &tickets {
                    if status(&client, ticket).await == "called" {
                        return Ok(ticket.clone());
                    }
                }
                Err(client.get(&format!("/lines/{id}")).await.body)
            })
            .await;
            client.post(&format!("/tickets/{called}/seat"), &Value::Null).await.expect(200);
            let floor = client.get(&format!("/floors/{id}")).await.expect(200);
            assert!(floor["free"].as_i64().unwrap() >= 0 && floor["taken"].as_i64().unwrap() <= SEATS);
            tickets.retain(|ticket| *ticket != called);
            let leaves = present.remove(0);
            client.post(&format!("/floors/{id}/parties/{leaves}/leave"), &Value::Null).await.expect(200);
            present.push(called);
        }
        for ticket in &present {
            client.post(&format!("/floors/{id}/parties/{ticket}/leave"), &Value::Null).await.expect(200);
        }
        eventually("an empty store", SOON, async || {
            let board = client.get(&format!("/dashboard/lines/{id}")).await.expect(200);
            check(board.body, |board| {
                board["seats"]["free"] == SEATS && board["day"]["parties"]["left"]["parties"] == PARTIES
            })
        })
        .await;
        platform.stop();
    });
}
