//! What cannot be read, or reads and cannot be: always a problem with a type, and nothing is written.

use crate::fixture::{Stage, room, with, without};
use axum::http::Method;
use serde_json::{Value, json};

/// Bodies of a new offering that do not read.
fn unreadable() -> Vec<Vec<u8>> {
    let text = room().to_string();
    let mut broken = text.clone().into_bytes();
    broken[text.find("Double").unwrap()] = 0xff;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "7",
        "[]",
        "{}",
        "{",
        "\"room\"",
        "{\"units\":1e400}",
        "{]",
        "\u{feff}{}",
        &deep,
        &text.replace("Double room", "\\ud800"),
        &text.replace("Double room", "nul \\u0000"),
        &text.replace("\"units\":3", "\"units\":3,\"units\":3"),
        &text.replace("\"units\":3", "\"units\":NaN"),
        &text.replace("\"units\":3", "\"units\":99999999999999999999"),
        &format!("{text}{text}"),
        &text[..text.len() - 1],
    ]
    .iter()
    .map(|body| body.as_bytes().to_vec())
    .collect();
    bodies.push(broken);
    // The fields' values in the order in which this service declares them.
    let list = json!([
        "seaside", "Double room", null, null, "nights", 3, "Asia/Seoul", null, null,
        { "amount": 1, "currency": "KRW" }, null, null, null, null, null,
    ]);
    bodies.push(list.to_string().into_bytes());
    bodies
}

/// Fields of a wrong type, or not known.
fn mistyped() -> Vec<Value> {
    vec![
        json!({ "business": 7 }),
        json!({ "name": null }),
        json!({ "name": ["a"] }),
        json!({ "kind": true }),
        json!({ "units": "3" }),
        json!({ "units": 1.5 }),
        json!({ "units": null }),
        json!({ "price": 5 }),
        json!({ "price": [5, "KRW"] }),
        json!({ "price": { "amount": 5 } }),
        json!({ "price": { "amount": "5", "currency": "KRW" } }),
        json!({ "price": { "amount": 5, "currency": "KRW", "tax": 1 } }),
        json!({ "slot_minutes": "60" }),
        json!({ "hold_seconds": {} }),
        json!({ "cancellation": {} }),
        json!({ "cancellation": [[24, 50]] }),
        json!({ "cancellation": [{ "before_hours": 24 }] }),
        json!({ "cancellation": [{ "before_hours": 24, "refund_percent": 50, "fee": 1 }] }),
        json!({ "rules": [] }),
        json!({ "rules": { "stay": 1 } }),
        json!({ "rules": { "stay_min": "1" } }),
        json!({ "rules": { "opening_hours": [["mon", "09:00", "18:00"]] } }),
        json!({ "rules": { "opening_hours": [{ "day": "mon", "opens": "09:00" }] } }),
        json!({ "line": [3, 5, 2, "05:00"] }),
        json!({ "line": { "passes": 3 } }),
        json!({ "colour": "red" }),
        json!({ "id": "0198a7a0-0000-7000-8000-000000000000" }),
        json!({ "version": 1 }),
        json!({ "status": "open" }),
        json!({ "review_count": 5 }),
    ]
}

