//! What guests do with an offering shows on it: reviews and live bookings, whatever comes first.

use crate::fixture::{Stage, room, with, without};
use choreography::Outgoing;
use contract::MoneyV1;
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::{ReviewEvent, ReviewV1};
use serde_json::{Value, json};
use testing::{SOON, check, eventually};
use uuid::Uuid;

fn review(offering: Uuid, review: u128, version: i64, rating: i64) -> ReviewV1 {
    ReviewV1 {
        review_id: Uuid::from_u128(review),
        version,
        status: "posted".into(),
        offering_id: offering,
        offering_name: "Double room".into(),
        business: "seaside".into(),
        reservation_id: Uuid::from_u128(500 + review),
        guest_id: "mina".into(),
        rating,
        text: "fine".into(),
        posted_at: "2026-11-21T08:00:00Z".into(),
    }
}

fn removed(posted: ReviewV1) -> ReviewEvent {
    let version = posted.version + 1;
    ReviewEvent::Removed(ReviewV1 { version, status: "removed".into(), text: String::new(), ..posted })
}

fn booking(offering: Uuid, reservation: u128, version: i64, status: &str) -> ReservationV1 {
    ReservationV1 {
        reservation_id: Uuid::from_u128(reservation),
        version,
        status: status.into(),
        offering_id: offering,
        offering_name: "Double room".into(),
        business: "seaside".into(),
        guest_id: "mina".into(),
        language: "en".into(),
        kind: "nights".into(),
        quantity: 1,
        from: "2027-05-01".into(),
        to: Some("2027-05-03".into()),
        timezone: "Asia/Seoul".into(),
        total: MoneyV1 { amount: 240_000, currency: "KRW".into() },
        payment: "prepay".into(),
        capture: "by_call".into(),
        payment_method: None,
        placed_at: "2027-01-01T00:00:00Z".into(),
        deadline: None,
        keep: Some(240_000),
        purpose: None,
        reason: None,
    }
}

async fn hear_review(stage: &Stage, event: ReviewEvent) {
    let told = event.review();
    let (correlation, version) = (told.reservation_id, told.version);
    stage.tell(Outgoing::of(&event, correlation, version).unwrap()).await;
}

async fn hear_booking(stage: &Stage, event: ReservationEvent) {
    let told = event.reservation();
    let (correlation, version) = (told.reservation_id, told.version);
    stage.tell(Outgoing::of(&event, correlation, version).unwrap()).await;
}

/// Waits until the offering shows this, alone and in the list, with its version and tag as they were.
async fn shows(stage: &Stage, id: &str, fields: Value) {
    eventually("the offering's activity", SOON, async || {
        let one = stage.replica.get(&format!("/offerings/{id}")).await;
        assert_eq!((one.header("etag"), &one.body["version"]), ("\"1\"", &json!(1)));
        let list = stage.other.get("/offerings").await.expect(200);
        let listed = list["offerings"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap().clone();
        check((one.body, listed), |(one, listed)| *one == with(one.clone(), fields.clone()) && one == listed)
    })
    .await;
}

testing::on_every_backend! {
    async fn r06_the_review_count_and_the_average_follow_the_known_reviews(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let quiet = stage.replica.publish(&room()).await;
        let offering: Uuid = id.parse().unwrap();
        shows(&stage, &id, json!({ "review_count": 0, "rating_average": null })).await;
        // The removal overtakes the posting; nobody counts what is gone.
        hear_review(&stage, removed(review(offering, 1, 1, 1))).await;
        hear_review(&stage, ReviewEvent::Posted(review(offering, 2, 1, 5))).await;
        hear_review(&stage, ReviewEvent::Posted(review(offering, 3, 1, 4))).await;
        shows(&stage, &id, json!({ "review_count": 2, "rating_average": 4.5 })).await;
        hear_review(&stage, ReviewEvent::Posted(review(offering, 1, 1, 1))).await;
        hear_review(&stage, ReviewEvent::Changed(review(offering, 3, 2, 2))).await;
        hear_review(&stage, ReviewEvent::State(review(offering, 3, 2, 2))).await;
        hear_review(&stage, ReviewEvent::Posted(review(offering, 4, 1, 1))).await;
        shows(&stage, &id, json!({ "review_count": 3, "rating_average": 2.67 })).await;
        hear_review(&stage, removed(review(offering, 4, 1, 1))).await;
        shows(&stage, &id, json!({ "review_count": 2, "rating_average": 3.5 })).await;
        shows(&stage, &quiet, json!({ "review_count": 0, "rating_average": null })).await;
        stage.end().await;
    }

    async fn a_confirmed_booking_moves_the_offerings_availability(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let offering: Uuid = id.parse().unwrap();
        hear_booking(&stage, ReservationEvent::Held(booking(offering, 1, 1, "held"))).await;
        shows(&stage, &id, json!({ "live_bookings": 1, "availability": "open" })).await;
        hear_booking(&stage, ReservationEvent::Confirmed(booking(offering, 1, 2, "confirmed"))).await;
        hear_booking(&stage, ReservationEvent::Held(booking(offering, 1, 1, "held"))).await;
        hear_booking(&stage, ReservationEvent::Held(booking(offering, 2, 1, "held"))).await;
        shows(&stage, &id, json!({ "live_bookings": 2, "availability": "booked" })).await;
        hear_booking(&stage, ReservationEvent::Cancelled(booking(offering, 1, 3, "cancelled"))).await;
        hear_booking(&stage, ReservationEvent::Expired(booking(offering, 2, 2, "expired"))).await;
        shows(&stage, &id, json!({ "live_bookings": 0, "availability": "open" })).await;
        hear_booking(&stage, ReservationEvent::CheckedIn(booking(offering, 3, 3, "checked_in"))).await;
        let block = ReservationV1 { purpose: Some("block".into()), ..booking(offering, 4, 1, "confirmed") };
        hear_booking(&stage, ReservationEvent::Confirmed(block)).await;
        shows(&stage, &id, json!({ "live_bookings": 1, "availability": "booked" })).await;
        // What is booked stays when nothing more is sold.
        stage.replica.delete(&id).await.expect(204);
        let retired = stage.replica.get(&format!("/offerings/{id}")).await.expect(200);
        assert_eq!((&retired["live_bookings"], &retired["availability"]), (&json!(1), &json!("retired")));
        assert_eq!(stage.events().await.len(), 2, "news of others are no changes of an offering");
        stage.end().await;
    }

    async fn a_host_who_changes_an_offering_is_shown_what_guests_do_with_it(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let offering: Uuid = id.parse().unwrap();
        hear_review(&stage, ReviewEvent::Posted(review(offering, 1, 1, 4))).await;
        hear_booking(&stage, ReservationEvent::Confirmed(booking(offering, 1, 2, "confirmed"))).await;
        shows(&stage, &id, json!({ "review_count": 1, "live_bookings": 1 })).await;
        let before = stage.replica.get(&format!("/offerings/{id}")).await.expect(200);
        let changed = stage.other.patch(&id, "\"1\"", &json!({ "units": 1 })).await.expect(200);
        assert_eq!(changed, with(before, json!({ "version": 2, "units": 1 })));
        let told = stage.events().await[1]["body"].clone();
        let own = without(without(without(without(changed, "review_count"), "rating_average"), "live_bookings"), "availability");
        assert_eq!(told, with(without(own, "id"), json!({ "offering_id": id })), "the event is catalog's own");
        stage.end().await;
    }
}
