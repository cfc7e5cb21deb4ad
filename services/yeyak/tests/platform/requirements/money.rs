//! R03, R05, R15: nothing stands unpaid, and a cancel gives back exactly its own money.

use crate::fixture::booking::{nights, offering, seats, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::shared;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

async fn payment(client: &Client, reservation: &str) -> Value {
    let answer = client.get(&format!("/payments?reservation_id={reservation}")).await.expect(200);
    let payments = answer["payments"].as_array().unwrap();
    assert_eq!(payments.len(), 1, "{payments:?}");
    payments[0].clone()
}

#[test]
fn r03_unpaid_prepay_never_stands() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("nights", 1)).await;
        let paid = nights(&id, "2027-05-01", "2027-05-03");
        let declined = with(paid.clone(), json!({ "payment_method": "card-declined" }));
        let refused = client.post("/reservations", &declined).await.refused(402, "payment-declined");
        assert_eq!(refused["status"].as_u64(), Some(402));
        assert_eq!(client.reservation(&refused.id()).await["status"], "rejected");
        assert_eq!(client.free(&id, "2027-05-01", "2027-05-03").await, [1, 1], "the units are back");
        let booked = client.post("/reservations", &paid).await.expect(201);
        world.truth().knowing([refused.id(), booked.id()]).holds().await;
    });
}

#[test]
fn r03_an_outage_of_payment_books_and_charges_nothing() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[("PAYMENT_TIMEOUT_MS", "250")]).await;
        let client = platform.client();
        let id = client.publish(&offering("nights", 1)).await;
        let wish = nights(&id, "2027-05-01", "2027-05-02");
        for method in ["card-error", "card-slow", "card-unknown"] {
            let wish = with(wish.clone(), json!({ "payment_method": method }));
            let refused = client.post("/reservations", &wish).await.refused(503, "unavailable");
            assert!((1..=3).contains(&refused.retry_after().unwrap()), "{method}");
            assert_eq!(client.free(&id, "2027-05-01", "2027-05-02").await, [1], "{method}: nothing is booked");
        }
        // The slow one is charged in a few seconds, and the lost answer was a charge: both go back.
        eventually("both charges", SOON, async || check(platform.truth().captures().len(), |count| *count == 2)).await;
        platform.truth().of([id.as_str()]).holds().await;
        let booked = client.post("/reservations", &wish).await.expect(201);
        platform.truth().of([id.as_str()]).knowing([booked.id()]).holds().await;
    });
}

#[test]
fn r05_cancel_refunds_frees_and_tells() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let tiers = json!([{ "before_hours": 48, "refund_percent": 70 }, { "before_hours": 0, "refund_percent": 10 }]);
        // Full until the start; a tier by the hours that are left; nothing after the start.
        for (fields, from, to, kept) in [
            (json!({}), "2127-05-01", "2127-05-02", 0),
            (json!({ "cancellation": tiers.clone() }), "2127-05-01", "2127-05-02", 37_037),
            (json!({ "cancellation": tiers }), "2025-05-01", "2025-05-02", 123_457),
        ] {
            let price = json!({ "price": { "amount": 123_457, "currency": "KRW" } });
            let id = client.publish(&with(with(offering("nights", 1), price), fields)).await;
            let booked = client.post("/reservations", &nights(&id, from, to)).await.expect(201);
            assert_eq!(client.free(&id, from, to).await, [0]);
            let cancelled = client.cancel(&booked.id()).await.expect(200);
            assert_eq!((&cancelled["status"], &cancelled["keep"]), (&json!("cancelled"), &json!(kept)));
            assert_eq!(client.free(&id, from, to).await, [1]);
            assert_eq!(client.cancel(&booked.id()).await.expect(200).body, cancelled.body, "again the same answer");
            let refunded = eventually("the refund", SOON, async || {
                let wanted = |seen: &Value| seen["refunded"] == json!(123_457 - kept);
                check(payment(client, &booked.id()).await, wanted)
            });
            let status = if kept == 123_457 { "captured" } else { "refunded" };
            assert_eq!(refunded.await["status"], status);
            // Messages and views too.
            world.truth().knowing([booked.id()]).holds().await;
        }
    });
}

#[test]
fn r15_cancel_refunds_exactly_its_own_payment() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("seats", 10)).await;
        let guest = seats(&id, 1);
        let mut booked = Vec::new();
        // Bookings that differ in nothing but their id.
        for _ in 0..5 {
            booked.push(client.post("/reservations", &guest).await.expect(201).id());
        }
        client.cancel(&booked[2]).await.expect(200);
        eventually("the refund", SOON, async || {
            check(payment(client, &booked[2]).await, |seen| seen["status"] == "refunded")
        })
        .await;
        for (index, reservation) in booked.iter().enumerate() {
            let seen = payment(client, reservation).await;
            assert_eq!(seen["reservation_id"], json!(reservation));
            let (status, refunded) = if index == 2 { ("refunded", 120_000) } else { ("captured", 0) };
            assert_eq!((&seen["status"], &seen["refunded"]), (&json!(status), &json!(refunded)));
        }
        world.truth().knowing(booked).holds().await;
    });
}
