//! Who may do what here: every endpoint, asked by everybody.

use crate::fixture::Stage;
use axum::http::StatusCode;
use serde_json::json;
use testing::{ask_as, cast, cell};
use uuid::Uuid;

testing::on_every_backend! {
    async fn a_floor_is_seen_and_cleared_by_its_hosts_and_operators(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, store) = (&stage.replica, stage.store(100).await);
        let floor = format!("/floors/{}", store.offering_id);
        for (caller, expected) in cast("mina", &store.business).iter().zip("annyoyn".chars()) {
            let (ticket, good) = (Uuid::now_v7(), expected == 'y');
            replica.claim(store.offering_id, ticket, 2).await;
            let answer = ask_as(&replica.bare.0, caller, ("GET", &floor), None).await;
            assert_eq!((cell(&answer), answer.0 == StatusCode::OK), (expected, good), "{caller:?}: {answer:?}");
            let leave = format!("{floor}/parties/{ticket}/leave");
            let answer = ask_as(&replica.bare.0, caller, ("POST", &leave), None).await;
            assert_eq!((cell(&answer), answer.0 == StatusCode::OK), (expected, good), "{caller:?}: {answer:?}");
            assert_eq!(replica.told(ticket).await.len(), 1 + usize::from(good), "{caller:?}");
        }
        stage.replica.end().await;
    }

    async fn only_services_claim_seats(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, store) = (&stage.replica, stage.store(100).await);
        for (caller, expected) in cast("mina", &store.business).iter().zip("annnnny".chars()) {
            let (ticket, good) = (Uuid::now_v7(), expected == 'y');
            let path = format!("/floors/{}/parties/{ticket}", store.offering_id);
            let wish = json!({ "party_size": 2, "claim": 1_000 });
            let answer = ask_as(&replica.bare.1, caller, ("PUT", &path), Some(&wish)).await;
            assert_eq!((cell(&answer), answer.0 == StatusCode::CREATED), (expected, good), "{caller:?}: {answer:?}");
            assert_eq!(replica.told(ticket).await.len(), usize::from(good), "{caller:?}");
        }
        stage.replica.end().await;
    }
}
