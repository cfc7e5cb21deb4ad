//! All offerings and what is booked of them, on one screen.

use crate::fixture::Stage;
use crate::sample::{PRICE, changed, held, offering, payment};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use jiff::Timestamp;
use serde_json::{Value, json};
use testing::{SOON, check, eventually};

testing::on_every_backend! {
    async fn d04_the_view_holds_many_bookings_of_one_offering(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        stage.tell(CatalogEvent::Published(room.clone())).await;
        let held: Vec<ReservationV1> = (0..5).map(|minute| held(&room, "mina", minute)).collect();
        for booked in &held {
            stage.tell(ReservationEvent::Held(booked.clone())).await;
        }
        stage.tell(ReservationEvent::Confirmed(changed(&held[0], "confirmed"))).await;
        stage.tell(ReservationEvent::Cancelled(changed(&held[1], "cancelled"))).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings").await;
        let only = &seen["offerings"][0];
        assert_eq!(only["reservations"], json!({ "held": 3, "confirmed": 1, "cancelled": 1 }));
        assert_eq!(only["booked"], 4);
        let mine = stage.replica.shows("/dashboard/guests/mina").await;
        assert_eq!(mine["reservations"].as_array().unwrap().len(), 5);
        // One command, one event.
        let case = stage.replica.shows(&format!("/history/{}", held[2].reservation_id)).await;
        assert_eq!(case["events"].as_array().unwrap().len(), 1);
        stage.replica.end().await;
    }

    async fn d08_views_are_right_when_all_ids_differ(db: Db) {
        let stage = Stage::set(&db).await;
        let (one, other) = (offering("seaside", "Double room"), offering("hillside", "Cabin"));
        let (of_one, of_other) = (held(&one, "mina", 1), held(&other, "jun", 2));
        for event in [CatalogEvent::Published(one.clone()), CatalogEvent::Published(other.clone())] {
            stage.tell(event).await;
        }
        stage.tell(ReservationEvent::Held(of_one.clone())).await;
        stage.tell(ReservationEvent::Confirmed(changed(&of_other, "confirmed"))).await;
        stage.tell(PaymentEvent::Captured(payment(&of_other, 2, "captured", 0))).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings?business=hillside").await;
        assert_eq!(seen["offerings"], json!([overview(&other, json!({ "confirmed": 1 }), 1, PRICE)]));
        let seen = stage.replica.shows("/dashboard/offerings?business=seaside").await;
        assert_eq!(seen["offerings"], json!([overview(&one, json!({ "held": 1 }), 1, 0)]));
        let jun = stage.replica.shows("/dashboard/guests/jun").await;
        assert_eq!(jun["reservations"][0]["id"], json!(of_other.reservation_id));
        assert_eq!(jun["reservations"][0]["payment"]["status"], "captured");
        let mina = stage.replica.shows("/dashboard/guests/mina").await;
        assert_eq!(mina["reservations"][0]["payment"], Value::Null);
        // Neither an offering nor a payment is a case of a reservation.
        let payment_id = payment(&of_other, 2, "captured", 0).payment_id;
        stage.replica.get(&format!("/history/{payment_id}")).await.refused(404, "case-not-found");
        stage.replica.end().await;
    }

    async fn rule18_either_half_of_a_row_follows_its_own_version(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        let first = held(&room, "mina", 1);
        let confirmed = changed(&first, "confirmed");
        let cancelled = changed(&confirmed, "cancelled");
        // The payment's versions are higher than the reservation's, and it comes first.
        stage.tell(PaymentEvent::Refunded(payment(&first, 9, "refunded", PRICE / 4))).await;
        stage.taken_in().await;
        assert_eq!(stage.replica.shows("/dashboard/guests/mina").await["reservations"], json!([]));
        stage.tell(ReservationEvent::Cancelled(cancelled.clone())).await;
        stage.taken_in().await;
        stage.tell(CatalogEvent::Published(room.clone())).await;
        for late in [ReservationEvent::Confirmed(confirmed), ReservationEvent::Held(first.clone())] {
            stage.tell(late).await;
        }
        stage.tell(PaymentEvent::Captured(payment(&first, 8, "captured", 0))).await;
        // The same once more, under another id.
        stage.tell(ReservationEvent::Cancelled(cancelled)).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/guests/mina").await;
        assert_eq!(seen["reservations"][0]["status"], "cancelled");
        assert_eq!(seen["reservations"][0]["version"], 3);
        assert_eq!(
            seen["reservations"][0]["payment"],
            json!({ "status": "refunded", "captured": PRICE, "refunded": PRICE / 4, "currency": "KRW", "version": 9 })
        );
        let seen = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!(seen["offerings"][0]["captured"], PRICE);
        assert_eq!(seen["offerings"][0]["refunded"], PRICE / 4);
        assert_eq!(seen["offerings"][0]["booked"], 0);
        stage.replica.end().await;
    }

    async fn an_offering_follows_its_newest_version(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        let changed = OfferingV1 { version: 2, units: 5, ..room.clone() };
        let retired = OfferingV1 { version: 3, status: "retired".into(), ..changed.clone() };
        stage.tell(CatalogEvent::Retired(retired.clone())).await;
        stage.taken_in().await;
        stage.tell(CatalogEvent::Changed(changed)).await;
        stage.tell(CatalogEvent::Published(room)).await;
        stage.tell(CatalogEvent::State(retired.clone())).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!(seen["offerings"], json!([overview(&retired, json!({}), 0, 0)]));
        stage.replica.end().await;
    }

    async fn rule17_what_owners_tell_again_fills_the_views_and_is_no_history(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        let confirmed = changed(&held(&room, "mina", 1), "confirmed");
        stage.tell(PaymentEvent::State(payment(&confirmed, 1, "captured", 0))).await;
        stage.tell(ReservationEvent::State(confirmed.clone())).await;
        stage.tell(CatalogEvent::State(room.clone())).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!(seen["offerings"], json!([overview(&room, json!({ "confirmed": 1 }), 1, PRICE)]));
        for case in [confirmed.reservation_id, room.offering_id] {
            stage.replica.get(&format!("/history/{case}")).await.refused(404, "case-not-found");
        }
        stage.replica.end().await;
    }

    async fn an_overhang_is_told_where_all_units_are_one_lot(db: Db) {
        let stage = Stage::set(&db).await;
        let musical = OfferingV1 { kind: "seats".into(), units: 5, ..offering("outer-park", "Musical") };
        let room = OfferingV1 { units: 1, ..offering("outer-park", "Room") };
        for booked in [&musical, &musical, &room, &room] {
            let four = ReservationV1 { quantity: 4, ..held(booked, "mina", 1) };
            stage.tell(ReservationEvent::Held(four)).await;
        }
        stage.tell(CatalogEvent::Published(musical)).await;
        stage.tell(CatalogEvent::Published(room)).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings").await;
        let told: Vec<_> = seen["offerings"].as_array().unwrap().iter().map(|one| &one["overhang"]).collect();
        assert_eq!(told, [&json!(3), &Value::Null]);
        stage.replica.end().await;
    }

    async fn the_overview_comes_in_pages(db: Db) {
        let stage = Stage::set(&db).await;
        let mut ids = Vec::new();
        for number in 0..7 {
            let business = if number % 2 == 0 { "even" } else { "odd" };
            let published = offering(business, &format!("Room {number}"));
            ids.push(json!(published.offering_id));
            stage.tell(CatalogEvent::Published(published)).await;
        }
        stage.taken_in().await;
        let id = |row: &Value| row["id"].clone();
        for limit in [1, 3, 7, 200] {
            let all = stage.replica.pages("/dashboard/offerings?", "offerings", limit).await;
            assert_eq!(all.iter().map(id).collect::<Vec<_>>(), ids);
            let even = stage.replica.pages("/dashboard/offerings?business=even&", "offerings", limit).await;
            assert_eq!(even.iter().map(id).collect::<Vec<_>>(), ids.iter().step_by(2).cloned().collect::<Vec<_>>());
        }
        stage.replica.end().await;
    }

    async fn an_answer_says_how_many_events_wait(db: Db) {
        let stage = Stage::set(&db).await;
        let path = "/dashboard/offerings";
        let lag = async |wanted: u64| {
            eventually("the lag", SOON, async || {
                check(stage.replica.get(path).await.expect(200), |seen| seen["lag"] == wanted)
            })
            .await
        };
        let held_up = stage.replica.hold_up().await;
        for number in 0..3 {
            stage.tell(CatalogEvent::Published(offering("seaside", &format!("Room {number}")))).await;
        }
        let before = lag(3).await;
        assert_eq!(before["offerings"], json!([]));
        held_up.rollback().await.unwrap();
        stage.taken_in().await;
        let after = lag(0).await;
        assert_eq!(after["offerings"].as_array().unwrap().len(), 3);
        // Nothing may have been known before, if the broker had not been asked yet.
        let moment = |seen: &Value| seen["as_of"].as_str().map(|at| at.parse::<Timestamp>().unwrap());
        assert!(moment(&before) < moment(&after));
        stage.replica.end().await;
    }

    async fn no_sum_is_too_large_to_be_told(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Palace");
        stage.tell(CatalogEvent::Published(room.clone())).await;
        for minute in 0..3 {
            let mut dear = payment(&held(&room, "mina", minute), 1, "captured", 0);
            dear.captured = i64::MAX;
            let booked = ReservationV1 { reservation_id: dear.reservation_id, ..held(&room, "mina", minute) };
            stage.tell(ReservationEvent::Held(booked)).await;
            stage.tell(PaymentEvent::Captured(dear)).await;
        }
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!(seen["offerings"][0]["captured"], i64::MAX);
        let seen = stage.replica.shows("/dashboard/businesses/seaside").await;
        assert_eq!(seen["totals"]["money"][0]["captured"], i64::MAX);
        stage.replica.end().await;
    }
}

/// An offering of the overview.
fn overview(told: &OfferingV1, reservations: Value, booked: i64, captured: i64) -> Value {
    json!({
        "id": told.offering_id, "version": told.version, "name": told.name, "business": told.business,
        "kind": told.kind, "units": told.units, "price": { "amount": PRICE, "currency": "KRW" },
        "status": told.status, "reservations": reservations, "booked": booked, "blocked": 0, "overhang": null,
        "captured": captured, "refunded": 0, "waiting": null, "review_count": 0, "rating_average": null,
    })
}
