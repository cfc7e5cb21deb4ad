//! R01, R02, R08: hosts offer, guests find, see what is free, and book.

use crate::fixture::booking::{nights, offering, seats, unique, with};
use crate::fixture::client::{Client, read};
use crate::fixture::run;
use crate::fixture::shared;
use serde_json::{Value, json};
use testing::{SOON, check, eventually};

async fn patch(client: &Client, id: &str, seen: &str, fields: &Value) -> crate::fixture::client::Answer {
    let request = client.request("PATCH", &format!("/offerings/{id}")).header("if-match", seen).json(fields);
    read(request).await.unwrap()
}

async fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/offerings?{query}")).await.expect(200);
    page["offerings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn r01_host_registers_changes_and_retires() {
    run(async {
        let client = shared().await.client;
        for kind in ["nights", "slots", "seats", "line"] {
            let body = match kind {
                "line" => with(offering(kind, 20), json!({ "payment": "none" })),
                _ => offering(kind, 3),
            };
            let business = body["business"].as_str().unwrap();
            let published = client.post("/offerings", &body).await.expect(201);
            let id = published.id();
            assert_eq!(published.headers["location"], format!("/offerings/{id}"));
            for (name, value) in body.as_object().unwrap() {
                assert_eq!(&published[name], value, "{kind}: {name}");
            }
            assert_eq!((&published["version"], &published["status"]), (&json!(1), &json!("open")));
            assert_eq!(client.get(&format!("/offerings/{id}")).await.expect(200).body, published.body);
            assert_eq!(found(&client, &format!("business={business}")).await, std::slice::from_ref(&id));

            let fields = json!({ "units": 7, "name": "A larger one" });
            let changed = patch(&client, &id, "\"1\"", &fields).await.expect(200);
            assert_eq!(changed.body, with(published.body.clone(), with(fields.clone(), json!({ "version": 2 }))));
            patch(&client, &id, "\"1\"", &fields).await.refused(412, "stale-version");

            let path = format!("/offerings/{id}");
            read(client.request("DELETE", &path)).await.unwrap().expect(204);
            assert_eq!(client.get(&path).await.expect(200)["status"], "retired");
            assert_eq!(found(&client, &format!("business={business}")).await, [""; 0]);
        }
    });
}

#[test]
fn r01_a_change_and_the_end_of_an_offering_reach_booking() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("nights", 1)).await;
        let kept = client.post("/reservations", &nights(&id, "2027-03-01", "2027-03-02")).await.expect(201);
        let price = json!({ "price": { "amount": 50_000, "currency": "KRW" }, "units": 2 });
        patch(client, &id, "\"1\"", &price).await.expect(200);
        eventually("the new units", SOON, async || {
            check(client.free(&id, "2027-03-01", "2027-03-02").await, |free| *free == [1])
        })
        .await;
        let dearer = client.post("/reservations", &nights(&id, "2027-03-01", "2027-03-03")).await.expect(201);
        assert_eq!(dearer["total"], json!({ "amount": 100_000, "currency": "KRW" }));
        read(client.request("DELETE", &format!("/offerings/{id}"))).await.unwrap().expect(204);
        let refused = eventually("the end of sales", SOON, async || {
            let answer = client.post("/reservations", &nights(&id, "2027-04-01", "2027-04-02")).await;
            check(answer, |answer| answer.status == 410)
        });
        refused.await.refused(410, "offering-retired");
        // What is sold stands.
        assert_eq!(client.reservation(&kept.id()).await["status"], "confirmed");
        assert_eq!(client.reservation(&dearer.id()).await["total"], dearer["total"]);
        world.truth().knowing([kept.id(), dearer.id()]).holds().await;
    });
}

#[test]
fn r02_guest_searches_sees_capacity_and_books() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let place = unique("harbor");
        let slots = json!({ "from": "2027-06-01T00:00:00Z", "to": "2027-06-01T03:00:00Z" });
        let cases = [
            ("nights", json!({ "from": "2027-06-01", "to": "2027-06-04" }), 3),
            ("slots", slots, 3),
            ("seats", json!({}), 1),
        ];
        let mut booked = Vec::new();
        for (kind, span, buckets) in cases {
            let name = format!("{place} {kind}");
            client.publish(&with(offering(kind, 3), json!({ "name": name }))).await;
            let hits = found(client, &format!("kind={kind}&q={place}")).await;
            let [id] = hits.as_slice() else { panic!("{hits:?}") };
            let (from, to) = (span["from"].as_str().unwrap_or(""), span["to"].as_str().unwrap_or(""));
            let (from, to) = if kind == "seats" { ("2027-01-01", "2027-01-02") } else { (from, to) };
            assert_eq!(client.free(id, from, to).await, vec![3; buckets]);
            let wish = with(seats(id, 2), span.clone());
            let answer = client.post("/reservations", &wish).await.expect(201);
            assert_eq!(answer.headers["location"], format!("/reservations/{}", answer.id()));
            let total = 120_000 * 2 * i64::try_from(buckets).unwrap();
            assert_eq!(answer["total"], json!({ "amount": total, "currency": "KRW" }));
            assert_eq!(client.free(id, from, to).await, vec![1; buckets], "{kind}");
            booked.push(answer.id());
        }
        world.truth().knowing(booked).holds().await;
    });
}

#[test]
fn r08_seats() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("seats", 10)).await;
        let free = async || client.free(&id, "2027-01-01", "2027-01-02").await;
        assert_eq!(free().await, [10]);
        let first = client.post("/reservations", &seats(&id, 4)).await.expect(201);
        assert_eq!(free().await, [6]);
        let second = client.post("/reservations", &seats(&id, 6)).await.expect(201);
        assert_eq!(free().await, [0]);
        client.cancel(&first.id()).await.expect(200);
        let refused = client.post("/reservations", &seats(&id, 5)).await.refused(409, "sold-out");
        assert_eq!(refused["bucket"], "2027-05-01T10:00:00Z");
        assert_eq!(free().await, [4]);
        world.truth().knowing([first.id(), second.id()]).holds().await;
    });
}
