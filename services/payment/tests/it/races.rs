//! Two replicas on one database and one provider, and replicas that die: nobody pays twice.

use crate::fixture::{Replica, Stage, TOTAL, changed, held};
use axum::http::StatusCode;
use contract::reservation::ReservationEvent;
use futures_util::future::join_all;
use std::time::Duration;
use testing::{Backend, database};
use uuid::Uuid;

fn pair(test: impl AsyncFn(&Stage, &Replica)) {
    for server in [Backend::Postgres, Backend::MariaDb] {
        testing::run_on(server, async |db| {
            let stage = Stage::set(&db).await;
            let other = stage.another(&db).await;
            test(&stage, &other).await;
        });
    }
}

#[test]
fn rule07_calls_at_two_replicas_and_the_event_make_one_capture() {
    pair(async |stage, other| {
        for _ in 0..20 {
            let held = held("by_event", "card-ok");
            let id = held.reservation_id;
            let asked = (0..8).map(|index| {
                let replica = if index % 2 == 0 { &stage.replica } else { other };
                replica.capture(id, "card-ok")
            });
            let (answers, ()) = tokio::join!(join_all(asked), stage.tell(ReservationEvent::Held(held)));
            assert!(answers.iter().all(|(status, _)| *status == StatusCode::CREATED), "{answers:?}");
            assert_eq!(stage.ledger(id), ["capture captured"]);
            assert_eq!(other.told(id).await, ["payment.captured.v1"]);
        }
    });
}

#[test]
fn rule11_a_cancel_that_races_the_call_leaves_no_money_behind() {
    pair(async |stage, other| {
        let mut cases = Vec::new();
        for index in 0..30 {
            let held = held("by_call", "card-ok");
            let id = held.reservation_id;
            let replica = if index % 2 == 0 { &stage.replica } else { other };
            let cancelled = ReservationEvent::Cancelled(changed(&held, 2, "cancelled", Some(0)));
            let ((status, _), ()) = tokio::join!(replica.capture(id, "card-ok"), stage.tell(cancelled));
            cases.push((id, status));
        }
        for (id, status) in cases {
            // Refused before anything was charged, or charged and given back.
            if status == StatusCode::CONFLICT && stage.replica.payment(id).await.is_none() {
                assert!(stage.ledger(id).is_empty());
            } else {
                stage.replica.reaches(id, "refunded").await;
            }
            assert_eq!(stage.balance(id), 0);
        }
    });
}

#[test]
fn rule09_a_call_whose_process_ended_is_taken_up_when_its_lease_is_over() {
    testing::run(async {
        let db = database(Backend::Sqlite).await;
        let mut stage = Stage::set(&db).await;
        let id = Uuid::now_v7();
        let impatient = tokio::time::timeout(Duration::from_millis(250), stage.replica.capture(id, "card-slow"));
        assert!(impatient.await.is_err());
        let next = stage.another(&db).await;
        std::mem::replace(&mut stage.replica, next).end().await;
        // The lease is 30 s; the first process's call may have arrived, but its outcome was not stored.
        let captured = stage.replica.reaches_in(id, "captured", Duration::from_secs(60)).await;
        assert_eq!(captured["captured"], TOTAL);
        assert_eq!(stage.balance(id), TOTAL);
        assert!(stage.ledger(id).contains(&"find found".to_owned()), "{:?}", stage.ledger(id));
    });
}
