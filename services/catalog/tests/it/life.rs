//! The life of an offering: published, changed, retired, each told once.

use crate::fixture::{Stage, room, with, without};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a room is when its owner leaves everything unsaid.
fn usual() -> Value {
    json!({
        "version": 1, "status": "open", "review_count": 0, "rating_average": null,
        "live_bookings": 0, "availability": "open", "payment": "prepay",
        "on_payment_outage": "refuse", "late_money": "refund", "hold_seconds": 600, "cancellation": [],
    })
}

/// The event's body that tells of an offering.
fn told(offering: &Value) -> Value {
    let body = with(offering.clone(), json!({ "offering_id": offering["id"] }));
    ["id", "review_count", "rating_average", "live_bookings", "availability"].into_iter().fold(body, without)
}

testing::on_every_backend! {
    async fn every_kind_comes_back_as_it_was_published(db: Db) {
        let stage = Stage::set(&db).await;
        let tier = |hours: i64, percent: i64| json!({ "before_hours": hours, "refund_percent": percent });
        let tiers = json!([tier(72, 100), tier(24, 50)]);
        let rich = json!({
            "description": "two windows,\nno noise", "place": "Busan", "late_money": "honour_if_free",
            "on_payment_outage": "defer", "hold_seconds": 30, "cancellation": tiers,
        });
        let office = json!({
            "opening_hours": [
                { "day": "mon", "opens": "09:00", "closes": "12:00" },
                { "day": "mon", "opens": "13:00", "closes": "24:00" },
            ],
            "minimum_notice_minutes": 60, "stay_min": 2, "stay_max": 8, "buffer_minutes": 15,
        });
        let usual_line =
            json!({ "passes_max": 3, "call_minutes": 5, "deferrals_max": 2, "day_starts_at": "05:00" });
        let brisk_line =
            json!({ "passes_max": 0, "call_minutes": 1, "deferrals_max": 0, "day_starts_at": "17:30" });
        let seats = json!({ "kind": "seats", "starts_at": "2026-12-24T10:30:00Z", "payment": "settle_later" });
        for (fields, given) in [
            (json!({}), json!({})),
            (rich, json!({})),
            (json!({ "kind": "slots", "slot_minutes": 30, "timezone": "America/New_York", "rules": office }), json!({})),
            (json!({ "rules": { "stay_min": 2, "stay_max": 400 } }), json!({})),
            (seats, json!({ "hold_seconds": 86_400 })),
            (json!({ "kind": "line" }), json!({ "payment": "none", "line": usual_line })),
            (json!({ "kind": "line", "line": brisk_line }), json!({ "payment": "none" })),
        ] {
            let answer = stage.replica.post(&with(room(), fields.clone())).await;
            let id = answer.body["id"].as_str().unwrap().to_owned();
            assert_eq!(answer.header("location"), format!("/offerings/{id}"));
            assert_eq!(answer.header("etag"), "\"1\"");
            let whole = with(with(with(with(room(), usual()), given), fields), json!({ "id": id }));
            assert_eq!(answer.expect(201), whole);
            let read = stage.other.get(&format!("/offerings/{id}")).await;
            assert_eq!(read.header("etag"), "\"1\"");
            assert_eq!(read.expect(200), whole);
            let event = stage.events().await.pop().unwrap();
            let expected = json!({
                "kind": "catalog.published.v1", "version": 1, "actor": "seaside", "body": told(&whole),
            });
            assert_eq!(event, expected);
        }
        stage.end().await;
    }

    async fn each_change_is_a_version_and_an_event(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&with(room(), json!({ "place": "Busan" }))).await;
        let fields = json!({ "units": 0, "name": "Closed", "price": { "amount": 0, "currency": "KRW" } });
        let changed = stage.replica.patch(&id, "\"1\"", &fields).await;
        assert_eq!(changed.header("etag"), "\"2\"");
        let given = json!({ "id": id, "version": 2, "place": "Busan" });
        let expected = with(with(with(room(), usual()), fields), given);
        assert_eq!(changed.expect(200), expected);

        // A change that changes nothing is none, and neither is an empty one.
        for nothing in [json!({}), json!({ "units": 0, "place": "Busan" })] {
            assert_eq!(stage.replica.patch(&id, "\"2\"", &nothing).await.expect(200), expected);
        }
        let placeless = stage.replica.patch(&id, "\"2\"", &json!({ "place": null })).await.expect(200);
        assert_eq!(placeless, with(without(expected.clone(), "place"), json!({ "version": 3 })));
        assert_eq!(stage.replica.get(&format!("/offerings/{id}")).await.expect(200), placeless);

        let events = stage.events().await;
        let kinds: Vec<_> = events.iter().map(|event| (&event["kind"], &event["version"], &event["actor"])).collect();
        assert_eq!(kinds, [
            (&json!("catalog.published.v1"), &json!(1), &json!("seaside")),
            (&json!("catalog.changed.v1"), &json!(2), &json!("seaside")),
            (&json!("catalog.changed.v1"), &json!(3), &json!("seaside")),
        ]);
        assert_eq!((&events[1]["body"], &events[2]["body"]), (&told(&expected), &told(&placeless)));
        stage.end().await;
    }

    async fn rules_are_changed_as_a_whole_and_taken_away_by_none(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&with(room(), json!({ "rules": { "stay_min": 2, "stay_max": 9 } }))).await;
        let longer = stage.replica.patch(&id, "\"1\"", &json!({ "rules": { "stay_min": 3 } })).await.expect(200);
        assert_eq!(longer["rules"], json!({ "stay_min": 3 }));
        assert_eq!(stage.other.get(&format!("/offerings/{id}")).await.expect(200), longer);
        let broken = stage.replica.patch(&id, "\"2\"", &json!({ "rules": { "buffer_minutes": 5 } })).await;
        broken.refused(422, "invalid-rules");
        let free = stage.replica.patch(&id, "\"2\"", &json!({ "rules": {} })).await.expect(200);
        assert_eq!(free.get("rules"), None);
        assert_eq!(stage.events().await.pop().unwrap()["body"], told(&free));
        stage.end().await;
    }

    async fn only_who_has_seen_the_present_version_changes_it(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let path = format!("/offerings/{id}");
        let blind = stage.replica.ask(axum::http::Method::PATCH, &path, &[], "{\"units\":4}").await;
        blind.refused(428, "precondition-required");
        for seen in ["1", "*", "\"1\", \"2\"", "\"1", ""] {
            stage.replica.patch(&id, seen, &json!({ "units": 4 })).await.refused(400, "invalid-if-match");
        }
        for seen in ["\"0\"", "\"2\"", "W/\"1\"", "\"one\"", "\"99999999999999999999\""] {
            let stale = stage.replica.patch(&id, seen, &json!({ "units": 4 })).await.refused(412, "stale-version");
            assert_eq!(stale["version"], json!(1), "{seen}");
        }
        stage.replica.patch(&id, "\"1\"", &json!({ "units": 4 })).await.expect(200);
        let again = stage.replica.patch(&id, "\"1\"", &json!({ "units": 4 })).await.refused(412, "stale-version");
        assert_eq!(again["version"], json!(2));
        assert_eq!(stage.events().await.len(), 2);
        stage.end().await;
    }

    async fn of_owners_who_change_the_same_version_at_once_one_wins(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let mut owners = tokio::task::JoinSet::new();
        for units in 10..30 {
            let replica = if units % 2 == 0 { stage.replica.clone() } else { stage.other.clone() };
            let id = id.clone();
            owners.spawn(async move { replica.patch(&id, "\"1\"", &json!({ "units": units })).await.status.as_u16() });
        }
        let mut statuses = owners.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
        assert_eq!(stage.replica.get(&format!("/offerings/{id}")).await.expect(200)["version"], json!(2));
        assert_eq!(stage.events().await.len(), 2);
        stage.end().await;
    }

    async fn the_retired_stay_to_be_read_and_never_change(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        for _ in 0..2 {
            assert_eq!(stage.replica.delete(&id).await.expect(204), Value::Null);
        }
        let retired = stage.replica.get(&format!("/offerings/{id}")).await.expect(200);
        assert_eq!((&retired["status"], &retired["version"]), (&json!("retired"), &json!(2)));
        stage.replica.patch(&id, "\"2\"", &json!({ "units": 9 })).await.refused(410, "offering-retired");
        assert_eq!(stage.replica.get("/offerings").await.expect(200)["offerings"], json!([]));
        let events = stage.events().await;
        assert_eq!(events.len(), 2);
        assert_eq!((&events[1]["kind"], &events[1]["body"]), (&json!("catalog.retired.v1"), &told(&retired)));
        stage.end().await;
    }

    async fn what_was_never_published_is_not_found(db: Db) {
        let stage = Stage::set(&db).await;
        let unknown = Uuid::now_v7().to_string();
        stage.replica.get(&format!("/offerings/{unknown}")).await.refused(404, "offering-not-found");
        stage.replica.patch(&unknown, "\"1\"", &json!({ "units": 1 })).await.refused(404, "offering-not-found");
        stage.replica.delete(&unknown).await.refused(404, "offering-not-found");
        stage.replica.get("/offerings/seven").await.refused(400, "invalid-path");
        assert_eq!(stage.events().await, [json!(null); 0]);
        stage.end().await;
    }
    async fn after_its_end_it_asks_to_come_back(db: Db) {
        let stage = Stage::set(&db).await;
        let (replica, id) = (stage.replica.clone(), stage.replica.publish(&room()).await);
        stage.end().await;
        for answer in [replica.post(&room()).await, replica.delete(&id).await] {
            assert!((1..=3).contains(&answer.header("retry-after").parse().unwrap()));
            answer.refused(503, "unavailable");
        }
    }
}
