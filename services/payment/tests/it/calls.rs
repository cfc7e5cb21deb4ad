//! Money asked for by call: every answer, asked twice, and what the provider saw.

use crate::fixture::{Stage, TOTAL, changed, held, wish};
use axum::http::StatusCode;
use contract::reservation::ReservationEvent;
use futures_util::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

testing::on_every_backend! {
    async fn money_is_taken_once_however_often_it_is_asked_for(db: Db) {
        let stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        let (status, body) = stage.replica.capture(id, "card-ok").await;
        assert_eq!((status, &body["status"]), (StatusCode::CREATED, &json!("captured")), "{body}");
        assert_eq!((&body["captured"], &body["version"]), (&json!(TOTAL), &json!(1)));
        assert!(body["captured_at"].is_string() && body["payment_id"].is_string(), "{body}");
        assert_eq!(stage.replica.capture(id, "card-ok").await, (StatusCode::CREATED, body.clone()));
        assert_eq!(stage.replica.payment(id).await, Some(body));
        assert_eq!(stage.ledger(id), ["capture captured"]);
        assert_eq!(stage.replica.told(id).await, ["payment.captured.v1"]);
        stage.replica.end().await;
    }

    async fn rule07_requests_at_once_wait_for_one_outcome(db: Db) {
        let stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        let answers = join_all((0..16).map(|_| stage.replica.capture(id, "card-ok"))).await;
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
        assert_eq!(answers[0].0, StatusCode::CREATED);
        assert_eq!(stage.ledger(id), ["capture captured"]);
    }

    async fn a_declined_card_is_told_as_such(db: Db) {
        let stage = Stage::set(&db).await;
        for (method, reason) in [("card-declined", "card-declined"), ("shells", "unknown-method")] {
            let id = Uuid::now_v7();
            for _ in 0..2 {
                let (status, body) = stage.replica.capture(id, method).await;
                assert_eq!((status, &body["type"], &body["reason"]),
                    (StatusCode::PAYMENT_REQUIRED, &json!("/problems/payment-declined"), &json!(reason)));
            }
            assert_eq!(stage.ledger(id), ["capture declined"]);
            assert_eq!(stage.replica.told(id).await, ["payment.declined.v1"]);
        }
    }

    async fn rule30_another_amount_is_a_mismatch_and_the_entry_takes_no_payment(db: Db) {
        let stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        stage.replica.capture(id, "card-ok").await;
        let mut dearer = wish(id, "card-ok");
        dearer["amount"]["amount"] = json!(TOTAL + 1);
        let mut foreign = wish(id, "card-ok");
        foreign["amount"]["currency"] = json!("EUR");
        for body in [dearer, foreign] {
            let (status, refused) = stage.replica.post(body).await;
            assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/payment-mismatch")));
        }
        let (status, _) = stage.replica.public("POST", "/payments").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(stage.ledger(id), ["capture captured"]);
    }

    async fn a_request_that_does_not_read_is_refused(db: Db) {
        let stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        let mut unknown = wish(id, "card-ok");
        unknown["tip"] = json!(1);
        assert_eq!(stage.replica.post(unknown).await.0, StatusCode::BAD_REQUEST);
        for (field, value) in [("amount", json!(-1)), ("amount", json!(0)), ("currency", json!("won"))] {
            let mut body = wish(id, "card-ok");
            body["amount"][field] = value;
            let (status, refused) = stage.replica.post(body).await;
            assert_eq!((status, &refused["type"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/invalid-amount")));
        }
        assert_eq!(stage.replica.payment(id).await, None);
    }

    async fn an_ended_claim_is_never_charged(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_call", "card-ok");
        let id = held.reservation_id;
        stage.tell_and_wait(ReservationEvent::Rejected(changed(&held, 2, "rejected", Some(0)))).await;
        assert_eq!(stage.replica.payment(id).await, None, "nobody asked for it");
        let (status, body) = stage.replica.capture(id, "card-ok").await;
        assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/payment-voided")));
        assert!(stage.ledger(id).is_empty() && stage.replica.told(id).await.is_empty());
    }

    async fn a_failing_provider_is_told_fast_and_leaves_no_charge(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_call", "card-error");
        let id = held.reservation_id;
        let asked = Instant::now();
        let (status, body) = stage.replica.capture(id, "card-error").await;
        assert_eq!((status, &body["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/unavailable")));
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        stage.tell(ReservationEvent::Rejected(changed(&held, 2, "rejected", Some(0)))).await;
        stage.replica.reaches(id, "voided").await;
        assert_eq!(stage.replica.told(id).await, ["payment.voided.v1"]);
        assert_eq!(stage.balance(id), 0);
    }

    async fn rule09_a_lost_answer_is_found_before_another_capture_is_sent(db: Db) {
        let stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        let (status, _) = stage.replica.capture(id, "card-unknown").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        stage.replica.reaches(id, "captured").await;
        assert_eq!(stage.ledger(id), ["capture captured", "find found"]);
        let (status, _) = stage.replica.capture(id, "card-unknown").await;
        assert_eq!(status, StatusCode::CREATED);
    }

    async fn rule10_a_rejection_while_the_call_is_out_gives_the_money_back(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_call", "card-slow");
        let id = held.reservation_id;
        // The caller gives up long before the provider answers, and reservation rejects.
        let impatient = tokio::time::timeout(Duration::from_millis(250), stage.replica.capture(id, "card-slow"));
        assert!(impatient.await.is_err());
        stage.tell_and_wait(ReservationEvent::Rejected(changed(&held, 2, "rejected", Some(0)))).await;
        let refunded = stage.replica.reaches(id, "refunded").await;
        assert_eq!((&refunded["captured"], &refunded["refunded"]), (&json!(TOTAL), &json!(TOTAL)));
        assert_eq!(stage.ledger(id), ["capture captured", "refund refunded"]);
        assert_eq!(stage.replica.told(id).await, ["payment.captured.v1", "payment.refunded.v1"]);
        assert_eq!(stage.balance(id), 0);
    }

    async fn rule10_what_a_slow_provider_takes_after_everybody_gave_up_goes_back(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_call", "card-late");
        let id = held.reservation_id;
        let impatient = tokio::time::timeout(Duration::from_millis(250), stage.replica.capture(id, "card-late"));
        assert!(impatient.await.is_err());
        stage.tell_and_wait(ReservationEvent::Rejected(changed(&held, 2, "rejected", Some(0)))).await;
        // Its call is given up after nine seconds, and the provider does not find it a second later.
        stage.replica.reaches_in(id, "refunded", Duration::from_secs(60)).await;
        let ledger = stage.ledger(id);
        assert_eq!(ledger.first().map(String::as_str), Some("find not_found"), "{ledger:?}");
        assert_eq!(ledger.iter().filter(|line| *line == "capture captured").count(), 1, "{ledger:?}");
        assert_eq!(stage.replica.told(id).await, ["payment.captured.v1", "payment.refunded.v1"]);
        assert_eq!(stage.balance(id), 0);
    }
}
