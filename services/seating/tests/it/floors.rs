//! Claims and leaves, one at a time: every answer of the API, asked twice.

use crate::fixture::{Replica, Stage};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

fn slug(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["type"].as_str().unwrap_or_default())
}

testing::on_every_backend! {
    async fn a_party_claims_its_seats_once_and_leaves_once(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(6).await.offering_id;
        let ticket = Uuid::now_v7();
        let (status, seated) = stage.replica.claim(offering, ticket, 4).await;
        let expected = json!({
            "ticket_id": ticket, "offering_id": offering, "status": "seated",
            "party_size": 4, "free": 2, "floor_version": 2,
        });
        assert_eq!((status, &seated), (StatusCode::CREATED, &expected));
        assert_eq!(stage.replica.claim(offering, ticket, 4).await, (StatusCode::OK, expected));

        let (status, floor) = stage.replica.floor(offering).await;
        assert_eq!(status, StatusCode::OK);
        let parties = floor["parties"].as_array().unwrap();
        assert_eq!((parties.len(), &parties[0]["ticket_id"], &parties[0]["party_size"]), (1, &json!(ticket), &json!(4)));
        assert!(parties[0]["since"].as_str().unwrap().ends_with('Z'));
        let seats = ["units", "free", "taken", "version", "status"].map(|member| floor[member].clone());
        assert_eq!(seats, [json!(6), json!(2), json!(4), json!(2), json!("open")]);

        let (status, left) = stage.replica.leave(offering, ticket).await;
        assert_eq!((status, &left["status"], &left["free"]), (StatusCode::OK, &json!("left"), &json!(6)));
        assert_eq!(stage.replica.leave(offering, ticket).await, (StatusCode::OK, left));
        let again = stage.replica.claim(offering, ticket, 4).await;
        assert_eq!(slug(&again), (409, "/problems/party-ended"));
        assert_eq!(stage.replica.floor(offering).await.1["parties"], json!([]));
        assert_eq!(stage.replica.told(ticket).await, ["seating.party-seated.v1", "seating.seats-freed.v1"]);
        stage.replica.end().await;
    }

    async fn every_refusal_has_its_name_and_changes_nothing(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(6).await.offering_id;
        let (seated, other) = (Uuid::now_v7(), Uuid::now_v7());
        stage.replica.claim(offering, seated, 4).await;
        let before = stage.replica.floor(offering).await;
        let full = stage.replica.claim(offering, other, 3).await;
        assert_eq!(slug(&full), (409, "/problems/no-room"));
        assert_eq!((&full.1["free"], &full.1["floor_version"]), (&json!(2), &json!(2)));
        for (answer, expected) in [
            (stage.replica.claim(offering, seated, 3).await, (409, "/problems/party-mismatch")),
            (stage.replica.claim(Uuid::now_v7(), other, 3).await, (404, "/problems/floor-not-found")),
            (stage.replica.claim(offering, other, 7).await, (409, "/problems/no-room")),
            (stage.replica.claim(offering, other, 0).await, (422, "/problems/invalid-party-size")),
            (stage.replica.numbered(offering, other, (1, 0)).await, (422, "/problems/invalid-claim")),
            (stage.replica.put(offering, other, json!({ "party_size": 1 })).await, (400, "/problems/invalid-body")),
            (stage.replica.put(offering, other, json!({ "party_size": 1, "claim": 9, "table": 3 })).await, (400, "/problems/invalid-body")),
            (stage.replica.put(offering, other, json!({})).await, (400, "/problems/invalid-body")),
            (stage.replica.leave(offering, other).await, (404, "/problems/party-not-found")),
            (stage.replica.leave(Uuid::now_v7(), seated).await, (404, "/problems/party-not-found")),
            (stage.replica.floor(other).await, (404, "/problems/floor-not-found")),
        ] {
            assert_eq!(slug(&answer), expected, "{answer:?}");
        }
        assert_eq!(stage.replica.floor(offering).await, before);
        assert!(stage.replica.told(other).await.is_empty());
    }

    async fn a_claim_that_comes_after_a_newer_one_was_decided_seats_nobody(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(6).await.offering_id;
        let (seated, late) = (Uuid::now_v7(), Uuid::now_v7());
        assert_eq!(stage.replica.numbered(offering, seated, (4, 5)).await.0, StatusCode::CREATED);
        assert_eq!(slug(&stage.replica.numbered(offering, late, (3, 6)).await), (409, "/problems/no-room"));
        stage.replica.leave(offering, seated).await;
        // Another replica knows as well what was decided.
        let other = Replica::start(&db, &stage.nats, 0).await;
        for claim in [4, 5, 6] {
            let refused = other.numbered(offering, late, (3, claim)).await;
            assert_eq!(slug(&refused), (409, "/problems/claim-superseded"), "{claim}");
        }
        assert_eq!(other.floor(offering).await.1["taken"], 0);
        assert!(other.told(late).await.is_empty());
        assert_eq!(other.numbered(offering, late, (3, 8)).await.0, StatusCode::CREATED);
        assert_eq!(other.numbered(offering, late, (3, 7)).await.0, StatusCode::OK, "what it was told stands");
    }

    async fn rule30_the_entry_seats_nobody(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(6).await.offering_id;
        let path = format!("/floors/{offering}/parties/{}", Uuid::now_v7());
        assert_eq!(stage.replica.public("PUT", &path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(stage.replica.floor(offering).await.1["taken"], 0);
    }

    async fn a_full_house_is_read_page_by_page(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(7).await.offering_id;
        let mut seated = Vec::new();
        for _ in 0..7 {
            let ticket = Uuid::now_v7();
            stage.replica.claim(offering, ticket, 1).await;
            seated.push(json!(ticket));
        }
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        for expected in [3, 3, 1] {
            let (_, page) = stage.replica.public("GET", &format!("/floors/{offering}?limit=3&cursor={cursor}")).await;
            let parties = page["parties"].as_array().unwrap();
            assert_eq!(parties.len(), expected);
            listed.extend(parties.iter().map(|party| party["ticket_id"].clone()));
            cursor = page["next_cursor"].as_str().unwrap_or_default().to_owned();
        }
        assert_eq!((listed, cursor.as_str()), (seated, ""));
        for (query, status) in [("limit=0", 422), ("limit=201", 422), ("limit=x", 400), ("cursor=x", 400), ("page=1", 400)] {
            let answer = stage.replica.public("GET", &format!("/floors/{offering}?{query}")).await;
            assert_eq!(answer.0.as_u16(), status, "{query}");
        }
    }
}