/// Fields that read and cannot be, with the rule they break.
fn impossible() -> Vec<(Value, &'static str)> {
    let tier = |before_hours: i64, percent: i64| json!({ "before_hours": before_hours, "refund_percent": percent });
    vec![
        (json!({ "business": "" }), "invalid-business"),
        (json!({ "business": "b".repeat(65) }), "invalid-business"),
        (json!({ "business": "a\nb" }), "invalid-business"),
        (json!({ "name": "" }), "invalid-name"),
        (json!({ "name": " \n\t" }), "invalid-name"),
        (json!({ "name": "a\u{1b}[31m" }), "invalid-name"),
        (json!({ "name": "한".repeat(201) }), "invalid-name"),
        (json!({ "description": "d".repeat(2_001) }), "invalid-description"),
        (json!({ "place": "p".repeat(201) }), "invalid-place"),
        (json!({ "kind": "houses" }), "invalid-kind"),
        (json!({ "units": 0 }), "invalid-units"),
        (json!({ "units": -1 }), "invalid-units"),
        (json!({ "units": 1_000_001 }), "invalid-units"),
        (json!({ "units": i64::MAX }), "invalid-units"),
        (json!({ "timezone": "" }), "invalid-timezone"),
        (json!({ "timezone": "Seoul" }), "invalid-timezone"),
        (json!({ "timezone": "+09:00" }), "invalid-timezone"),
        (json!({ "timezone": "../../etc/passwd" }), "invalid-timezone"),
        (json!({ "slot_minutes": 60 }), "invalid-slot-minutes"),
        (json!({ "kind": "slots" }), "invalid-slot-minutes"),
        (json!({ "kind": "slots", "slot_minutes": 7 }), "invalid-slot-minutes"),
        (json!({ "kind": "seats" }), "invalid-starts-at"),
        (json!({ "kind": "seats", "starts_at": "tomorrow" }), "invalid-starts-at"),
        (json!({ "kind": "seats", "starts_at": "9999-12-31T00:00:00Z" }), "invalid-starts-at"),
        (json!({ "starts_at": "2026-12-24T10:30:00Z" }), "invalid-starts-at"),
        (json!({ "price": { "amount": -1, "currency": "KRW" } }), "invalid-price"),
        (json!({ "price": { "amount": i64::MAX, "currency": "KRW" } }), "invalid-price"),
        (json!({ "price": { "amount": 1, "currency": "won" } }), "invalid-price"),
        (json!({ "payment": "cash" }), "invalid-payment"),
        (json!({ "kind": "line", "payment": "prepay" }), "invalid-payment"),
        (json!({ "on_payment_outage": "panic" }), "invalid-on-payment-outage"),
        (json!({ "payment": "settle_later", "on_payment_outage": "refuse" }), "invalid-on-payment-outage"),
        (json!({ "late_money": "keep" }), "invalid-late-money"),
        (json!({ "hold_seconds": 4 }), "invalid-hold-seconds"),
        (json!({ "hold_seconds": 2_592_001 }), "invalid-hold-seconds"),
        (json!({ "cancellation": [tier(24, 101)] }), "invalid-cancellation"),
        (json!({ "cancellation": [tier(-1, 50)] }), "invalid-cancellation"),
        (json!({ "cancellation": [tier(72, 50), tier(24, 100)] }), "invalid-cancellation"),
        (json!({ "cancellation": vec![tier(1, 1); 17] }), "invalid-cancellation"),
    ]
}

/// Rules and lines that read and cannot be.
fn unruly() -> Vec<(Value, &'static str)> {
    let slots = |rules: Value| json!({ "kind": "slots", "slot_minutes": 60, "rules": rules });
    let monday = |opens: &str, closes: &str| json!({ "day": "mon", "opens": opens, "closes": closes });
    let open = |hours: Vec<Value>| slots(json!({ "opening_hours": hours }));
    let line = |rules: Value| json!({ "kind": "line", "line": rules });
    let rules = [
        json!({ "rules": { "buffer_minutes": 5 } }),
        json!({ "rules": { "opening_hours": [monday("09:00", "18:00")] } }),
        json!({ "rules": { "stay_min": 0 } }),
        json!({ "rules": { "stay_max": 401 } }),
        json!({ "rules": { "stay_min": 3, "stay_max": 2 } }),
        json!({ "rules": { "minimum_notice_minutes": -1 } }),
        json!({ "rules": { "minimum_notice_minutes": i64::MAX } }),
        json!({ "kind": "line", "rules": { "stay_min": 1 } }),
        slots(json!({ "buffer_minutes": 1_441 })),
        open(vec![monday("18:00", "09:00")]),
        open(vec![monday("09:00", "24:01")]),
        open(vec![monday("9", "18:00")]),
        open(vec![json!({ "day": "Monday", "opens": "09:00", "closes": "18:00" })]),
        open(vec![monday("09:00", "12:00"), monday("11:00", "13:00")]),
        open(vec![monday("09:00", "12:00"); 57]),
    ];
    let lines = [
        json!({ "line": {} }),
        line(json!({ "passes_max": -1 })),
        line(json!({ "call_minutes": 0 })),
        line(json!({ "deferrals_max": 101 })),
        line(json!({ "day_starts_at": "24:00" })),
    ];
    let slugged = |slug| move |fields| (fields, slug);
    rules.into_iter().map(slugged("invalid-rules")).chain(lines.into_iter().map(slugged("invalid-line"))).collect()
}

