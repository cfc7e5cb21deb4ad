//! B5, lodging: a listing is found, booked while payment is away, reviewed, and cancelled for a part of its price.

use crate::fixture::booking::{nights, offering, unique, with};
use crate::fixture::client::{Answer, Client, read};
use crate::fixture::embedded::Embedded;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually, run};

/// Somebody's home: one unit, which the host would rather hold than refuse.
fn listing(business: &str, name: &str, place: &str) -> Value {
    let tiers = json!([{ "before_hours": 48, "refund_percent": 70 }, { "before_hours": 0, "refund_percent": 10 }]);
    with(
        offering("nights", 1),
        json!({
            "business": business, "name": name, "place": place, "timezone": "America/New_York",
            "price": { "amount": 12_345, "currency": "USD" }, "on_payment_outage": "defer", "cancellation": tiers,
        }),
    )
}

/// Waits until the listing shows these fields, alone and among what a search finds.
async fn shows(client: &Client, id: &str, fields: Value) {
    eventually(&format!("{id} to show {fields}"), SOON, async || {
        let one = client.get(&format!("/offerings/{id}")).await.expect(200).body;
        let page = client.get("/offerings?q=skylit+castle").await.expect(200);
        let listed = page["offerings"].as_array().unwrap().iter().find(|listed| listed["id"] == id).cloned();
        let wanted = |one: &Value| fields.as_object().unwrap().iter().all(|(name, value)| one[name] == *value);
        check((one, listed), |(one, listed)| wanted(one) && listed.as_ref().is_none_or(|listed| listed == one))
    })
    .await;
}

/// Posts a review as soon as review has heard that the booking stands.
async fn review(client: &Client, body: &Value) -> Answer {
    eventually("a booking that review knows", SOON, async || {
        let answer = client.post("/reviews", body).await;
        check(answer, |answer| ![403, 404].contains(&answer.status))
    })
    .await
}

async fn ask(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    read(client.request(method, path).json(body)).await.unwrap()
}

async fn payment(client: &Client, reservation: &str) -> Value {
    client.get(&format!("/payments?reservation_id={reservation}")).await.expect(200)["payments"][0].clone()
}

#[test]
fn b5_lodging() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client();

        // A host has some listings; a guest finds one of them by words of its name and place.
        let business = unique("bearbnb");
        for (name, place) in [("Skylit room", "Harlem, Manhattan"), ("Castle\n& garden", "Kensington, Brooklyn")] {
            client.publish(&listing(&business, name, place)).await;
        }
        let home = client.publish(&listing(&business, "Skylit Midtown Castle", "Midtown, Manhattan")).await;
        let found = client.get("/offerings?q=midtown+CAST+skyl&kind=nights").await.expect(200);
        assert_eq!((found["offerings"].as_array().unwrap().len(), &found["offerings"][0]["id"]), (1, &json!(home)));
        shows(client, &home, json!({ "review_count": 0, "rating_average": null, "availability": "open" })).await;

        // Payment's provider is away: the nights are held, nobody pays yet, and nobody else gets them.
        platform.provider_outage(true);
        let wish = nights(&home, "2127-05-01", "2127-05-03");
        let mina = client.post("/reservations", &wish).await.expect(202);
        assert_eq!(mina["status"], "held");
        assert!(mina["deadline"].is_string());
        client.post("/reservations", &nights(&home, "2127-05-02", "2127-05-04")).await.refused(409, "sold-out");
        shows(client, &home, json!({ "live_bookings": 1, "availability": "open" })).await;

        // It is back: the hold is charged once, and the confirmation moves the listing's status.
        platform.provider_outage(false);
        client.until_status(&mina.id(), "confirmed").await;
        shows(client, &home, json!({ "live_bookings": 1, "availability": "booked", "version": 1 })).await;
        let jun = client.post("/reservations", &nights(&home, "2127-06-01", "2127-06-02")).await.expect(201);
        shows(client, &home, json!({ "live_bookings": 2 })).await;

        // Both say how it is; count and average follow each change.
        let praise = |of: &Answer, rating: i64| {
            json!({
                "offering_id": home, "reservation_id": of["id"], "guest_id": of["guest_id"], "rating": rating,
                "text": "밝고 조용해요; 100% \"castle\"",
            })
        };
        let first = review(client, &praise(&mina, 5)).await.expect(201);
        let second = review(client, &praise(&jun, 2)).await.expect(201);
        let stranger = with(praise(&jun, 1), json!({ "guest_id": "nobody" }));
        client.post("/reviews", &stranger).await.refused(403, "not-a-guest");
        client.post("/reviews", &praise(&jun, 1)).await.refused(409, "already-reviewed");
        shows(client, &home, json!({ "review_count": 2, "rating_average": 3.5 })).await;
        let path = format!("/reviews/{}", first.id());
        let milder = json!({ "guest_id": mina["guest_id"], "rating": 3 });
        assert_eq!(ask(client, "PATCH", &path, &milder).await.expect(200)["version"], 2);
        shows(client, &home, json!({ "review_count": 2, "rating_average": 2.5 })).await;
        let own = format!("/reviews/{}?guest_id={}", second.id(), jun["guest_id"].as_str().unwrap());
        ask(client, "DELETE", &own, &Value::Null).await.expect(204);
        shows(client, &home, json!({ "review_count": 1, "rating_average": 3.0 })).await;
        let listed = client.get(&format!("/reviews?offering_id={home}")).await.expect(200);
        assert_eq!((&listed["review_count"], &listed["rating_average"]), (&json!(1), &json!(3.0)));

        // Mina cancels in time: seven tenths come back, the nights are free, and who has not stayed posts nothing new.
        let cancelled = client.cancel(&mina.id()).await.expect(200);
        assert_eq!((&cancelled["total"]["amount"], &cancelled["keep"]), (&json!(24_690), &json!(7_407)));
        assert_eq!(client.free(&home, "2127-05-01", "2127-05-03").await, [1, 1]);
        eventually("the refund", SOON, async || {
            check(payment(client, &mina.id()).await, |seen| seen["refunded"] == json!(24_690 - 7_407))
        })
        .await;
        shows(client, &home, json!({ "live_bookings": 1, "availability": "booked" })).await;

        // Jun stays; then the listing is open again, and its host retires it.
        for step in ["check-in", "complete"] {
            client.post(&format!("/reservations/{}/{step}", jun.id()), &Value::Null).await.expect(200);
        }
        shows(client, &home, json!({ "live_bookings": 0, "availability": "open", "review_count": 1 })).await;
        ask(client, "DELETE", &format!("/offerings/{home}"), &Value::Null).await.expect(204);
        shows(client, &home, json!({ "availability": "retired", "version": 2, "review_count": 1 })).await;
        assert_eq!(client.get("/offerings?q=skylit+midtown").await.expect(200)["offerings"], json!([]));

        // Messages, views, money and capacity.
        assert_eq!(platform.truth().captures().values().copied().collect::<Vec<_>>(), [1, 1]);
        platform.truth().of([home.as_str()]).knowing([mina.id(), jun.id()]).holds().await;
    });
}
