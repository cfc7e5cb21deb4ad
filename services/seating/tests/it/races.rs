//! Two replicas on one database: no seat is taken twice, whoever is faster and whatever their clocks say.

use crate::fixture::{Replica, Stage, ended};
use axum::http::StatusCode;
use contract::waitlist::WaitlistEvent;
use futures_util::future::join_all;
use testing::Backend;
use uuid::Uuid;

/// Stores raced for, one after the other.
const ROUNDS: usize = 20;

fn pair(test: impl AsyncFn(&Stage, &Replica)) {
    for server in [Backend::Postgres, Backend::MariaDb] {
        testing::run_on(server, async |db| {
            let stage = Stage::set(&db).await;
            let other = Replica::start(&db, &stage.nats, 10).await;
            test(&stage, &other).await;
        });
    }
}

#[test]
fn rule01_two_replicas_race_for_the_last_seats() {
    pair(async |stage, other| {
        for _ in 0..ROUNDS {
            let offering = stage.store(5).await.offering_id;
            let asked = (1..=12).map(|claim| {
                let replica = if claim % 2 == 0 { &stage.replica } else { other };
                replica.numbered(offering, Uuid::now_v7(), (2, claim))
            });
            let answers = join_all(asked).await;
            let (seated, refused): (Vec<_>, Vec<_>) =
                answers.iter().partition(|(status, _)| *status == StatusCode::CREATED);
            assert!((1..=2).contains(&seated.len()), "{answers:?}");
            let reasons = ["/problems/no-room", "/problems/claim-superseded"];
            assert!(
                refused.iter().all(|(_, body)| reasons.iter().any(|reason| body["type"] == *reason)),
                "{answers:?}"
            );
            assert_ne!(answers[11].1["type"], reasons[1], "nothing is newer");
            assert_eq!(stage.replica.floor(offering).await.1["taken"], 2 * seated.len());
        }
    });
}

#[test]
fn two_replicas_race_for_one_ticket() {
    pair(async |stage, other| {
        for _ in 0..ROUNDS {
            let offering = stage.store(5).await.offering_id;
            let ticket = Uuid::now_v7();
            let asked = (0..6).map(|index| {
                let replica = if index % 2 == 0 { &stage.replica } else { other };
                replica.claim(offering, ticket, 2)
            });
            let mut statuses: Vec<u16> = join_all(asked).await.iter().map(|(status, _)| status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
            assert_eq!(stage.replica.floor(offering).await.1["free"], 3);
            assert_eq!(stage.replica.told(ticket).await, ["seating.party-seated.v1"]);
        }
    });
}

#[test]
fn rule21_a_cancel_that_races_its_claim_leaves_no_seat_taken() {
    pair(async |stage, other| {
        let offering = stage.store(40).await.offering_id;
        let mut tickets = Vec::new();
        for index in 0..ROUNDS {
            let ticket = Uuid::now_v7();
            let replica = if index % 2 == 0 { &stage.replica } else { other };
            let cancelled = WaitlistEvent::Cancelled(ended(offering, ticket, "cancelled", 2));
            let ((status, answer), ()) =
                tokio::join!(replica.claim(offering, ticket, 2), stage.tell_ticket(cancelled, ticket));
            let ended = (status, &answer["type"]) == (StatusCode::CONFLICT, &"/problems/party-ended".into());
            assert!(status == StatusCode::CREATED || ended, "{answer}");
            tickets.push((ticket, status));
        }
        for (ticket, status) in &tickets {
            let state = if *status == StatusCode::CREATED { "released" } else { "barred" };
            stage.replica.has_party(*ticket, state).await;
        }
        assert_eq!(stage.replica.floor(offering).await.1["taken"], 0);
    });
}
