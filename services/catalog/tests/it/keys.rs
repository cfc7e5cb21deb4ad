//! Idempotency keys: one key, one offering, one answer.

use crate::fixture::{Stage, room, with};
use serde_json::json;

testing::on_every_backend! {
    async fn a_key_gives_one_offering_and_one_answer(db: Db) {
        let stage = Stage::set(&db).await;
        let first = stage.replica.post_with_key(&room(), "k").await;
        assert_eq!(first.status, 201);
        assert_eq!(stage.other.post_with_key(&room(), "k").await, first);
        // The answer stands as it was given, whatever has become of the offering.
        let id = first.body["id"].as_str().unwrap();
        stage.replica.patch(id, "\"1\"", &json!({ "units": 9 })).await.expect(200);
        assert_eq!(stage.replica.post_with_key(&room(), "k").await, first);
        let other = with(room(), json!({ "units": 4 }));
        stage.replica.post_with_key(&other, "k").await.refused(422, "idempotency-key-reused");
        // Another business's key of the same text is another key.
        let neighbour = with(room(), json!({ "business": "hillside" }));
        stage.replica.post_with_key(&neighbour, "k").await.expect(201);
        assert_eq!(stage.events().await.len(), 3);
        stage.end().await;
    }

    async fn repeats_at_once_are_told_the_first_ones_answer(db: Db) {
        let stage = Stage::set(&db).await;
        let mut hosts = tokio::task::JoinSet::new();
        for n in 0..20 {
            let replica = if n % 2 == 0 { stage.replica.clone() } else { stage.other.clone() };
            hosts.spawn(async move { replica.post_with_key(&room(), "k").await });
        }
        let answers = hosts.join_all().await;
        assert_eq!(answers[0].status, 201);
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
        assert_eq!(stage.events().await.len(), 1);
        stage.end().await;
    }

    async fn a_refusal_keeps_no_key(db: Db) {
        let stage = Stage::set(&db).await;
        let closed = with(room(), json!({ "units": 0 }));
        for _ in 0..2 {
            stage.replica.post_with_key(&closed, "k").await.refused(422, "invalid-units");
        }
        stage.replica.post_with_key(&room(), "k").await.expect(201);
        for key in ["", "two words", &"k".repeat(256)] {
            stage.replica.post_with_key(&room(), key).await.refused(400, "invalid-idempotency-key");
        }
        assert_eq!(stage.events().await.len(), 1);
        stage.end().await;
    }
}
