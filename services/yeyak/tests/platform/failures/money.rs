//! D02, D05, D09, D10: money and units follow each other through refusals, outages and crashes.

use crate::fixture::booking::{nights, offering, seats, unique, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::shared;
use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::{Value, json};
use testing::{Backend, SOON, check, eventually};

#[test]
fn d02_a_cancel_refunds_frees_tells_and_shows() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let id = client.publish(&with(offering("seats", 3), json!({ "payment": "settle_later" }))).await;
        let mut known = Vec::new();
        // Before its money came, and after.
        for paid in [false, true] {
            let held = client.post("/reservations", &seats(&id, 2)).await.expect(202).id();
            if paid {
                client.until_status(&held, "confirmed").await;
            }
            client.cancel(&held).await.expect(200);
            assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [3]);
            known.push(held);
        }
        world.truth().knowing(known.clone()).holds().await;
        let captures = world.truth().captures();
        assert_eq!(captures.get(&known[1]), Some(&1));
    });
}

#[test]
fn d05_money_adds_up() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let tiers = |percent: i64| json!([{ "before_hours": 0, "refund_percent": percent }]);
        let (mut offerings, mut known) = (Vec::new(), Vec::new());
        for (payment, percent) in [("prepay", 0), ("prepay", 33), ("settle_later", 50), ("settle_later", 100)] {
            let price = json!({ "amount": 9_999, "currency": "EUR" });
            let terms = json!({ "payment": payment, "cancellation": tiers(percent), "price": price });
            let id = client.publish(&with(offering("seats", 40), terms)).await;
            let wishes = ["card-ok", "card-declined", "card-unknown", "card-ok"].into_iter().enumerate();
            let placed = wishes.map(async |(index, method)| {
                let wish = with(seats(&id, 3), json!({ "payment_method": method }));
                let answer = client.post("/reservations", &wish).await;
                if answer.status == 503 {
                    // Nothing was booked for money that may have been taken: the provider's ledger is to tell.
                    assert_eq!((payment, method), ("prepay", "card-unknown"));
                    return None;
                }
                if answer.status == 202 && index == 2 {
                    client.until_status(&answer.id(), "confirmed").await;
                }
                if matches!(answer.status, 201 | 202) && index >= 2 {
                    client.cancel(&answer.id()).await.expect(200);
                }
                Some(answer.id())
            });
            known.extend(iter(placed).buffer_unordered(4).collect::<Vec<_>>().await.into_iter().flatten());
            offerings.push(id);
        }
        assert!(known.len() >= 14, "only money that nobody knows about books nothing");
        let offerings = offerings.iter().map(String::as_str);
        world.truth().of(offerings).knowing(known).holds().await;
    });
}

#[test]
fn d09_crash_between_steps_units_return() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[("PAYMENT_TIMEOUT_MS", "3000")]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 1)).await;
        let wish = with(nights(&id, "2027-05-01", "2027-05-02"), json!({ "payment_method": "card-slow" }));
        let (asked, key) = (wish.clone(), unique("key"));
        let guest = tokio::spawn({
            let (client, key) = (client.clone(), key.clone());
            async move { client.try_post("/reservations", &asked, Some(&key)).await }
        });
        let free = async || client.free(&id, "2027-05-01", "2027-05-02").await;
        eventually("the hold", SOON, async || check(free().await, |free| *free == [0])).await;
        platform.kill9();
        guest.await.unwrap().unwrap_err();
        platform.provider_outage(true);
        platform.restart().await;
        assert_eq!(free().await, [0], "the hold survived, and nobody waits for it any more");
        eventually("the units to return", SOON, async || check(free().await, |free| *free == [1])).await;
        client.post_with_key("/reservations", &wish, &key).await.refused(503, "unavailable");
        platform.provider_outage(false);
        // If the call reached the provider before the crash, its money is back.
        platform.truth().of([id.as_str()]).holds().await;
    });
}

/// Books, and looks into the provider's ledger the moment the answer is there.
async fn paid_if_confirmed(platform: &Embedded, client: &Client, wish: &Value) -> Option<String> {
    let answer = client.post("/reservations", wish).await;
    if answer.status == 503 {
        return None;
    }
    let captured = platform.truth().captures().contains_key(&answer.id());
    match answer.status {
        201 => assert!(captured, "confirmed without money: {}", answer.body),
        402 => assert!(!captured, "declined, yet charged: {}", answer.body),
        202 => assert_eq!(answer["status"], "held", "a hold is no confirmation"),
        other => panic!("{other}: {}", answer.body),
    }
    Some(answer.id())
}

#[test]
fn d10_no_confirmed_without_captured_payment() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[("PAYMENT_TIMEOUT_MS", "400")]).await;
        let client = platform.client();
        let refuse = client.publish(&offering("seats", 200)).await;
        let defer = json!({ "on_payment_outage": "defer", "hold_seconds": 12 });
        let defer = client.publish(&with(offering("seats", 200), defer)).await;
        let methods = ["card-ok", "card-declined", "card-error", "card-ok", "card-slow", "card-unknown", "card-ok"];
        let wishes: Vec<Value> = (0..42)
            .map(|index| {
                let offering = if index % 2 == 0 { &refuse } else { &defer };
                with(seats(offering, 1), json!({ "payment_method": methods[index % methods.len()] }))
            })
            .collect();
        let answers = iter(&wishes).map(|wish| paid_if_confirmed(&platform, client, wish));
        let known: Vec<String> = answers.buffer_unordered(6).collect::<Vec<_>>().await.into_iter().flatten().collect();
        platform.truth().of([refuse.as_str(), &defer]).knowing(known).holds().await;
    });
}
