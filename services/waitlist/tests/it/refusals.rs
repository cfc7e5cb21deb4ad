//! What is refused, and what a repeat is told.

use crate::fixture::{Stage, noodles, wish};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

testing::on_every_backend! {
    async fn a_key_gives_one_ticket_and_one_answer(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let first = stage.replica.join(wish(line, "mina", 2), "k").await;
        assert_eq!(first.0, StatusCode::CREATED);
        assert_eq!(stage.replica.join(wish(line, "mina", 2), "k").await, first);
        let (status, refused) = stage.replica.join(wish(line, "mina", 3), "k").await;
        assert_eq!((status, &refused["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/idempotency-key-reused")));
        // Another guest's key of the same text is another key.
        assert_eq!(stage.replica.join(wish(line, "jun", 2), "k").await.1["number"], json!(2));
    }

    async fn a_key_defers_once_and_another_one_again(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, line) = (&stage.replica, stage.open(noodles(4)).await);
        // The first party's seats are being asked for while seating is silent.
        replica.number(line, "first", 2).await;
        let (mina, _) = replica.number(line, "mina", 2).await;
        let refused = replica.defer(&mina, "k").await;
        assert_eq!((refused.0, &refused.1["type"]), (StatusCode::CONFLICT, &json!("/problems/nobody-behind")));
        let (jun, _) = replica.number(line, "jun", 2).await;
        replica.number(line, "sora", 2).await;
        // What was refused kept no key.
        let first = replica.defer(&mina, "k").await;
        assert_eq!((first.0, &first.1["deferrals"], &first.1["ahead"]), (StatusCode::OK, &json!(1), &json!(2)));
        assert_eq!(replica.defer(&mina, "k").await, first);
        let standing = replica.get(&format!("/tickets/{mina}")).await;
        assert_eq!((&standing.1["deferrals"], &standing.1["version"]), (&json!(1), &first.1["version"]));
        // Of another ticket it is another key.
        let of_jun = replica.defer(&jun, "k").await;
        assert_eq!((of_jun.0, &of_jun.1["deferrals"], &of_jun.1["ahead"]), (StatusCode::OK, &json!(1), &json!(2)));
        assert_eq!(replica.defer(&mina, "m").await.1["deferrals"], json!(2));
        assert_eq!(replica.defer(&mina, "k").await, first, "a key keeps its answer");
        assert_eq!(replica.defer(&mina, "").await.0, StatusCode::BAD_REQUEST);
        let deferred = replica.events(&mina).await.into_iter().filter(|kind| kind == "waitlist.deferred.v1");
        assert_eq!(deferred.count(), 2);
    }

    async fn who_cannot_join_is_told_why_and_keeps_no_key(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let with = |field: &str, value: Value| {
            let mut wish = wish(line, "mina", 2);
            wish[field] = value;
            wish
        };
        for (wish, status, slug) in [
            (with("party_size", json!(5)), 422, "party-too-large"),
            (with("party_size", json!(0)), 422, "invalid-party-size"),
            (with("party_size", json!("two")), 400, "invalid-body"),
            (with("table", json!(1)), 400, "invalid-body"),
            (with("guest_id", json!(" ")), 422, "invalid-guest"),
            (with("language", json!("fr")), 422, "invalid-language"),
            (with("offering_id", json!(Uuid::now_v7())), 404, "offering-not-found"),
        ] {
            let (code, body) = stage.replica.join(wish, "k").await;
            assert_eq!((code.as_u16(), &body["type"]), (status, &json!(format!("/problems/{slug}"))), "{body}");
        }
        assert_eq!(stage.replica.join(wish(line, "mina", 4), "k").await.0, StatusCode::CREATED);
        let unknown = Uuid::now_v7();
        for (path, slug) in [("tickets", "ticket-not-found"), ("lines", "offering-not-found")] {
            let (code, body) = stage.replica.get(&format!("/{path}/{unknown}")).await;
            assert_eq!((code, &body["type"]), (StatusCode::NOT_FOUND, &json!(format!("/problems/{slug}"))));
        }
    }

    async fn cancelling_twice_is_once_and_what_is_over_stays_over(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let (mina, _) = stage.replica.number(line, "mina", 2).await;
        let cancelled = stage.replica.change(&mina, "cancel").await;
        assert_eq!(cancelled["status"], json!("cancelled"));
        assert_eq!(stage.replica.change(&mina, "cancel").await, cancelled);
        for verb in ["defer", "seat"] {
            let (status, refused) = stage.replica.post(&format!("/tickets/{mina}/{verb}"), json!({})).await;
            assert_eq!((status, &refused["type"], &refused["ticket_status"]),
                (StatusCode::CONFLICT, &json!("/problems/wrong-state"), &json!("cancelled")));
        }
        // Its seats were being asked for; now those of the next party are.
        let (jun, number) = stage.replica.number(line, "jun", 2).await;
        assert_eq!(number, 2);
        stage.seated(line, &jun, 2, 1).await;
        stage.replica.reaches(&jun, "called").await;
        assert_eq!(stage.replica.events(&mina).await.len(), 3);
    }
}
