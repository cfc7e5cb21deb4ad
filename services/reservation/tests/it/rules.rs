//! Rules of an offering over REST: shown, refused, explained; blocks; and what a cancel would do.

use crate::fixture::{Stage, nights, wish};
use axum::http::StatusCode;
use contract::TierV1;
use contract::catalog::{CatalogEvent, OfferingV1, OpeningV1, RulesV1};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use testing::{SOON, check, eventually};
use uuid::Uuid;

/// A meeting room in Seoul in slots of an hour, open from 09:00 to 18:00 on the weekdays.
fn meeting_room(rules: RulesV1) -> OfferingV1 {
    let opening = |day: &str| OpeningV1 { day: day.into(), opens: "09:00".into(), closes: "18:00".into() };
    let opening_hours = ["mon", "tue", "wed", "thu", "fri"].map(opening).to_vec();
    OfferingV1 {
        kind: "slots".into(),
        slot_minutes: Some(60),
        payment: "none".into(),
        rules: Some(RulesV1 { opening_hours, ..rules }),
        ..nights(1)
    }
}

async fn offer(stage: &Stage, offering: OfferingV1) -> Uuid {
    let (id, version) = (offering.offering_id, offering.version);
    stage.tell(&CatalogEvent::Published(offering), id, version).await;
    eventually("the offering has arrived", SOON, async || {
        check(explained(stage, id, 4, 9, 10).await, |buckets| !buckets.is_empty())
    })
    .await;
    id
}

/// An hour of a day of January 2027, by the clock of Seoul; the 4th is a Monday.
fn hour(day: i64, hour: i64) -> Timestamp {
    let midnight: Timestamp = "2026-12-31T15:00:00Z".parse().unwrap();
    midnight + ((day - 1) * 24 + hour).hours()
}

/// What availability says of some hours, each as what is free and what removed it.
async fn explained(stage: &Stage, offering: Uuid, day: i64, from: i64, to: i64) -> Vec<(i64, Option<String>)> {
    let path = format!("/availability?offering_id={offering}&from={}&to={}&explain=1", hour(day, from), hour(day, to));
    let (_, body) = stage.replica.ask(&path, None, None).await;
    let bucket = |bucket: &Value| (bucket["free"].as_i64().unwrap(), bucket["removed_by"].as_str().map(Into::into));
    body["buckets"].as_array().map(|buckets| buckets.iter().map(bucket).collect()).unwrap_or_default()
}

fn meeting(offering: Uuid, day: i64, from: i64, to: i64) -> Value {
    json!({
        "offering_id": offering, "guest_id": "mina", "quantity": 1,
        "from": hour(day, from).to_string(), "to": hour(day, to).to_string(),
    })
}

async fn place(stage: &Stage, wish: Value) -> (StatusCode, Value) {
    stage.replica.ask("/reservations", Some(wish), None).await
}

fn by(reason: &str) -> (i64, Option<String>) {
    (0, Some(reason.to_owned()))
}

const FREE: (i64, Option<String>) = (1, None);

