//! R04, R13: a message on every change of status, to whom it concerns, in their language.

use crate::fixture::booking::{nights, offering, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::{journeys, shared, truth};
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

/// A reader's messages about one case, the newest first.
async fn told(client: &Client, recipient: &Value, case: &str) -> Vec<Value> {
    let path = format!("/notifications?recipient={}", recipient.as_str().unwrap());
    let messages = client.get(&path).await.expect(200)["notifications"].as_array().unwrap().clone();
    messages.into_iter().filter(|message| message["correlation"] == case).collect()
}

#[test]
fn r04_a_confirmed_booking_is_told_to_guest_and_host() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        for (language, total) in [("ko", "240,000원"), ("en", "KRW 240,000")] {
            let room = offering("nights", 3);
            let id = client.publish(&room).await;
            let wish = with(nights(&id, "2027-05-01", "2027-05-03"), json!({ "language": language }));
            let booked = client.post("/reservations", &wish).await.expect(201).id();
            for (recipient, role) in [(&wish["guest_id"], "guest"), (&room["business"], "host")] {
                let message = eventually("the message", SOON, async || {
                    let told = told(client, recipient, &booked).await;
                    told.iter().find(|one| one["template"] == "reservation-confirmed").cloned().ok_or(told)
                })
                .await;
                assert_eq!((&message["role"], &message["language"]), (&json!(role), &json!(language)));
                let text = format!("{} {}", message["subject"], message["body"]);
                for part in ["Double room", "2027-05-01", "2027-05-03", total] {
                    assert!(text.contains(part), "{part}: {text}");
                }
            }
            world.truth().knowing([booked]).holds().await;
        }
    });
}

#[test]
fn r13_message_per_transition() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[]).await;
        let journeys = journeys::all(&platform).await;
        platform.truth().knowing(journeys.iter().map(|journey| journey.id.clone())).holds().await;
        for journey in journeys {
            let guest = platform.client().reservation(&journey.id).await["guest_id"].clone();
            let events = truth::history(platform.client(), &journey.id).await;
            let kinds = |source: &str| -> Vec<String> {
                let own = events.iter().filter(|event| event["source"] == source);
                own.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
            };
            let published = |source: &str, names: &[&str]| -> Vec<String> {
                names.iter().map(|name| format!("{source}.{name}.v1")).collect()
            };
            assert_eq!(kinds("reservation"), published("reservation", journey.transitions));
            assert_eq!(kinds("payment"), published("payment", journey.payment));
            let mut wanted: Vec<String> =
                journey.transitions.iter().map(|name| format!("reservation-{name}")).collect();
            wanted
                .extend(journey.payment.iter().filter(|name| **name == "refunded").map(|_| "payment-refunded".into()));
            wanted.sort_unstable();
            eventually("a message for each", SOON, async || {
                let told = told(platform.client(), &guest, &journey.id).await;
                let mut templates: Vec<String> =
                    told.iter().map(|message| message["template"].as_str().unwrap().to_owned()).collect();
                templates.sort_unstable();
                check(templates, |templates| *templates == wanted)
            })
            .await;
        }
    });
}
