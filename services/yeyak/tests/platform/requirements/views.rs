//! R07: every offering and booking on one screen, and every guest's whole history.

use crate::fixture::booking::{nights, offering, seats, unique, with};
use crate::fixture::run;
use crate::fixture::{shared, truth};
use serde_json::{Value, json};

fn listed<'b>(body: &'b Value, list: &str, id: &str) -> &'b Value {
    let rows = body[list].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id} is not in {body:#}"))
}

#[test]
fn r07_overview_guest_business_and_case_agree() {
    run(async {
        let world = shared().await;
        let client = &world.client;
        let (room, show) = (offering("nights", 3), with(offering("seats", 50), json!({ "payment": "settle_later" })));
        let (room_id, show_id) = (client.publish(&room).await, client.publish(&show).await);
        let guest = json!({ "guest_id": unique("guest") });
        let stay = with(nights(&room_id, "2027-05-01", "2027-05-03"), guest.clone());
        let stay = client.post("/reservations", &stay).await.expect(201).id();
        let evening = client.post("/reservations", &with(seats(&show_id, 2), guest.clone())).await.expect(202).id();
        client.until_status(&evening, "confirmed").await;
        client.cancel(&evening).await.expect(200);
        world.truth().of([room_id.as_str(), &show_id]).knowing([stay.clone(), evening.clone()]).holds().await;

        let page = client.get(&format!("/dashboard/guests/{}", guest["guest_id"].as_str().unwrap())).await.expect(200);
        assert!(page["as_of"].is_string() && page["lag"] == 0, "{}", page.body);
        let ids: Vec<&Value> = page["reservations"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        assert_eq!(ids, [&json!(evening), &json!(stay)], "the newest first");
        let row = listed(&page.body, "reservations", &evening);
        assert_eq!((&row["status"], &row["payment"]["refunded"]), (&json!("cancelled"), &json!(240_000)));

        let business = show["business"].as_str().unwrap();
        let page = client.get(&format!("/dashboard/businesses/{business}")).await.expect(200);
        assert_eq!(page["reservations"].as_array().unwrap().len(), 1, "nobody sees another's bookings");
        assert_eq!(page["totals"]["reservations"], json!({ "cancelled": 1 }));

        let page = client.get(&format!("/dashboard/offerings?business={business}")).await.expect(200);
        let row = listed(&page.body, "offerings", &show_id);
        assert_eq!((&row["booked"], &row["captured"], &row["refunded"]), (&json!(0), &json!(240_000), &json!(240_000)));

        let events = truth::history(client, &evening).await;
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        let told = ["reservation.held", "payment.captured", "reservation.confirmed", "reservation.cancelled"];
        assert_eq!(kinds, [&told.map(|kind| format!("{kind}.v1"))[..], &["payment.refunded.v1".into()]].concat());
        // Each was caused by the one before it, but for what the guest asked for.
        for (index, event) in events.iter().enumerate() {
            let cause = if [0, 3].contains(&index) { &Value::Null } else { &events[index - 1]["id"] };
            assert_eq!(&event["cause"], cause, "{:#}", json!(events));
        }
        assert_eq!(events[0]["actor"], guest["guest_id"]);
    });
}