testing::on_every_backend! {
    async fn what_is_refused_is_explained_and_what_is_shown_is_booked(db: Db) {
        let stage = Stage::set(&db).await;
        let rules = RulesV1 { stay_max: Some(3), buffer_minutes: Some(15), ..RulesV1::default() };
        let room = offer(&stage, meeting_room(rules)).await;
        assert_eq!(place(&stage, meeting(room, 4, 12, 14)).await.0, StatusCode::CREATED);
        let day = explained(&stage, room, 4, 8, 19).await;
        let closed = by("opening_hours");
        let (taken, buffer) = (by("taken"), by("buffer"));
        assert_eq!(day, [
            closed.clone(), FREE, FREE, buffer.clone(), taken.clone(), taken, buffer, FREE, FREE, FREE, closed,
        ]);
        let (_, plain) =
            stage.replica.ask(&format!("/availability?offering_id={room}&from={}&to={}", hour(4, 8), hour(4, 9)), None, None).await;
        let closed = json!({ "bucket": "2027-01-03T23:00:00Z", "units": 1, "free": 0 });
        assert_eq!((&plain["buckets"], &plain["stay_max"], plain.get("stay_min")), (&json!([closed]), &json!(3), None));
        for (day, from, to, status, slug, bucket) in [
            (4, 8, 10, 422, "outside-opening-hours", Some("2027-01-03T23:00:00Z")),
            (9, 9, 10, 422, "outside-opening-hours", Some("2027-01-09T00:00:00Z")),
            (5, 9, 13, 422, "stay-too-long", None),
            (4, 14, 15, 409, "sold-out", Some("2027-01-04T05:00:00Z")),
            (4, 11, 12, 409, "sold-out", Some("2027-01-04T03:00:00Z")),
        ] {
            let (found, problem) = place(&stage, meeting(room, day, from, to)).await;
            assert_eq!((found.as_u16(), &problem["type"]), (status, &json!(format!("/problems/{slug}"))), "{problem}");
            assert_eq!(problem.get("bucket").and_then(Value::as_str), bucket, "{problem}");
        }
        for (from, to) in [(9, 11), (15, 18)] {
            assert_eq!(place(&stage, meeting(room, 4, from, to)).await.0, StatusCode::CREATED);
        }
    }

    async fn what_rested_is_free_again_after_a_cancel(db: Db) {
        let stage = Stage::set(&db).await;
        let rules = RulesV1 { buffer_minutes: Some(90), ..RulesV1::default() };
        let room = offer(&stage, meeting_room(rules)).await;
        let (_, placed) = place(&stage, meeting(room, 4, 12, 13)).await;
        let (taken, buffer) = (by("taken"), by("buffer"));
        let expected = [FREE, buffer.clone(), buffer.clone(), taken, buffer.clone(), buffer, FREE];
        assert_eq!(explained(&stage, room, 4, 9, 16).await, expected);
        stage.replica.ask(&format!("/reservations/{}/cancel", placed["id"].as_str().unwrap()), Some(json!({})), None).await;
        assert_eq!(explained(&stage, room, 4, 9, 16).await, vec![FREE; 7]);
    }

    async fn notice_is_counted_by_the_clock_of_the_database(db: Db) {
        let stage = Stage::set(&db).await;
        let room = OfferingV1 {
            rules: Some(RulesV1 { minimum_notice_minutes: Some(60), ..RulesV1::default() }),
            slot_minutes: Some(5),
            ..meeting_room(RulesV1::default())
        };
        let room = offer(&stage, room).await;
        let now = stage.replica.store.now(stage.replica.store.read()).await.unwrap().as_second();
        let slot = |minutes: i64| Timestamp::from_second(now.div_euclid(300) * 300 + minutes * 60).unwrap();
        for (minutes, removed) in [(-600, true), (0, true), (55, true), (70, false)] {
            let (from, to) = (slot(minutes), slot(minutes + 5));
            let path = format!("/availability?offering_id={room}&from={from}&to={to}&explain=1");
            let (_, shown) = stage.replica.ask(&path, None, None).await;
            let reason = removed.then(|| json!("minimum_notice"));
            assert_eq!(shown["buckets"][0].get("removed_by"), reason.as_ref(), "{shown}");
            let wish = json!({ "offering_id": room, "guest_id": "mina", "quantity": 1, "from": from.to_string(), "to": to.to_string() });
            let (status, problem) = place(&stage, wish).await;
            assert_eq!(status.as_u16(), if removed { 422 } else { 201 }, "{problem}");
            assert!(!removed || problem["type"] == "/problems/too-short-notice", "{problem}");
        }
    }

    async fn a_host_blocks_a_span_once_and_lifts_it(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offer(&stage, meeting_room(RulesV1::default())).await;
        assert_eq!(place(&stage, meeting(room, 5, 9, 10)).await.0, StatusCode::CREATED);
        let block = |from: i64, to: i64| {
            let (from, to) = (hour(5, from).to_string(), hour(5, to).to_string());
            json!({ "offering_id": room, "from": from, "to": to, "reason": "painting" })
        };
        let ask = async |body: Value, key: Option<&str>| stage.replica.ask("/blocks", Some(body), key).await;
        let (status, full) = ask(block(6, 12), None).await;
        assert_eq!((status.as_u16(), &full["type"], &full["bucket"]),
            (409, &json!("/problems/sold-out"), &json!("2027-01-05T00:00:00Z")));
        let (status, blocked) = ask(block(10, 20), Some("k")).await;
        assert_eq!(status, StatusCode::CREATED);
        for (field, value) in [
            ("status", json!("confirmed")), ("purpose", json!("block")), ("reason", json!("painting")), ("version", json!(1)),
            ("guest_id", json!("seaside")), ("total", json!({ "amount": 0, "currency": "KRW" })),
            ("payment", json!("none")), ("capture", json!("nobody")), ("keep", json!(0)),
        ] {
            assert_eq!(blocked[field], value, "{field}");
        }
        assert_eq!(ask(block(10, 20), Some("k")).await, (status, blocked.clone()));
        assert_eq!(ask(block(10, 21), Some("k")).await.1["type"], json!("/problems/idempotency-key-reused"));
        assert_eq!(place(&stage, meeting(room, 5, 10, 11)).await.0, StatusCode::CONFLICT);
        let path = format!("/reservations/{}", blocked["id"].as_str().unwrap());
        assert_eq!(stage.replica.ask(&path, None, None).await, (StatusCode::OK, blocked));
        for verb in ["check-in", "no-show", "complete"] {
            let (status, problem) = stage.replica.ask(&format!("{path}/{verb}"), Some(json!({})), None).await;
            assert_eq!((status.as_u16(), &problem["type"]), (409, &json!("/problems/is-a-block")));
        }
        let (_, lifted) = stage.replica.ask(&format!("{path}/cancel"), Some(json!({})), None).await;
        assert_eq!((&lifted["status"], &lifted["reason"]), (&json!("cancelled"), &json!("painting")));
        assert_eq!(place(&stage, meeting(room, 5, 10, 11)).await.0, StatusCode::CREATED);
        for (body, status) in [
            (json!({ "offering_id": Uuid::nil() }), 404),
            (json!({ "offering_id": room, "guest_id": "mina" }), 400),
            (json!({ "offering_id": room }), 422),
            (json!({ "offering_id": room, "quantity": 0 }), 422),
            (json!({ "offering_id": room, "reason": "" }), 422),
        ] {
            assert_eq!(ask(body.clone(), None).await.0.as_u16(), status, "{body}");
        }
    }

    async fn a_block_that_is_over_ends_by_itself(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offer(&stage, meeting_room(RulesV1::default())).await;
        let body = json!({ "offering_id": room, "from": "2020-01-06T00:00:00Z", "to": "2020-01-06T01:00:00Z" });
        let (_, blocked) = stage.replica.ask("/blocks", Some(body), None).await;
        stage.replica.reaches(blocked["id"].as_str().unwrap(), "completed").await;
    }

    async fn a_cancel_does_what_was_quoted(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        let tier = |before_hours, refund_percent| TierV1 { before_hours, refund_percent };
        offering.cancellation = vec![tier(72, 70), tier(24, 0)];
        let offering = stage.offer(offering).await;
        let mut far = wish(offering, "mina");
        (far["from"], far["to"]) = (json!("2190-05-01"), json!("2190-05-03"));
        let (_, held) = stage.replica.ask("/reservations", Some(far), None).await;
        let path = format!("/reservations/{}", held["id"].as_str().unwrap());
        let quote = async || stage.replica.ask(&format!("{path}/cancellation"), None, None).await;
        let (status, of_hold) = quote().await;
        assert_eq!((status.as_u16(), &of_hold["keep"], &of_hold["valid_until"]), (200, &json!(0), &held["deadline"]));
        stage.pay(held["id"].as_str().unwrap()).await;
        stage.replica.reaches(held["id"].as_str().unwrap(), "confirmed").await;
        let (_, quoted) = quote().await;
        assert_eq!(quoted, json!({
            "id": held["id"], "refund": { "amount": 168_000, "currency": "KRW" }, "keep": 72_000,
            "refund_percent": 70, "starts_at": "2190-04-30T15:00:00Z", "valid_until": "2190-04-27T15:00:00Z",
            "tiers": [{ "before_hours": 72, "refund_percent": 70 }, { "before_hours": 24, "refund_percent": 0 }],
        }));
        let (_, cancelled) = stage.replica.ask(&format!("{path}/cancel"), Some(json!({})), None).await;
        assert_eq!(cancelled["keep"], quoted["keep"]);
        let (_, after) = quote().await;
        assert_eq!((&after["keep"], &after["refund"]), (&quoted["keep"], &quoted["refund"]));
        let (status, _) = stage.replica.ask(&format!("/reservations/{}/cancellation", Uuid::nil()), None, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }

    async fn what_cannot_be_cancelled_is_not_quoted(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        offering.payment = "none".into();
        let offering = stage.offer(offering).await;
        let (_, placed) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let path = format!("/reservations/{}", placed["id"].as_str().unwrap());
        stage.replica.ask(&format!("{path}/check-in"), Some(json!({})), None).await;
        let (status, refused) = stage.replica.ask(&format!("{path}/cancellation"), None, None).await;
        assert_eq!((status, refused.clone()), stage.replica.ask(&format!("{path}/cancel"), Some(json!({})), None).await);
        assert_eq!((status.as_u16(), &refused["type"]), (409, &json!("/problems/wrong-state")));
    }
}
