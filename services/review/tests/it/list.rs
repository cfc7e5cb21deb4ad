//! An offering's reviews: newest first, page by page, with what all of them come to.

use crate::fixture::{Stage, praise, reservation, with};
use contract::reservation::{ReservationEvent, ReservationV1};
use serde_json::{Value, json};
use uuid::Uuid;

testing::on_every_backend! {
    async fn newest_first_page_by_page_while_others_post(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = Uuid::now_v7();
        let stays: Vec<ReservationV1> =
            (0..12).map(|_| ReservationV1 { offering_id: offering, ..reservation() }).collect();
        for stay in &stays {
            stage.tell(ReservationEvent::Confirmed(stay.clone())).await;
        }
        stage.heard().await;
        let path = format!("/reviews?offering_id={offering}");
        let none = stage.replica.get(&path).await.expect(200);
        assert_eq!(none, json!({ "reviews": [], "next_cursor": null, "review_count": 0, "rating_average": null }));
        let mut ids = Vec::new();
        for (stay, rating) in stays.iter().zip([1, 2, 3, 4, 5, 5, 5, 5, 5, 5]) {
            let review = stage.replica.post(&with(praise(stay), json!({ "rating": rating }))).await.expect(201);
            ids.insert(0, review["id"].as_str().unwrap().to_owned());
        }
        let elsewhere = stage.stay("jun").await;
        stage.replica.post(&praise(&elsewhere)).await.expect(201);

        let first = stage.other.get(&format!("{path}&limit=4")).await.expect(200);
        assert_eq!((&first["review_count"], &first["rating_average"]), (&json!(10), &json!(4.0)));
        // One more is posted and one of the next page is removed while somebody leafs through.
        stage.replica.post(&praise(&stays[10])).await.expect(201);
        stage.replica.delete(&ids[5], "mina").await.expect(204);
        let (mut found, mut cursor) = (listed(&first), first["next_cursor"].as_str().map(str::to_owned));
        while let Some(at) = cursor {
            let page = stage.replica.get(&format!("{path}&limit=4&cursor={at}")).await.expect(200);
            found.extend(listed(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        ids.remove(5);
        assert_eq!(found, ids);
        let all = stage.replica.get(&path).await.expect(200);
        assert_eq!((&all["review_count"], &all["rating_average"]), (&json!(10), &json!(3.9)));
        stage.end().await;
    }

    async fn a_query_that_cannot_be_is_refused(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = format!("offering_id={}", Uuid::now_v7());
        for (query, status, slug) in [
            ("".to_owned(), 400, "invalid-query"),
            ("offering_id=seven".to_owned(), 400, "invalid-query"),
            (format!("{offering}&limit=0"), 422, "invalid-limit"),
            (format!("{offering}&limit=201"), 422, "invalid-limit"),
            (format!("{offering}&cursor=7"), 400, "invalid-cursor"),
            (format!("{offering}&stars=5"), 400, "invalid-query"),
        ] {
            stage.replica.get(&format!("/reviews?{query}")).await.refused(status, slug);
        }
        stage.end().await;
    }
}

fn listed(page: &Value) -> Vec<String> {
    page["reviews"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}
