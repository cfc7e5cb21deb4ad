//! Bad input of `/reservations` and `/availability`.

use super::bodies::{mistyped, unreadable};
use super::{Bad, all_refused};
use crate::fixture::booking::{nights, offering, seats, with};
use crate::fixture::run;
use crate::fixture::shared;
use serde_json::{Value, json};
use uuid::Uuid;

/// Ends of spans that are no nights, whoever reads them.
const NO_NIGHTS: [(&str, &str); 16] = [
    ("2027-05-01", "2027-05-01"),
    ("2027-05-02", "2027-05-01"),
    ("2027-02-29", "2027-03-02"),
    ("2027-05-31", "2027-06-31"),
    ("1899-12-31", "1900-01-02"),
    ("2200-12-30", "2201-01-01"),
    ("0000-01-01", "0000-01-02"),
    ("9999-12-30", "9999-12-31"),
    ("-009999-01-01", "2027-05-02"),
    ("20270501", "20270502"),
    ("2027-5-1", "2027-5-2"),
    ("", ""),
    ("tomorrow", "2027-05-02"),
    ("1e9", "2e9"),
    ("2027-05-01T00:00:00Z", "2027-05-02T00:00:00Z"),
    ("2027-05-01", "2027-05-02T00:00:00Z"),
];

fn impossible_nights() -> Vec<Value> {
    let mut all: Vec<Value> = NO_NIGHTS.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    all.extend([i64::MIN, -1, 0, 1_001, i64::MAX].map(|quantity| json!({ "quantity": quantity })));
    all.extend([
        json!({ "from": null }),
        json!({ "to": null }),
        json!({ "from": null, "to": null }),
        // 401 nights: one more than a booking may cover.
        json!({ "from": "2027-01-01", "to": "2028-02-06" }),
        json!({ "from": "1900-01-01", "to": "2200-12-31" }),
        json!({ "guest_id": "" }),
        json!({ "guest_id": "g".repeat(1_000) }),
        json!({ "guest_id": "line\nbreak" }),
        json!({ "payment_method": null }),
        json!({ "payment_method": "" }),
        json!({ "payment_method": "p".repeat(1_000) }),
        json!({ "language": "fr" }),
        json!({ "language": "" }),
    ]);
    all
}

#[test]
fn a_reservation_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let rooms = client.publish(&offering("nights", 3)).await;
        let desks = client.publish(&offering("slots", 3)).await;
        let shows = client.publish(&offering("seats", 3)).await;
        let price = json!({ "price": { "amount": 9_007_199_254_740_991_i64, "currency": "KRW" } });
        let palace = client.publish(&with(offering("nights", 3), price)).await;
        let good = with(nights(&rooms, "2027-05-01", "2027-05-02"), json!({ "language": "en" }));
        let post = |body: Value, status| Bad::new("POST", "/reservations", status).json(&body);
        let mut all = unreadable("POST", "/reservations", &good);
        let fields: Vec<&str> = good.as_object().unwrap().keys().map(String::as_str).collect();
        all.extend(mistyped("POST", "/reservations", &good, &["offering_id", "guest_id", "quantity"], &fields));
        all.extend(impossible_nights().into_iter().map(|fields| post(with(good.clone(), fields), 422)));
        let slots = |from: &str, to: &str| with(nights(&desks, from, to), json!({ "guest_id": good["guest_id"] }));
        all.extend([
            post(slots("2027-05-01", "2027-05-02"), 422),
            post(slots("2027-05-01T10:30:00Z", "2027-05-01T11:30:00Z"), 422),
            post(slots("2027-05-01T10:00:00Z", "2027-05-01T10:00:00Z"), 422),
            post(slots("2027-05-01T10:00:00Z", "2027-05-01T09:00:00Z"), 422),
            post(slots("2027-05-01T10:00:00.5Z", "2027-05-01T11:00:00Z"), 422),
            post(slots("2027-05-01T10:00:00", "2027-05-01T11:00:00"), 422),
            post(slots("2027-05-01T00:00:00Z", "2027-05-17T17:00:00Z"), 422),
            post(slots("1800-05-01T00:00:00Z", "1800-05-01T01:00:00Z"), 422),
            post(with(seats(&shows, 1), json!({ "from": "2027-05-01", "to": "2027-05-02" })), 422),
            post(nights(&palace, "2027-05-01", "2027-05-03"), 422),
            post(with(nights(&palace, "2027-05-01", "2027-05-02"), json!({ "quantity": 2 })), 422),
            post(with(good.clone(), json!({ "offering_id": Uuid::new_v4() })), 404),
            post(with(good.clone(), json!({ "offering_id": "first" })), 400),
        ]);
        all_refused(&client, all).await;
        for (id, from, to) in [
            (&rooms, "2027-01-01", "2029-01-01"),
            (&desks, "2027-05-01T00:00:00Z", "2027-05-20T00:00:00Z"),
            (&shows, "2027-01-01", "2027-01-02"),
            (&palace, "2027-01-01", "2029-01-01"),
        ] {
            assert!(client.free(id, from, to).await.iter().all(|free| *free == 3), "nothing is taken");
        }
    });
}

