//! A guest's own reservations, and those of a business.

use crate::fixture::Stage;
use crate::sample::{PRICE, changed, held, offering, payment};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use serde_json::{Value, json};

testing::on_every_backend! {
    async fn a_reservation_is_shown_as_it_was_told(db: Db) {
        let stage = Stage::set(&db).await;
        let told = ReservationV1 {
            quantity: 2,
            deadline: Some("2027-01-01T00:11:00Z".into()),
            reason: Some("why".into()),
            ..held(&offering("seaside", "Double room"), "민아 / 100%", 1)
        };
        stage.tell(ReservationEvent::Held(told.clone())).await;
        stage.taken_in().await;
        let shown = json!({
            "id": told.reservation_id, "version": 1, "status": "held", "offering_id": told.offering_id,
            "offering_name": "Double room", "business": "seaside", "guest_id": "민아 / 100%", "kind": "nights",
            "quantity": 2, "from": "2027-05-01", "to": "2027-05-02", "timezone": "Asia/Seoul",
            "total": { "amount": PRICE, "currency": "KRW" }, "placed_at": "2027-01-01T00:01:00Z",
            "deadline": "2027-01-01T00:11:00Z", "reason": "why", "purpose": null, "payment": null,
        });
        let guest = stage.replica.shows("/dashboard/guests/%EB%AF%BC%EC%95%84%20%2F%20100%25").await;
        assert_eq!(guest["reservations"], json!([shown]));
        let business = stage.replica.shows("/dashboard/businesses/seaside").await;
        assert_eq!(business["reservations"], json!([shown]));
        stage.replica.end().await;
    }

    async fn lists_come_newest_first_in_pages(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        // Three at the same moment, and told in no order.
        let mut placed: Vec<ReservationV1> =
            [5, 1, 3, 3, 3, 9, 7].into_iter().map(|minute| held(&room, "mina", minute)).collect();
        for booked in &placed {
            stage.tell(ReservationEvent::Held(booked.clone())).await;
        }
        stage.tell(ReservationEvent::Held(held(&offering("hillside", "Cabin"), "jun", 4))).await;
        stage.taken_in().await;
        placed.sort_by_key(|booked| std::cmp::Reverse((booked.placed_at.clone(), booked.reservation_id)));
        let wanted: Vec<Value> = placed.iter().map(|booked| json!(booked.reservation_id)).collect();
        for path in ["/dashboard/guests/mina?", "/dashboard/businesses/seaside?"] {
            for limit in [1, 2, 3, 7, 200] {
                let rows = stage.replica.pages(path, "reservations", limit).await;
                assert_eq!(rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), wanted, "{path}{limit}");
            }
        }
        stage.replica.end().await;
    }

    async fn a_business_sees_all_of_its_totals_on_every_page(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        for minute in 0..4 {
            let booked = held(&room, "mina", minute);
            stage.tell(ReservationEvent::Confirmed(changed(&booked, "confirmed"))).await;
            stage.tell(PaymentEvent::Captured(payment(&booked, 1, "captured", 0))).await;
        }
        let dear = held(&room, "jun", 9);
        stage.tell(ReservationEvent::Cancelled(changed(&dear, "cancelled"))).await;
        let mut refunded = payment(&dear, 3, "refunded", PRICE / 2);
        refunded.total.currency = "EUR".into();
        stage.tell(PaymentEvent::Refunded(refunded)).await;
        stage.tell(ReservationEvent::Held(held(&room, "jun", 10))).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/businesses/seaside?limit=1").await;
        assert_eq!(
            seen["totals"],
            json!({
                "reservations": { "cancelled": 1, "confirmed": 4, "held": 1 },
                "money": [
                    { "currency": "EUR", "captured": PRICE, "refunded": PRICE / 2 },
                    { "currency": "KRW", "captured": 4 * PRICE, "refunded": 0 },
                ],
            })
        );
        let nobody = stage.replica.shows("/dashboard/businesses/nobody").await;
        assert_eq!(nobody["totals"], json!({ "reservations": {}, "money": [] }));
        stage.replica.end().await;
    }
}
