//! One key, one review; one reservation, one review.

use crate::fixture::{Stage, praise, with};
use serde_json::json;

testing::on_every_backend! {
    async fn a_key_gives_one_review_and_one_answer(db: Db) {
        let stage = Stage::set(&db).await;
        let stay = stage.stay("mina").await;
        stage.replica.post_with_key(&with(praise(&stay), json!({ "rating": 9 })), "k").await.refused(422, "invalid-rating");
        let first = stage.replica.post_with_key(&praise(&stay), "k").await;
        assert_eq!(first.status, 201);
        assert_eq!(stage.other.post_with_key(&praise(&stay), "k").await, first);
        let id = first.body["id"].as_str().unwrap();
        stage.replica.delete(id, "mina").await.expect(204);
        // The answer stands as it was given; to speak again takes another key.
        assert_eq!(stage.replica.post_with_key(&praise(&stay), "k").await, first);
        stage.replica.get(&format!("/reviews/{id}")).await.refused(404, "review-not-found");
        let other = with(praise(&stay), json!({ "rating": 1 }));
        stage.replica.post_with_key(&other, "k").await.refused(422, "idempotency-key-reused");
        assert_eq!(stage.events().await.len(), 2);
        stage.end().await;
    }

    async fn of_many_posts_at_once_one_stands(db: Db) {
        let stage = Stage::set(&db).await;
        for round in 0..5 {
            let stay = stage.stay("mina").await;
            let mut guests = tokio::task::JoinSet::new();
            for n in 0..20 {
                let replica = if n % 2 == 0 { stage.replica.clone() } else { stage.other.clone() };
                let body = praise(&stay);
                guests.spawn(async move { replica.post(&body).await.status.as_u16() });
            }
            let mut statuses = guests.join_all().await;
            statuses.sort_unstable();
            assert_eq!(statuses, [vec![201], vec![409; 19]].concat());
            assert_eq!(stage.events().await.len(), round + 1);
        }
        stage.end().await;
    }
}
