//! Whom the service lets write: a guest its own reviews, an operator all of them.

use crate::fixture::{Stage, praise, with};
use axum::http::Method;
use runtime::auth::{Caller, Role};
use serde_json::json;
use testing::cast;

testing::on_each_backend! {
    async fn r17_a_guest_writes_its_own_reviews_and_nobody_elses(db: Db) {
        let stage = Stage::set(&db).await;
        let body = praise(&stage.stay("mina").await);
        let by = |name: &str, role| stage.replica.by(Caller::known(name, &[role], &["bearbnb"]));
        let (mina, jun) = (by("mina", Role::Guest), by("jun", Role::Guest));
        let nobody = stage.replica.by(Caller::Anonymous);
        jun.post_with_key(&body, "k").await.refused(403, "not-yours");
        by("mina", Role::Host).post(&body).await.refused(403, "not-allowed");
        by("mina", Role::Service).post(&body).await.refused(403, "not-allowed");
        nobody.post(&body).await.refused(401, "unauthenticated");
        stage.replica.unguarded().post(&body).await.refused(401, "unauthenticated");
        assert!(stage.events().await.is_empty());
        let posted = mina.post_with_key(&body, "k").await.expect(201);
        let id = posted["id"].as_str().unwrap();
        jun.patch(id, &json!({ "guest_id": "mina", "rating": 1 })).await.refused(403, "not-yours");
        jun.patch(id, &json!({ "guest_id": "jun", "rating": 1 })).await.refused(403, "not-a-guest");
        jun.delete(id, "mina").await.refused(403, "not-yours");
        nobody.delete(id, "mina").await.refused(401, "unauthenticated");
        let path = format!("/reviews/{id}");
        let changed = mina.patch(id, &json!({ "guest_id": "mina", "rating": 1 })).await.expect(200);
        assert_eq!(changed, with(posted.clone(), json!({ "rating": 1, "version": 2 })));
        let removal = format!("{path}?guest_id=mina");
        let operator = by("op", Role::Operator);
        assert_eq!(operator.ask(Method::DELETE, &removal, &[], &json!(null)).await.status, 204);
        let actors: Vec<_> = stage.events().await.iter().map(|event| event["actor"].clone()).collect();
        assert_eq!(actors, ["mina", "mina", "op"]);
        stage.end().await;
    }

    async fn r17_who_wrote_a_review_is_known_to_the_author_its_host_and_operators(db: Db) {
        let stage = Stage::set(&db).await;
        let posted = stage.replica.post(&praise(&stage.stay("mina").await)).await.expect(201);
        let mut public = posted.clone();
        for own in ["guest_id", "reservation_id"] {
            assert!(public.as_object_mut().unwrap().remove(own).is_some(), "{own}");
        }
        let id = posted["id"].as_str().unwrap();
        let offering = posted["offering_id"].as_str().unwrap();
        for (caller, knows) in cast("mina", "bearbnb").into_iter().zip([false, true, false, true, false, true, false]) {
            let expected = if knows { &posted } else { &public };
            let replica = stage.replica.by(caller.clone());
            assert_eq!(replica.get(&format!("/reviews/{id}")).await.expect(200), *expected, "{caller:?}");
            let listed = replica.get(&format!("/reviews?offering_id={offering}")).await.expect(200);
            assert_eq!(listed["reviews"], json!([expected]), "{caller:?}");
        }
        stage.end().await;
    }
}
