//! The life of a ticket: each transition by what causes it, told once.

use crate::fixture::{Stage, noodles, wish};
use axum::http::StatusCode;
use contract::catalog::LineRulesV1;
use serde_json::json;
use testing::{SOON, check, eventually};

testing::on_every_backend! {
    async fn a_party_gets_a_number_is_called_sits_down_and_leaves(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let (status, joined) = stage.replica.post("/tickets", wish(line, "mina", 2)).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!((&joined["status"], &joined["number"], &joined["ahead"]), (&json!("waiting"), &json!(1), &json!(0)));
        assert_eq!((&joined["wait_seconds"], &joined["quoted"]),
            (&json!({ "p50": 300, "p90": 600 }), &json!({ "p50": 300, "p90": 600 })));
        let mina = joined["id"].as_str().unwrap();
        assert_eq!(stage.replica.get(&format!("/tickets/{mina}")).await, (StatusCode::OK, joined.clone()));
        let (jun, number) = stage.replica.number(line, "jun", 2).await;
        assert_eq!(number, 2);

        stage.seated(line, mina, 2, 1).await;
        let called = stage.replica.reaches(mina, "called").await;
        let at = |field: &str| called[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(at("call_deadline").duration_since(at("called_at")).as_secs(), 300);
        for field in ["offering_id", "offering_name", "business", "guest_id", "language", "party_size", "number",
            "service_day", "timezone", "joined_at", "quoted"] {
            assert_eq!(called[field], joined[field], "{field}");
        }
        let waits = stage.replica.get(&format!("/tickets/{jun}")).await.1;
        assert_eq!((&waits["ahead"], &waits["wait_seconds"]["p90"], &waits["quoted"]["p90"]),
            (&json!(0), &json!(600), &json!(1200)), "what it is told is fresh, what it was told stands");

        let seated = stage.replica.change(mina, "seat").await;
        assert_eq!((&seated["status"], &seated["call_deadline"]), (&json!("seated"), &json!(null)));
        stage.left(line, mina, 4, 2).await;
        stage.replica.reaches(mina, "left").await;
        let told: Vec<String> = ["joined", "issued", "called", "seated", "left"]
            .into_iter().map(|name| format!("waitlist.{name}.v1")).collect();
        assert_eq!(stage.replica.events(mina).await, told);

        let board = stage.replica.get(&format!("/lines/{line}")).await.1;
        assert_eq!((&board["free"], &board["counts"]), (&json!(4), &json!({ "left": 1, "waiting": 1 })));
        assert_eq!(board["quotes"], json!({ "within_p90": 1, "beyond_p90": 0, "share_within_p90": 1.0 }));
        assert_eq!(board["tickets"][0]["id"], json!(jun));
        stage.replica.end().await;
    }

    async fn a_board_counts_who_is_still_there_and_of_the_others_todays(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        for guest in ["mina", "jun", "ari", "sol"] {
            let (ticket, _) = stage.replica.number(line, guest, 2).await;
            if ["mina", "jun"].contains(&guest) {
                stage.replica.change(&ticket, "cancel").await;
            }
        }
        stage.replica.sql("UPDATE ticket SET service_day = '2020-01-01' WHERE guest_id IN ('mina', 'ari')").await;
        let board = stage.replica.get(&format!("/lines/{line}")).await.1;
        assert_eq!(board["counts"], json!({ "cancelled": 1, "waiting": 2 }));
        stage.replica.end().await;
    }

    async fn a_seat_given_back_before_it_was_known_to_be_taken_ends_the_ticket(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let (mina, _) = stage.replica.number(line, "mina", 2).await;
        stage.left(line, &mina, 4, 2).await;
        stage.replica.reaches(&mina, "left").await;
        stage.seated(line, &mina, 2, 1).await;
        // What is told of the next party shows that what was told of this one was read.
        let (jun, _) = stage.replica.number(line, "jun", 2).await;
        stage.seated(line, &jun, 2, 3).await;
        stage.replica.reaches(&jun, "called").await;
        assert_eq!(stage.replica.reaches(&mina, "left").await["version"], json!(3));
    }

    async fn who_does_not_come_in_time_is_a_no_show(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let (mina, _) = stage.replica.number(line, "mina", 2).await;
        stage.seated(line, &mina, 2, 1).await;
        stage.replica.reaches(&mina, "called").await;
        // Its five minutes pass.
        stage.replica.sql("UPDATE ticket SET deadline_us = 1 WHERE status = 'called'").await;
        stage.replica.reaches(&mina, "no_show").await;
        assert_eq!(stage.replica.events(&mina).await.last().map(String::as_str), Some("waitlist.no-show.v1"));
    }

    async fn a_party_defers_twice_and_no_more(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        // While seating is silent the first party's seats are being asked for, so it cannot defer; the second can.
        let (first, _) = stage.replica.number(line, "mina", 2).await;
        let (second, _) = stage.replica.number(line, "jun", 2).await;
        for guest in ["sora", "minho"] {
            stage.replica.number(line, guest, 2).await;
        }
        let refused = stage.replica.post(&format!("/tickets/{first}/defer"), json!({})).await;
        assert_eq!((refused.0, &refused.1["type"]), (StatusCode::CONFLICT, &json!("/problems/being-called")));
        for ahead in [2, 3] {
            let deferred = stage.replica.change(&second, "defer").await;
            assert_eq!((&deferred["ahead"], &deferred["number"]), (&json!(ahead), &json!(2)));
        }
        stage.replica.number(line, "late", 2).await;
        let (status, refused) = stage.replica.post(&format!("/tickets/{second}/defer"), json!({})).await;
        assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/deferrals-used")));
        let board = stage.replica.get(&format!("/lines/{line}")).await.1;
        let numbers: Vec<_> = (0..5).map(|place| board["tickets"][place]["number"].as_i64()).collect();
        assert_eq!(numbers, [Some(1), Some(3), Some(4), Some(2), Some(5)]);
    }

    async fn a_line_pauses_and_resumes(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        for (verb, status, join) in [("pause", "paused", 409), ("pause", "paused", 409), ("resume", "open", 201)] {
            let (code, body) = stage.replica.post(&format!("/lines/{line}/{verb}"), json!({})).await;
            assert_eq!((code, &body["status"]), (StatusCode::OK, &json!(status)));
            assert_eq!(stage.replica.post("/tickets", wish(line, "mina", 2)).await.0.as_u16(), join);
        }
        let told = stage.replica.events(&line.to_string()).await;
        let of_line: Vec<_> = told.iter().filter(|kind| kind.contains("line-")).collect();
        assert_eq!(of_line, ["waitlist.line-paused.v1", "waitlist.line-resumed.v1"]);
    }

    async fn a_store_is_known_as_catalog_tells_it_last(db: Db) {
        let stage = Stage::set(&db).await;
        let rules = LineRulesV1 { passes_max: 1, call_minutes: 9, deferrals_max: 0, day_starts_at: "18:30".into() };
        let second = contract::catalog::OfferingV1 { version: 2, line: Some(rules), ..noodles(6) };
        let line = stage.open(second.clone()).await;
        let first = contract::catalog::OfferingV1 { version: 1, units: 1, line: None, ..second.clone() };
        stage.tell(&contract::catalog::CatalogEvent::Published(first), line, 1).await;
        let (mina, _) = stage.replica.number(line, "mina", 6).await;
        stage.seated(line, &mina, 0, 1).await;
        let called = stage.replica.reaches(&mina, "called").await;
        let at = |field: &str| called[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(at("call_deadline").duration_since(at("called_at")).as_secs(), 540);
        let retired = contract::catalog::OfferingV1 { version: 3, status: "retired".into(), ..second };
        stage.tell(&contract::catalog::CatalogEvent::Retired(retired), line, 3).await;
        eventually("the store is retired", SOON, async || {
            check(stage.replica.post("/tickets", wish(line, "jun", 1)).await.0, |status| *status == StatusCode::GONE)
        }).await;
        // Who was called sits down all the same.
        stage.replica.change(&mina, "seat").await;
    }
}
