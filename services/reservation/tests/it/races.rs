//! Two replicas on one database: nothing is sold twice, whoever is faster and whatever their clocks say.

use crate::fixture::{Replica, Stage, nights, wish};
use axum::http::StatusCode;
use contract::catalog::{OfferingV1, RulesV1};
use futures_util::future::join_all;
use serde_json::json;
use testing::Backend;

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
fn rule01_two_replicas_race_for_a_bucket_that_has_no_row_yet() {
    pair(async |stage, other| {
        for round in 0..20 {
            let offering = stage.offer(nights(1)).await;
            let guests: Vec<String> = (0..8).map(|guest| format!("{round}-{guest}")).collect();
            let asked = guests.iter().enumerate().map(|(index, guest)| {
                let replica = if index % 2 == 0 { &stage.replica } else { other };
                replica.ask("/reservations", Some(wish(offering, guest)), None)
            });
            let answers = join_all(asked).await;
            let sold = answers.iter().filter(|(status, _)| *status == StatusCode::ACCEPTED).count();
            let refused = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).count();
            assert_eq!((sold, refused), (1, 7), "{answers:?}");
        }
    });
}

#[test]
fn rule06_two_replicas_race_for_one_key() {
    pair(async |stage, other| {
        let offering = stage.offer(nights(50)).await;
        for round in 0..10 {
            let key = format!("key-{round}");
            let asked = (0..8).map(|index| {
                let replica = if index % 2 == 0 { &stage.replica } else { other };
                replica.ask("/reservations", Some(wish(offering, "mina")), Some(&key))
            });
            let answers = join_all(asked).await;
            let ids: std::collections::HashSet<_> = answers.iter().map(|(_, body)| body["id"].to_string()).collect();
            assert_eq!(ids.len(), 1, "{answers:?}");
            assert!(answers.iter().all(|(status, _)| *status == StatusCode::ACCEPTED), "{answers:?}");
        }
        assert_eq!(stage.replica.free(offering, "&from=2027-05-01&to=2027-05-03").await, Some(40));
    });
}

#[test]
fn rule05_a_replica_whose_clock_is_ahead_expires_nothing_early() {
    pair(async |stage, other| {
        let mut offering = nights(2);
        offering.hold_seconds = 300;
        let offering = stage.offer(offering).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        // By its own clock, ten minutes ahead, the other replica would have expired this hold long ago.
        let (_, later) = other.ask("/reservations", Some(wish(offering, "jun")), None).await;
        let (mine, theirs): (jiff::Timestamp, jiff::Timestamp) =
            (held["deadline"].as_str().unwrap().parse().unwrap(), later["deadline"].as_str().unwrap().parse().unwrap());
        assert!(theirs.duration_since(mine).abs().as_secs() < 60, "deadlines follow the database's clock");
        stage.pay(held["id"].as_str().unwrap()).await;
        stage.replica.reaches(held["id"].as_str().unwrap(), "confirmed").await;
        assert_eq!(
            other.ask(&format!("/reservations/{}", later["id"].as_str().unwrap()), None, None).await.1["status"],
            json!("held")
        );
    });
}

#[test]
fn two_replicas_race_for_slots_that_are_too_near_to_each_other() {
    pair(async |stage, other| {
        for round in 0..10 {
            let rules = RulesV1 { buffer_minutes: Some(30), ..RulesV1::default() };
            let office = OfferingV1 { kind: "slots".into(), slot_minutes: Some(60), rules: Some(rules), ..nights(1) };
            let offering = stage.offer(office).await;
            let asked = (0..8).map(|guest| {
                let replica = if guest % 2 == 0 { &stage.replica } else { other };
                // Every other guest wants the hour behind the first one's.
                let hour = 1 + guest % 2;
                let wish = json!({
                    "offering_id": offering, "guest_id": format!("{round}-{guest}"), "quantity": 1,
                    "from": format!("2027-05-01T{hour:02}:00:00Z"), "to": format!("2027-05-01T{:02}:00:00Z", hour + 1),
                    "payment_method": "card-ok",
                });
                replica.ask("/reservations", Some(wish), None)
            });
            let answers = join_all(asked).await;
            let sold = answers.iter().filter(|(status, _)| *status == StatusCode::ACCEPTED).count();
            let refused = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).count();
            assert_eq!((sold, refused), (1, 7), "{answers:?}");
        }
    });
}
