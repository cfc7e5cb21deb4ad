//! Who may do what here: every endpoint, asked by everybody.

use crate::fixture::{Stage, noodles, wish};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testing::{ask_as, cast, cell};

/// The business of the fixture's store.
const BUSINESS: &str = "noodles";

/// One ticket's endpoints, by the columns of [`cast`].
const TABLE: [(&str, &str, &str); 4] = [
    ("GET", "", "ayoyoyn"),
    ("POST", "/cancel", "ayoyoyn"),
    ("POST", "/defer", "ayoyoyn"),
    ("POST", "/seat", "annyoyn"),
];

testing::on_every_backend! {
    async fn a_ticket_is_reached_by_its_guest_its_host_and_operators(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, line) = (&stage.replica, stage.open(noodles(4)).await);
        for (method, path, cells) in TABLE {
            for (caller, expected) in cast("mina", BUSINESS).iter().zip(cells.chars()) {
                let (id, _) = replica.number(line, "mina", 2).await;
                replica.number(line, "who-comes-after", 2).await;
                let (ticket, before) = (format!("/tickets/{id}"), replica.events(&id).await);
                let answer = ask_as(&replica.bare, caller, (method, &format!("{ticket}{path}")), None).await;
                assert_eq!(cell(&answer), expected, "{method} {path} {caller:?}: {answer:?}");
                // Nobody is called while seating is away, so that there is nobody to seat.
                let changes = expected == 'y' && ["/cancel", "/defer"].contains(&path);
                assert_eq!(replica.events(&id).await != before, changes, "{method} {path} {caller:?}: {answer:?}");
            }
        }
        stage.replica.end().await;
    }

    async fn guests_join_for_themselves_and_hosts_write_parties_down(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, line) = (&stage.replica, stage.open(noodles(4)).await);
        let waiting = async || replica.get(&format!("/lines/{line}")).await.1["tickets"].as_array().unwrap().len();
        for (caller, expected) in cast("mina", BUSINESS).iter().zip("ayoyoyn".chars()) {
            let before = waiting().await;
            let answer = ask_as(&replica.bare, caller, ("POST", "/tickets"), Some(&wish(line, "mina", 2))).await;
            assert_eq!(cell(&answer), expected, "{caller:?}: {answer:?}");
            assert_eq!(answer.0 == StatusCode::CREATED, expected == 'y', "{answer:?}");
            assert_eq!(waiting().await - before, usize::from(expected == 'y'), "{caller:?}");
        }
        stage.replica.end().await;
    }

    async fn a_line_is_seen_by_all_and_run_by_its_hosts(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, line) = (&stage.replica, stage.open(noodles(4)).await);
        let board = format!("/lines/{line}");
        for (verb, opposite) in [("pause", "resume"), ("resume", "pause")] {
            for (caller, expected) in cast("mina", BUSINESS).iter().zip("annyoyn".chars()) {
                let (_, before) = replica.post(&format!("{board}/{opposite}"), json!({})).await;
                let answer = ask_as(&replica.bare, caller, ("POST", &format!("{board}/{verb}")), None).await;
                assert_eq!(cell(&answer), expected, "{verb} {caller:?}: {answer:?}");
                let (status, shown) = ask_as(&replica.bare, caller, ("GET", &board), None).await;
                assert_eq!(status, StatusCode::OK, "{caller:?}");
                assert_eq!(shown["status"] != before["status"], expected == 'y', "{verb} {caller:?}: {shown}");
            }
        }
        stage.replica.end().await;
    }

    async fn a_board_tells_whose_a_party_is_only_to_those_who_may_know(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, line) = (&stage.replica, stage.open(noodles(4)).await);
        for guest in ["mina", "jun"] {
            replica.number(line, guest, 2).await;
        }
        let board = format!("/lines/{line}");
        let (_, whole) = replica.get(&board).await;
        let (minas, juns) = (&whole["tickets"][0], &whole["tickets"][1]);
        assert_eq!((&minas["guest_id"], &juns["guest_id"]), (&json!("mina"), &json!("jun")));
        let shown = |number: i64| json!({
            "number": number, "status": "waiting", "party_size": 2, "ahead": number - 1,
            "wait_seconds": { "p50": 300 * number, "p90": 600 * number },
        });
        // By the columns of `cast`: whether the caller sees Mina's party whole, and Jun's.
        for (caller, cells) in cast("mina", BUSINESS).iter().zip(["nn", "yn", "nn", "yy", "nn", "yy", "nn"]) {
            let (status, seen) = ask_as(&replica.bare, caller, ("GET", &board), None).await;
            let expected = |whole: bool, ticket: &Value, number| if whole { ticket.clone() } else { shown(number) };
            let tickets = json!([
                expected(cells.starts_with('y'), minas, 1), expected(cells.ends_with('y'), juns, 2),
            ]);
            assert_eq!((status, &seen["tickets"]), (StatusCode::OK, &tickets), "{caller:?}");
            assert_eq!((&seen["counts"], &seen["free"]), (&whole["counts"], &whole["free"]), "{caller:?}");
        }
        stage.replica.end().await;
    }
}
