//! R10, R11, R14, R16: services come, go and are doubled, and nothing is lost or done twice.

use crate::fixture::booking::{day, nights, offering, seats, with};
use crate::fixture::client::Client;
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate, TWO_EACH};
use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::json;
use testing::Backend;

/// Books `count` times, prepaid on one offering and to be settled later on the other, and cancels each fifth.
pub(super) async fn bookings(client: &Client, (prepaid, later): (&str, &str), count: usize) -> Vec<String> {
    let wishes = (0..count).map(async |index| {
        let (offering, status) = if index % 2 == 0 { (prepaid, 201) } else { (later, 202) };
        let declined = index % 7 == 6;
        let mut wish = nights(offering, &day(index % 300), &day(index % 300 + 2));
        if declined {
            wish["payment_method"] = json!("card-declined");
        }
        let status = if declined && status == 201 { 402 } else { status };
        let id = client.post("/reservations", &wish).await.expect(status).id();
        if index % 5 == 4 && !declined {
            client.cancel(&id).await.expect(200);
        }
        id
    });
    iter(wishes).buffer_unordered(32).collect().await
}

pub(super) async fn offerings(client: &Client, units: i64) -> (String, String) {
    let later = with(offering("nights", units), json!({ "payment": "settle_later" }));
    (client.publish(&offering("nights", units)).await, client.publish(&later).await)
}

#[test]
fn r10_booking_goes_on_without_catalog_notification_dashboard_review() {
    run(async {
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &[]).await;
        let client = platform.client().clone();
        let (prepaid, later) = offerings(&client, 10).await;
        let mut known = bookings(&client, (&prepaid, &later), 10).await;
        let down = ["catalog", "notification", "dashboard", "review"];
        for service in down {
            platform.kill9(service);
        }
        known.extend(bookings(&client, (&prepaid, &later), 30).await);
        client.cancel(&known[0]).await.expect(200);
        client.request("GET", "/offerings").send().await.unwrap_err();
        for service in down {
            platform.begin(service);
        }
        platform.until_ready().await;
        platform.truth().of([prepaid.as_str(), &later]).knowing(known).holds().await;
        platform.stop();
    });
}

#[test]
fn r11_settle_later_while_payment_is_down() {
    run(async {
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&with(offering("seats", 30), json!({ "payment": "settle_later" }))).await;
        platform.kill9("payment");
        let mut known = Vec::new();
        for _ in 0..10 {
            let held = client.post("/reservations", &seats(&id, 2)).await.expect(202);
            assert_eq!(held["status"], "held");
            known.push(held.id());
        }
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [10], "held counts as taken");
        client.cancel(&known[9]).await.expect(200);
        platform.restart("payment").await;
        for reservation in &known[..9] {
            client.until_status(reservation, "confirmed").await;
        }
        // What was cancelled meanwhile is not charged, or paid back where the hold was heard of first.
        platform.truth().knowing(known).holds().await;
    });
}

#[test]
fn r14_replicas_never_handle_an_event_twice() {
    run(async {
        let mut platform = Separate::start(Backend::Postgres, &TWO_EACH, &[]).await;
        let client = platform.client().clone();
        let (prepaid, later) = offerings(&client, 20).await;
        let known = bookings(&client, (&prepaid, &later), 520).await;
        platform.truth().of([prepaid.as_str(), &later]).knowing(known).holds().await;
        platform.stop();
    });
}

#[test]
fn r16_a_new_service_reads_everything_from_the_stream() {
    run(async {
        let mut platform = Separate::prepare(Backend::Sqlite, &ONE_EACH, &[]).await;
        for service in ["catalog", "reservation", "payment", "notification", "review"] {
            platform.begin(service);
        }
        platform.until_ready().await;
        let client = platform.client().clone();
        let (prepaid, later) = offerings(&client, 10).await;
        let mut known = bookings(&client, (&prepaid, &later), 20).await;
        // No other process is touched, no other database is read.
        platform.restart("dashboard").await;
        known.extend(bookings(&client, (&prepaid, &later), 5).await);
        platform.truth().of([prepaid.as_str(), &later]).knowing(known).holds().await;
    });
}
