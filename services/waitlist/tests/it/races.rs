//! Two replicas on one database: a number is given once, whoever is faster and whatever their clocks say.

use crate::fixture::{DOWN, Replica, Stage, noodles, wish};
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::json;
use testing::Backend;

fn pair(test: impl AsyncFn(&Stage, &Replica)) {
    for server in [Backend::Postgres, Backend::MariaDb] {
        testing::run_on(server, async |db| {
            let stage = Stage::set(&db).await;
            let other = Replica::start(&db, &stage.nats, 10, DOWN).await;
            test(&stage, &other).await;
        });
    }
}

#[test]
fn d06_two_replicas_give_each_number_once_and_in_order() {
    pair(async |stage, other| {
        let line = stage.open(noodles(8)).await;
        let mut last = 0;
        for round in 0..5 {
            let asked = (0..40).map(async |guest| {
                let replica = if guest % 2 == 0 { &stage.replica } else { other };
                replica.post("/tickets", wish(line, &format!("{round}-{guest}"), 1 + guest % 4)).await
            });
            let answers = join_all(asked).await;
            assert!(answers.iter().all(|(status, _)| *status == StatusCode::CREATED), "{answers:?}");
            let mut numbers: Vec<i64> = answers.iter().filter_map(|(_, body)| body["number"].as_i64()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (last + 1..=last + 40).collect::<Vec<_>>(), "given once, none left out, ever rising");
            last += 40;
        }
        let board = other.get(&format!("/lines/{line}")).await.1;
        assert_eq!(board["counts"], json!({ "waiting": 200 }));
    });
}

#[test]
fn two_replicas_race_for_one_key() {
    pair(async |stage, other| {
        let line = stage.open(noodles(8)).await;
        for round in 0..5 {
            let key = format!("key-{round}");
            let asked = (0..8).map(async |index| {
                let replica = if index % 2 == 0 { &stage.replica } else { other };
                replica.join(wish(line, "mina", 2), &key).await
            });
            let answers = join_all(asked).await;
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
            assert_eq!((answers[0].0, &answers[0].1["number"]), (StatusCode::CREATED, &json!(round + 1)));
        }
    });
}