#[test]
fn a_question_about_availability_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let rooms = client.publish(&offering("nights", 3)).await;
        let desks = client.publish(&offering("slots", 3)).await;
        let ask = |query: String, status| Bad::new("GET", format!("/availability?{query}"), status);
        let mut all = vec![
            ask(String::new(), 400),
            ask("offering_id=first&from=2027-05-01&to=2027-05-02".into(), 400),
            ask(format!("offering_id={}&from=2027-05-01&to=2027-05-02", Uuid::new_v4()), 404),
            ask(format!("offering_id={rooms}"), 422),
            ask(format!("offering_id={rooms}&from=2027-05-01"), 422),
            ask(format!("offering_id={rooms}&to=2027-05-01"), 422),
            ask(format!("offering_id={rooms}&from=2027-05-01&to=2027-05-02&odd=1"), 400),
            ask(format!("offering_id={rooms}&from=%00&to=2027-05-02"), 400),
            ask(format!("offering_id={rooms}&from=%ff&to=2027-05-02"), 400),
            // 1,101 nights: one more than an answer holds.
            ask(format!("offering_id={rooms}&from=2027-01-01&to=2030-01-06"), 422),
            ask(format!("offering_id={desks}&from=2027-01-01&to=2027-01-02"), 422),
            ask(format!("offering_id={desks}&from=2027-01-01T00:00:00Z&to=2027-03-01T00:00:00Z"), 422),
            ask(format!("offering_id={desks}&from=2027-01-01T01:00:00Z&to=2027-01-01T00:00:00Z"), 422),
        ];
        let spans = NO_NIGHTS.iter().map(|(from, to)| ask(format!("offering_id={rooms}&from={from}&to={to}"), 422));
        all.extend(spans);
        all.extend(["POST", "PUT", "DELETE", "PATCH"].map(|method| Bad::new(method, "/availability", 405)));
        all_refused(&client, all).await;
    });
}

#[test]
fn a_change_of_a_reservation_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let rooms = client.publish(&offering("nights", 3)).await;
        let booked = client.post("/reservations", &nights(&rooms, "2027-05-01", "2027-05-02")).await.expect(201).id();
        let cancelled =
            client.post("/reservations", &nights(&rooms, "2027-05-01", "2027-05-02")).await.expect(201).id();
        client.cancel(&cancelled).await.expect(200);
        client.post(&format!("/reservations/{booked}/check-in"), &Value::Null).await.expect(200);
        let before = client.reservation(&booked).await;
        let change = |id: &str, verb: &str, status| Bad::new("POST", format!("/reservations/{id}/{verb}"), status);
        let mut all = vec![change(&booked, "cancel", 409), change(&booked, "no-show", 409)];
        for verb in ["check-in", "no-show", "complete"] {
            all.push(change(&cancelled, verb, 409));
        }
        for verb in ["cancel", "check-in", "no-show", "complete"] {
            all.push(change(&Uuid::new_v4().to_string(), verb, 404));
            all.extend(["first", "%00", "%ff", "..%2f"].map(|id| change(id, verb, 400)));
            all.push(Bad::new("GET", format!("/reservations/{booked}/{verb}"), 405));
        }
        all.push(change(&booked, "extend", 404));
        all.push(Bad::new("GET", format!("/reservations/{}", Uuid::new_v4()), 404));
        all.push(Bad::new("GET", "/reservations/first", 400));
        all.push(Bad::new("DELETE", format!("/reservations/{booked}"), 405));
        all.extend(["GET", "PUT", "DELETE"].map(|method| Bad::new(method, "/reservations", 405)));
        all_refused(&client, all).await;
        assert_eq!(client.reservation(&booked).await, before, "nothing is written");
        assert_eq!(client.free(&rooms, "2027-05-01", "2027-05-02").await, [2]);
    });
}
