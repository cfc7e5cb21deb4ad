//! A review's life: posted, changed, removed, posted again, and who is refused.

use crate::fixture::{Stage, praise, reservation, with};
use contract::reservation::{ReservationEvent, ReservationV1};
use serde_json::{Value, json};
use uuid::Uuid;

testing::on_every_backend! {
    async fn r06_posted_changed_removed_and_posted_again(db: Db) {
        let stage = Stage::set(&db).await;
        let stay = stage.stay("mina").await;
        let answer = stage.replica.post(&praise(&stay)).await;
        let (status, location) = (answer.status.as_u16(), answer.headers["location"].to_str().unwrap().to_owned());
        let posted = answer.expect(201);
        let id = posted["id"].as_str().unwrap();
        assert_eq!((status, location), (201, format!("/reviews/{id}")));
        let expected = with(praise(&stay), json!({
            "id": id, "version": 1, "status": "posted", "offering_name": "Loft", "business": "bearbnb",
            "posted_at": posted["posted_at"],
        }));
        assert_eq!(posted, expected);
        assert_eq!(stage.other.get(&format!("/reviews/{id}")).await.expect(200), expected);

        let changed = stage.other.patch(id, &json!({ "guest_id": "mina", "rating": 2 })).await.expect(200);
        assert_eq!(changed, with(expected.clone(), json!({ "version": 2, "rating": 2 })));
        let worded = stage.replica.patch(id, &json!({ "guest_id": "mina", "text": "" })).await.expect(200);
        assert_eq!(worded, with(changed.clone(), json!({ "version": 3, "text": "" })));
        // What changes nothing is no change.
        let same = stage.replica.patch(id, &json!({ "guest_id": "mina", "rating": 2, "text": "" })).await.expect(200);
        assert_eq!(same, worded);

        for _ in 0..2 {
            assert_eq!(stage.replica.delete(id, "mina").await.expect(204), Value::Null);
        }
        stage.replica.get(&format!("/reviews/{id}")).await.refused(404, "review-not-found");
        stage.replica.patch(id, &json!({ "guest_id": "mina", "rating": 5 })).await.refused(404, "review-not-found");
        let again = stage.replica.post(&praise(&stay)).await.expect(201);
        assert_eq!((&again["id"], &again["version"], &again["rating"]), (&json!(id), &json!(5), &json!(4)));

        let events = stage.events().await;
        let told: Vec<_> = events.iter().map(|event| (event["kind"].as_str().unwrap(), event["version"].as_i64().unwrap())).collect();
        assert_eq!(told, [
            ("review.posted.v1", 1), ("review.changed.v1", 2), ("review.changed.v1", 3), ("review.removed.v1", 4),
            ("review.posted.v1", 5),
        ]);
        for event in &events {
            assert_eq!((&event["correlation"], &event["actor"]), (&json!(stay.reservation_id), &json!("mina")));
        }
        let of_event = |view: &Value| {
            let mut body = with(view.clone(), json!({ "review_id": view["id"] }));
            body.as_object_mut().unwrap().remove("id");
            body
        };
        assert_eq!(events[1]["body"], of_event(&changed));
        assert_eq!((&events[3]["body"]["status"], &events[3]["body"]["text"]), (&json!("removed"), &json!("")));
        assert_eq!(events[4]["body"], of_event(&again));
        stage.end().await;
    }

    async fn only_a_guest_of_a_booking_that_stands_reviews_it(db: Db) {
        let stage = Stage::set(&db).await;
        let stay = stage.stay("mina").await;
        let unknown = with(praise(&stay), json!({ "reservation_id": Uuid::now_v7() }));
        stage.replica.post(&unknown).await.refused(404, "reservation-not-found");
        for wrong in [json!({ "guest_id": "jun" }), json!({ "offering_id": Uuid::now_v7() })] {
            stage.replica.post(&with(praise(&stay), wrong)).await.refused(403, "not-a-guest");
        }
        for (status, purpose, allowed) in [
            ("held", None, false), ("confirmed", None, true), ("checked_in", None, true), ("completed", None, true),
            ("cancelled", None, false), ("rejected", None, false), ("expired", None, false), ("no_show", None, false),
            ("confirmed", Some("block"), false),
        ] {
            let told = ReservationV1 { status: status.into(), purpose: purpose.map(str::to_owned), ..reservation() };
            stage.tell(ReservationEvent::State(told.clone())).await;
            stage.heard().await;
            let answer = stage.replica.post(&praise(&told)).await;
            if allowed { answer.expect(201) } else { answer.refused(403, "not-a-guest") };
        }
        let review = stage.replica.post(&praise(&stay)).await.expect(201);
        let id = review["id"].as_str().unwrap();
        let twice = stage.other.post(&praise(&stay)).await.refused(409, "already-reviewed");
        assert_eq!(twice["review_id"], json!(id));
        stage.replica.patch(id, &json!({ "guest_id": "jun", "rating": 1 })).await.refused(403, "not-a-guest");
        stage.replica.delete(id, "jun").await.refused(403, "not-a-guest");
        assert_eq!(stage.replica.get(&format!("/reviews/{id}")).await.expect(200), review);
        let nowhere = Uuid::now_v7().to_string();
        stage.replica.patch(&nowhere, &json!({ "guest_id": "mina" })).await.refused(404, "review-not-found");
        stage.replica.delete(&nowhere, "mina").await.refused(404, "review-not-found");
        stage.end().await;
    }

    async fn hostile_words_come_back_as_they_were_written(db: Db) {
        let stage = Stage::set(&db).await;
        let longest = "🙂".repeat(4_000);
        for text in [
            "", " ", "%_!\\'\"; DROP TABLE review; --", "line\r\nbreak\ttab", "<script>alert(1)</script>",
            "\u{202e}right to left\u{200b}", "e\u{301} ≠ é", "한옥\u{1f}{offering}", "\u{1}\u{7f}", &longest,
        ] {
            let stay = stage.stay("mina").await;
            let posted = stage.replica.post(&with(praise(&stay), json!({ "text": text }))).await.expect(201);
            let read = stage.other.get(&format!("/reviews/{}", posted["id"].as_str().unwrap())).await.expect(200);
            assert_eq!(read["text"], json!(text));
            assert_eq!(stage.events().await.last().unwrap()["body"]["text"], json!(text));
        }
        stage.end().await;
    }

    async fn what_cannot_be_a_review_changes_nothing(db: Db) {
        let stage = Stage::set(&db).await;
        let stay = stage.stay("mina").await;
        for (fields, status, slug) in [
            (json!({ "rating": 0 }), 422, "invalid-rating"),
            (json!({ "rating": 6 }), 422, "invalid-rating"),
            (json!({ "rating": 4.5 }), 400, "invalid-body"),
            (json!({ "rating": "4" }), 400, "invalid-body"),
            (json!({ "text": "x".repeat(4_001) }), 422, "invalid-text"),
            (json!({ "text": "x".repeat(70_000) }), 413, "body-too-large"),
            (json!({ "text": "a\u{0}b" }), 400, "invalid-body"),
            (json!({ "text": null }), 400, "invalid-body"),
            (json!({ "guest_id": "" }), 422, "invalid-guest"),
            (json!({ "reservation_id": "seven" }), 400, "invalid-body"),
            (json!({ "stars": 5 }), 400, "invalid-body"),
        ] {
            stage.replica.post(&with(praise(&stay), fields)).await.refused(status, slug);
        }
        let id = stage.replica.post(&praise(&stay)).await.expect(201)["id"].as_str().unwrap().to_owned();
        for (body, status, slug) in [
            (json!({ "rating": 3 }), 400, "invalid-body"),
            (json!({ "guest_id": "mina", "rating": 9 }), 422, "invalid-rating"),
            (json!({ "guest_id": "mina", "rating": null }), 400, "invalid-body"),
            (json!({ "guest_id": "mina", "offering_id": stay.offering_id }), 400, "invalid-body"),
        ] {
            stage.replica.patch(&id, &body).await.refused(status, slug);
        }
        stage.replica.delete(&id, "").await.refused(422, "invalid-guest");
        stage.replica.get("/reviews/seven").await.refused(400, "invalid-path");
        assert_eq!(stage.events().await.len(), 1);
        stage.end().await;
    }
}
