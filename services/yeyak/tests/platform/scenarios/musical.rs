//! B4: seats of a performance, paid later; booking goes on day and night, also while payment is down.

use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

const SEATS: i64 = 20;
const PRICE: i64 = 90_000;
const STARTS_AT: &str = "2027-05-01T10:00:00Z";

async fn free(client: &Client, show: &str) -> i64 {
    let answer = client.get(&format!("/availability?offering_id={show}")).await.expect(200);
    assert_eq!(answer["buckets"][0]["bucket"], STARTS_AT);
    answer["buckets"][0]["free"].as_i64().unwrap()
}

/// The host's line of the overview, once it says so.
async fn overview(client: &Client, business: &str, good: impl Fn(&Value) -> bool) {
    eventually("the overview", SOON, async || {
        let page = client.get(&format!("/dashboard/offerings?business={business}")).await.expect(200);
        check(page["offerings"][0].clone(), |row| good(row))
    })
    .await;
}

async fn buy(client: &Client, show: &str, guest: &str, quantity: i64) -> Answer {
    client.post("/reservations", &with(seats(show, quantity), json!({ "guest_id": guest }))).await
}

#[test]
fn b4_musical() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client();

        // The producer puts an evening on sale, and a guest finds it and sees what is free.
        let title = unique("Rebecca");
        let evening = json!({
            "name": title, "starts_at": STARTS_AT, "payment": "settle_later", "place": "Seoul",
            "price": { "amount": PRICE, "currency": "KRW" },
            "cancellation": [{ "before_hours": 24, "refund_percent": 100 }, { "before_hours": 0, "refund_percent": 50 }],
        });
        let evening = with(offering("seats", SEATS), evening);
        let business = evening["business"].as_str().unwrap().to_owned();
        let show = client.publish(&evening).await;
        let found = client.get(&format!("/offerings?q={title}&kind=seats")).await.expect(200);
        assert_eq!(found["offerings"][0]["id"], show);
        assert_eq!(free(client, &show).await, SEATS);

        // Three together: held at once, paid a moment later.
        let mina = unique("mina");
        let held = buy(client, &show, &mina, 3).await.expect(202);
        assert_eq!((&held["status"], &held["total"]["amount"]), (&json!("held"), &json!(3 * PRICE)));
        assert_eq!(free(client, &show).await, SEATS - 3, "held seats are nobody else's");
        client.until_status(&held.id(), "confirmed").await;
        // More than are left are refused at once, and nothing of it is taken.
        buy(client, &show, "group", SEATS - 2).await.refused(409, "sold-out");
        assert_eq!(free(client, &show).await, SEATS - 3);

        // Payment goes down in the evening. Nobody is turned away: the last seats go, and not one more.
        platform.provider_outage(true);
        let show = show.as_str();
        let crowd = (0..SEATS).map(async |index| buy(client, show, &format!("fan-{index}"), 1).await);
        let crowd = join_all(crowd).await;
        let mut known = vec![held.id()];
        let waiting: Vec<String> = crowd.iter().filter(|answer| answer.status == 202).map(Answer::id).collect();
        assert_eq!(waiting.len() as i64, SEATS - 3);
        for refused in crowd.into_iter().filter(|answer| answer.status != 202) {
            assert_eq!(refused.refused(409, "sold-out")["bucket"], STARTS_AT);
        }
        for reservation in &waiting {
            assert_eq!(client.reservation(reservation).await["status"], "held", "not confirmed without money");
        }
        // One of them thinks better of it before any money moved.
        let changed_mind = waiting[0].clone();
        assert_eq!(client.cancel(&changed_mind).await.expect(200)["keep"], 0);
        assert_eq!(free(client, show).await, 1);

        // Payment is back: everybody who waited is charged, and the seat that came free goes to the next.
        platform.provider_outage(false);
        for reservation in &waiting[1..] {
            client.until_status(reservation, "confirmed").await;
        }
        let last = buy(client, show, "last", 1).await.expect(202).id();
        client.until_status(&last, "confirmed").await;
        overview(client, &business, |row| row["booked"] == SEATS && row["captured"] == SEATS * PRICE).await;

        // Mina cancels long before the evening: money and seats come back.
        assert_eq!(client.cancel(&held.id()).await.expect(200)["keep"], 0);
        assert_eq!(free(client, show).await, 3);
        overview(client, &business, |row| row["booked"] == SEATS - 3 && row["refunded"] == 3 * PRICE).await;
        let page = client.get(&format!("/dashboard/guests/{mina}")).await.expect(200);
        assert_eq!(page["reservations"][0]["status"], "cancelled");

        known.extend(waiting);
        known.push(last);
        platform.truth().of([show]).knowing(known).holds().await;
    });
}
