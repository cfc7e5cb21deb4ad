//! D01, D03, D04, D07: one booking at a time for each unit, told as it was asked, each of them once.

use crate::fixture::booking::{nights, offering, seats, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::run;
use crate::fixture::shared;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testing::{SOON, check, eventually};

/// As an impatient buyer: the same request so often at the same time.
const AT_ONCE: usize = 4;

#[test]
fn d01_two_overlapping_bookings_one_201_one_409_naming_the_bucket() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("nights", 1)).await;
        let (early, late) = (nights(&id, "2027-05-01", "2027-05-04"), nights(&id, "2027-05-03", "2027-05-06"));
        let (early, late) = tokio::join!(client.post("/reservations", &early), client.post("/reservations", &late));
        let (won, lost) = if early.status == 201 { (early, late) } else { (late, early) };
        won.clone().expect(201);
        // The only night that both want.
        assert_eq!(lost.refused(409, "sold-out")["bucket"], "2027-05-03");
        world.truth().knowing([won.id()]).holds().await;
    });
}

#[test]
fn d03_confirmed_equals_requested_field_by_field() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let name = "바다\tsuite “№ 1”\n2nd line";
        let offered = with(offering("nights", 5), json!({ "name": name, "payment": "settle_later" }));
        let id = client.publish(&offered).await;
        let guest = unique("손님");
        let wish = with(
            nights(&id, "2027-05-01", "2027-05-03"),
            json!({ "guest_id": guest, "quantity": 2, "language": "ko" }),
        );
        let held = client.post("/reservations", &wish).await.expect(202);
        let confirmed = client.until_status(&held.id(), "confirmed").await;
        for (field, value) in wish.as_object().unwrap() {
            assert_eq!(&confirmed[field], value, "{field}");
        }
        let promised = json!({
            "offering_name": name, "business": offered["business"], "kind": "nights", "timezone": "Asia/Seoul",
            "total": { "amount": 480_000, "currency": "KRW" }, "payment": "settle_later",
        });
        for (field, value) in promised.as_object().unwrap() {
            assert_eq!(&confirmed[field], value, "{field}");
        }
        // The answer to the request differs in what the confirmation changed, and in nothing else.
        let changed = json!({ "status": "held", "version": 1, "deadline": held["deadline"] });
        assert_eq!(held.body, with(confirmed, changed));
        // History and dashboard are compared field by field there.
        world.truth().knowing([held.id()]).holds().await;
    });
}

#[test]
fn d04_one_command_one_event_and_many_bookings_per_offering() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&with(offering("seats", 50), json!({ "payment": "none" }))).await;
        let mut booked = Vec::new();
        for _ in 0..12 {
            booked.push(client.post("/reservations", &seats(&id, 1)).await.expect(201).id());
        }
        client.cancel(&booked[0]).await.expect(200);
        client.cancel(&booked[0]).await.expect(200);
        world.truth().knowing(booked.clone()).holds().await;
        for (index, reservation) in booked.iter().enumerate() {
            let events = crate::fixture::truth::history(client, reservation).await;
            let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
            let wanted: &[&str] = match index {
                0 => &["reservation.confirmed.v1", "reservation.cancelled.v1"],
                _ => &["reservation.confirmed.v1"],
            };
            assert_eq!(kinds, wanted);
        }
    });
}

/// One buyer, who sends the same request several times at once until none of them says that another is under way.
async fn buy(client: &Client, body: Value) -> Vec<Answer> {
    let key = unique("buyer");
    let send = async |_| {
        eventually("an outcome", SOON, async || {
            let answer = client.post_with_key("/reservations", &body, &key).await;
            check(answer, |answer| answer.slug() != "in-progress")
        })
        .await
    };
    join_all((0..AT_ONCE).map(send)).await
}

#[test]
fn d07_n_plus_one_buyers_each_retrying_exactly_n() {
    const SEATS: usize = 20;
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("seats", SEATS as i64)).await;
        let buyers = (0..=SEATS).map(|_| buy(client, seats(&id, 1)));
        let mut confirmed = Vec::new();
        for answers in join_all(buyers).await {
            let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            assert!(statuses == [201; AT_ONCE] || statuses == [409; AT_ONCE], "{statuses:?}");
            if statuses[0] == 201 {
                assert!(answers.iter().all(|answer| answer.body == answers[0].body), "one answer for one key");
                confirmed.push(answers[0].id());
            }
        }
        assert_eq!(confirmed.len(), SEATS);
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [0]);
        world.truth().knowing(confirmed).holds().await;
    });
}

#[test]
fn d11_every_transition_has_its_own_event_type() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&with(offering("seats", 9), json!({ "payment": "none" }))).await;
        let mut known = Vec::new();
        for (verbs, kinds) in [
            (&["check-in", "complete"][..], &["confirmed", "checked-in", "completed"][..]),
            (&["no-show"], &["confirmed", "no-show"]),
            (&["cancel", "cancel"], &["confirmed", "cancelled"]),
        ] {
            let booked = client.post("/reservations", &seats(&id, 1)).await.expect(201).id();
            for verb in verbs {
                client.post(&format!("/reservations/{booked}/{verb}"), &Value::Null).await.expect(200);
            }
            known.push(booked.clone());
            // Nothing is left out and nothing is there twice.
            world.truth().of([id.as_str()]).knowing(known.clone()).holds().await;
            let events = crate::fixture::truth::history(client, &booked).await;
            let told: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
            let wanted: Vec<String> = kinds.iter().map(|kind| format!("reservation.{kind}.v1")).collect();
            assert_eq!(told, wanted);
        }
    });
}