testing::on_every_backend! {
    async fn nothing_is_published_of_a_bad_body(db: Db) {
        let stage = Stage::set(&db).await;
        for body in unreadable() {
            stage.replica.ask(Method::POST, "/offerings", &[], body).await.refused(400, "invalid-body");
        }
        for fields in mistyped() {
            stage.replica.post(&with(room(), fields)).await.refused(400, "invalid-body");
        }
        for field in ["business", "name", "kind", "units", "timezone", "price"] {
            stage.replica.post(&without(room(), field)).await.refused(400, "invalid-body");
        }
        for (fields, slug) in impossible().into_iter().chain(unruly()) {
            stage.replica.post(&with(room(), fields)).await.refused(422, slug);
        }
        let huge = with(room(), json!({ "description": "d".repeat(65_536) }));
        stage.replica.post(&huge).await.refused(413, "body-too-large");
        let form = [("content-type", "text/plain")];
        let plain = stage.replica.ask(Method::POST, "/offerings", &form, room().to_string()).await;
        plain.refused(415, "unsupported-media-type");
        assert_eq!(stage.events().await, [json!(null); 0]);
        assert_eq!(stage.replica.get("/offerings").await.expect(200), json!({ "offerings": [], "next_cursor": null }));
        stage.end().await;
    }

    async fn nothing_is_changed_by_a_bad_body(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        let before = stage.replica.get(&format!("/offerings/{id}")).await;
        for body in ["", "null", "[]", "{", "{\"units\":3,\"units\":4}", "{\"name\":\"\\u0000\"}"] {
            let path = format!("/offerings/{id}");
            let answer = stage.replica.ask(Method::PATCH, &path, &[("if-match", "\"1\"")], body).await;
            answer.refused(400, "invalid-body");
        }
        for fields in [
            json!({ "units": null }), json!({ "name": null }), json!({ "price": null }), json!({ "payment": null }),
            json!({ "cancellation": null }), json!({ "units": "3" }), json!({ "kind": 7 }), json!({ "colour": "red" }),
            json!({ "price": { "amount": 5 } }), json!({ "status": "retired" }), json!({ "version": 2 }),
        ] {
            stage.replica.patch(&id, "\"1\"", &fields).await.refused(400, "invalid-body");
        }
        for (fields, slug) in [
            (json!({ "name": "" }), "invalid-name"),
            (json!({ "units": -1 }), "invalid-units"),
            (json!({ "hold_seconds": 1 }), "invalid-hold-seconds"),
            (json!({ "payment": "none", "on_payment_outage": "defer" }), "invalid-on-payment-outage"),
            (json!({ "units": 5, "price": { "amount": -1, "currency": "KRW" } }), "invalid-price"),
        ] {
            stage.replica.patch(&id, "\"1\"", &fields).await.refused(422, slug);
        }
        for (fields, field) in [
            (json!({ "business": "hillside" }), "business"),
            (json!({ "kind": "slots" }), "kind"),
            (json!({ "timezone": "UTC" }), "timezone"),
            (json!({ "slot_minutes": 60 }), "slot_minutes"),
            (json!({ "starts_at": "2026-12-24T10:30:00Z" }), "starts_at"),
            (json!({ "units": 5, "price": { "amount": 1, "currency": "EUR" } }), "price.currency"),
        ] {
            let refused = stage.replica.patch(&id, "\"1\"", &fields).await.refused(422, "immutable-field");
            assert_eq!(refused["field"], field);
        }
        assert_eq!(stage.replica.get(&format!("/offerings/{id}")).await, before);
        assert_eq!(stage.events().await.len(), 1);
        stage.end().await;
    }
}
