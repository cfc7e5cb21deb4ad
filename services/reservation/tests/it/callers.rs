//! Who may do what here: every endpoint, asked by everybody.

use crate::fixture::{Replica, Stage, nights, wish};
use axum::http::StatusCode;
use choreography::statement;
use contract::catalog::OfferingV1;
use runtime::auth::{Caller, Role};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use testing::{ask_as, cast, cell};
use uuid::Uuid;

/// One reservation's endpoints, by the columns of [`cast`], and what an unknown one is told them.
const TABLE: [(&str, &str, &str, [u16; 7]); 6] = [
    ("GET", "", "ayoyoyn", PARTIES),
    ("GET", "/cancellation", "ayoyoyn", PARTIES),
    ("POST", "/cancel", "ayoyoyn", PARTIES),
    ("POST", "/check-in", "annyoyn", STAFF),
    ("POST", "/no-show", "annyoyn", STAFF),
    ("POST", "/complete", "annyoyn", STAFF),
];
const PARTIES: [u16; 7] = [401, 404, 404, 404, 404, 404, 403];
const STAFF: [u16; 7] = [401, 403, 403, 404, 404, 404, 403];

/// Rooms that cost nothing to hold, so that what is booked stands.
fn rooms() -> OfferingV1 {
    OfferingV1 { payment: "none".into(), ..nights(500) }
}

async fn booked(replica: &Replica, offering: Uuid) -> (String, Value) {
    let (status, body) = replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
    assert_eq!((status, &body["status"]), (StatusCode::CREATED, &json!("confirmed")), "{body}");
    (body["id"].as_str().unwrap().to_owned(), body)
}

/// Who did what is told of a reservation, in order.
async fn actors(replica: &Replica, id: &str) -> Vec<Option<String>> {
    let sql = "SELECT actor FROM outbox WHERE correlation = $1 ORDER BY version";
    let (read, id) = (replica.store.read(), id.parse::<Uuid>().unwrap());
    let rows = read.query_all_raw(statement(read, sql, [id.into()])).await.unwrap();
    rows.iter().map(|row| row.try_get("", "actor").unwrap()).collect()
}

testing::on_every_backend! {
    async fn a_reservation_is_reached_by_its_guest_its_host_and_operators(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, offering) = (&stage.replica, stage.offer(rooms()).await);
        for (method, path, cells, unknown) in TABLE {
            for (column, caller) in cast("mina", "seaside").iter().enumerate() {
                let (id, before) = booked(replica, offering).await;
                let answer = ask_as(&replica.bare, caller, (method, &format!("/reservations/{id}{path}")), None).await;
                let expected = cells.chars().nth(column).unwrap();
                assert_eq!(cell(&answer), expected, "{method} {path} {caller:?}: {answer:?}");
                let (_, after) = replica.ask(&format!("/reservations/{id}"), None, None).await;
                let changes = method == "POST" && expected == 'y';
                assert_eq!(after != before, changes, "{method} {path} {caller:?}: {after}");
                let nowhere = format!("/reservations/{}{path}", Uuid::now_v7());
                let (status, _) = ask_as(&replica.bare, caller, (method, &nowhere), None).await;
                assert_eq!(status, unknown[column], "{method} {path} {caller:?}");
            }
        }
        stage.replica.end().await;
    }

    async fn guests_book_for_themselves_and_hosts_block_what_is_theirs(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, offering) = (&stage.replica, stage.offer(rooms()).await);
        let span = "&from=2027-05-01&to=2027-05-03";
        let block = json!({ "offering_id": offering, "from": "2027-05-01", "to": "2027-05-03" });
        for (path, body, cells) in
            [("/reservations", wish(offering, "mina"), "ayonnyn"), ("/blocks", block.clone(), "annyoyn")]
        {
            for (caller, expected) in cast("mina", "seaside").iter().zip(cells.chars()) {
                let before = replica.free(offering, span).await.unwrap();
                let answer = ask_as(&replica.bare, caller, ("POST", path), Some(&body)).await;
                assert_eq!(cell(&answer), expected, "{path} {caller:?}: {answer:?}");
                assert_eq!(answer.0 == StatusCode::CREATED, expected == 'y', "{answer:?}");
                let after = replica.free(offering, span).await.unwrap();
                assert_eq!(before - after, i64::from(expected == 'y'), "{path} {caller:?}");
            }
        }
        for caller in cast("mina", "seaside") {
            let path = format!("/availability?offering_id={offering}{span}");
            assert_eq!(ask_as(&replica.bare, &caller, ("GET", &path), None).await.0, StatusCode::OK);
        }
        // A block's guest is its business by name; a guest who is called so is nobody's host.
        let (_, blocked) = replica.ask("/blocks", Some(block), None).await;
        let path = format!("/reservations/{}/cancel", blocked["id"].as_str().unwrap());
        let namesake = Caller::known("seaside", &[Role::Guest], &["seaside"]);
        assert_eq!(cell(&ask_as(&replica.bare, &namesake, ("POST", &path), None).await), 'n');
        stage.replica.end().await;
    }

    async fn history_tells_who_acted(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, offering) = (&stage.replica, stage.offer(rooms()).await);
        let [_, guest, _, host, _, operator, _] = cast("mina", "seaside");
        let wish = wish(offering, "mina");
        let (_, body) = ask_as(&replica.bare, &operator, ("POST", "/reservations"), Some(&wish)).await;
        let first = body["id"].as_str().unwrap();
        let (second, _) = booked(replica, offering).await;
        for (caller, id, verb) in [(&guest, first, "cancel"), (&host, second.as_str(), "check-in")] {
            let path = format!("/reservations/{id}/{verb}");
            assert_eq!(ask_as(&replica.bare, caller, ("POST", &path), None).await.0, StatusCode::OK);
        }
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(actors(replica, first).await.last(), Some(&named("mina")));
        assert_eq!(actors(replica, first).await.first(), Some(&named("an-operator")));
        assert_eq!(actors(replica, &second).await.last(), Some(&named("a-host")));
        stage.replica.end().await;
    }
}
