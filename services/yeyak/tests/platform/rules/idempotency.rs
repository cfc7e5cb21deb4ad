//! Rule 6: a key keeps the answers that leave something standing, and none of the others.

use crate::fixture::booking::{nights, offering, seats, unique, with};
use crate::fixture::client::read;
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::separate::Separate;
use crate::fixture::shared;
use serde_json::json;
use std::time::Duration;
use testing::{Backend, SOON, check, eventually};

/// Longer than the lease of a call whose process was killed.
const LEASES: Duration = Duration::from_secs(90);

#[test]
fn the_same_key_and_body_get_the_same_answer() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let now = client.publish(&offering("seats", 9)).await;
        let later = client.publish(&with(offering("seats", 9), json!({ "payment": "settle_later" }))).await;
        let declined = with(seats(&now, 1), json!({ "payment_method": "card-declined" }));
        let mut known = Vec::new();
        for (wish, status) in [(seats(&now, 1), 201), (seats(&later, 1), 202), (declined, 402)] {
            let key = unique("key");
            let first = client.post_with_key("/reservations", &wish, &key).await.expect(status);
            for _ in 0..3 {
                let again = client.post_with_key("/reservations", &wish, &key).await.expect(status);
                assert_eq!(again.body, first.body);
                for header in ["content-type", "location"] {
                    assert_eq!(again.headers.get(header), first.headers.get(header), "{status}: {header}");
                }
            }
            // The key is this guest's own.
            let other = with(wish, json!({ "guest_id": unique("guest") }));
            let other = client.post_with_key("/reservations", &other, &key).await.expect(status);
            assert_ne!(other.id(), first.id());
            known.extend([first.id(), other.id()]);
        }
        world.truth().knowing(known).holds().await;
    });
}

#[test]
fn the_same_key_with_another_body_is_refused() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("seats", 9)).await;
        let (wish, key) = (seats(&id, 1), unique("key"));
        let first = client.post_with_key("/reservations", &wish, &key).await.expect(201);
        let other = with(wish, json!({ "quantity": 2 }));
        client.post_with_key("/reservations", &other, &key).await.refused(422, "idempotency-key-reused");
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [8]);
        world.truth().knowing([first.id()]).holds().await;
    });
}

#[test]
fn a_key_is_1_to_255_visible_characters_sent_once() {
    run(async {
        let client = shared().await.client;
        let id = client.publish(&offering("seats", 9)).await;
        let long = "k".repeat(256);
        for keys in [&[""][..], &["a b"], &["ключ"], &[&long], &["one", "two"]] {
            let mut request = client.request("POST", "/reservations").json(&seats(&id, 1));
            for key in keys {
                request = request.header("idempotency-key", key.as_bytes());
            }
            read(request).await.unwrap().refused(400, "invalid-idempotency-key");
        }
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [9]);
        client.post_with_key("/reservations", &seats(&id, 1), &"k".repeat(255)).await.expect(201);
    });
}

#[test]
fn a_key_keeps_no_409() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&offering("seats", 1)).await;
        let holder = client.post("/reservations", &seats(&id, 1)).await.expect(201);
        let (wish, key) = (seats(&id, 1), unique("key"));
        client.post_with_key("/reservations", &wish, &key).await.refused(409, "sold-out");
        client.cancel(&holder.id()).await.expect(200);
        let booked = client.post_with_key("/reservations", &wish, &key).await.expect(201);
        world.truth().knowing([holder.id(), booked.id()]).holds().await;
    });
}

#[test]
fn a_key_keeps_no_503() {
    run(async {
        let plan = [("catalog", 1), ("reservation", 1), ("payment", 1)];
        let mut platform = Separate::start(Backend::Sqlite, &plan, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 1)).await;
        platform.kill9("payment");
        let (wish, key) = (nights(&id, "2027-05-01", "2027-05-02"), unique("key"));
        for _ in 0..2 {
            let refused = client.post_with_key("/reservations", &wish, &key).await.refused(503, "unavailable");
            assert!((1..=3).contains(&refused.retry_after().unwrap()));
            assert_eq!(client.free(&id, "2027-05-01", "2027-05-02").await, [1], "nothing stays booked");
        }
        platform.restart("payment").await;
        let booked = eventually("payment to be asked again", SOON, async || {
            check(client.post_with_key("/reservations", &wish, &key).await, |answer| answer.status == 201)
        })
        .await;
        assert_eq!(platform.truth().captures(), [(booked.id(), 1)].into());
    });
}

#[test]
fn an_open_key_goes_on_after_its_owner_was_killed() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 1)).await;
        let wish = with(nights(&id, "2027-05-01", "2027-05-02"), json!({ "payment_method": "card-slow" }));
        let key = unique("key");
        let first = tokio::spawn({
            let (client, wish, key) = (client.clone(), wish.clone(), key.clone());
            async move { client.try_post("/reservations", &wish, Some(&key)).await }
        });
        eventually("the hold", SOON, async || {
            check(client.free(&id, "2027-05-01", "2027-05-02").await, |free| *free == [0])
        })
        .await;
        platform.kill9();
        first.await.unwrap().unwrap_err();
        platform.restart().await;
        // If payment had been asked, its answer is found when the lease of the killed process is over; till then the case
        // is refused, and the key given back.
        let settled = eventually("the booking", LEASES, async || {
            let answer = client.post_with_key("/reservations", &wish, &key).await;
            check(answer, |answer| answer.status == 201)
        })
        .await;
        let again = client.post_with_key("/reservations", &wish, &key).await.expect(201);
        assert_eq!(again.body, settled.body);
        assert_eq!(client.free(&id, "2027-05-01", "2027-05-02").await, [0]);
        platform.truth().of([id.as_str()]).knowing([settled.id()]).holds().await;
    });
}
