//! Bad input of `/offerings`.

use super::bodies::{mistyped, unreadable};
use super::{Bad, all_refused};
use crate::fixture::booking::{offering, unique, with};
use crate::fixture::run;
use crate::fixture::shared;
use serde_json::{Value, json};

/// Fields that read, yet cannot be, on an offering of nights.
fn impossible_nights() -> Vec<Value> {
    let rising = json!([{ "before_hours": 48, "refund_percent": 10 }, { "before_hours": 1, "refund_percent": 90 }]);
    let twice = json!([{ "before_hours": 1, "refund_percent": 10 }, { "before_hours": 1, "refund_percent": 10 }]);
    let tier = |hours: i64, percent: i64| json!([{ "before_hours": hours, "refund_percent": percent }]);
    let mut all = vec![
        json!({ "units": -1 }),
        json!({ "units": 0 }),
        json!({ "units": 1_000_001 }),
        json!({ "units": i64::MAX }),
        json!({ "kind": "days" }),
        json!({ "kind": "Nights" }),
        json!({ "timezone": "Mars/Phobos" }),
        json!({ "timezone": "asia/seoul" }),
        json!({ "timezone": "" }),
        json!({ "slot_minutes": 60 }),
        json!({ "starts_at": "2027-05-01T10:00:00Z" }),
        json!({ "payment": "later" }),
        json!({ "on_payment_outage": "ignore" }),
        json!({ "payment": "none", "on_payment_outage": "refuse" }),
        json!({ "late_money": "keep" }),
        json!({ "name": "" }),
        json!({ "name": " " }),
        json!({ "name": "n".repeat(201) }),
        json!({ "name": "bell\u{7}" }),
        json!({ "business": "" }),
        json!({ "business": "b".repeat(1_000) }),
        json!({ "business": "line\nbreak" }),
        json!({ "description": "d".repeat(2_001) }),
        json!({ "place": "p".repeat(201) }),
        json!({ "cancellation": rising }),
        json!({ "cancellation": twice }),
        json!({ "cancellation": tier(24, 101) }),
        json!({ "cancellation": tier(24, -1) }),
        json!({ "cancellation": tier(-1, 50) }),
        json!({ "cancellation": tier(i64::MAX, 50) }),
        json!({ "cancellation": vec![tier(1, 1)[0].clone(); 200] }),
    ];
    let prices = [(-1, "KRW"), (i64::MIN, "KRW"), (i64::MAX, "KRW"), (1, "krw"), (1, "WON!"), (1, "₩₩₩"), (1, "")];
    all.extend(prices.map(|(amount, currency)| json!({ "price": { "amount": amount, "currency": currency } })));
    all.extend([i64::MIN, -1, 0, 4, 2_592_001, i64::MAX].map(|seconds| json!({ "hold_seconds": seconds })));
    all
}

/// Whole offerings of the other kinds that cannot be.
fn impossible_others() -> Vec<Value> {
    let mut all = vec![offering("slots", 1), offering("seats", 1), offering("line", 1)];
    all[0].as_object_mut().unwrap().remove("slot_minutes");
    all[1].as_object_mut().unwrap().remove("starts_at");
    let minutes = [i64::MIN, -60, 0, 1, 4, 7, 1_441, 2_880, i64::MAX];
    all.extend(minutes.map(|minutes| with(offering("slots", 1), json!({ "slot_minutes": minutes }))));
    let starts = ["tomorrow", "2027-02-30T10:00:00Z", "2027-05-01", "9999-12-31T00:00:00Z", "1800-01-01T00:00:00Z", ""];
    all.extend(starts.map(|start| with(offering("seats", 1), json!({ "starts_at": start }))));
    all
}

#[test]
fn an_offering_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let good = offering("nights", 3);
        let post = |body: &Value, status| Bad::new("POST", "/offerings", status).json(body);
        let mut all = unreadable("POST", "/offerings", &good);
        let required = ["business", "name", "kind", "units", "timezone", "price"];
        let full = with(
            good.clone(),
            json!({
                "description": "d", "place": "p", "slot_minutes": 60, "starts_at": "2027-05-01T10:00:00Z",
                "on_payment_outage": "refuse", "late_money": "refund", "hold_seconds": 60, "cancellation": [],
            }),
        );
        let fields: Vec<&str> = full.as_object().unwrap().keys().map(String::as_str).collect();
        all.extend(mistyped("POST", "/offerings", &full, &required, &fields));
        for price in [json!({ "amount": 1 }), json!({ "currency": "KRW" }), json!({ "amount": "1", "currency": "KRW" })]
        {
            all.push(post(&with(good.clone(), json!({ "price": price })), 400));
        }
        for tier in [json!({ "before_hours": 1 }), json!({ "before_hours": 1, "refund_percent": 1, "odd": 1 })] {
            all.push(post(&with(good.clone(), json!({ "cancellation": [tier] })), 400));
        }
        all.extend(impossible_nights().into_iter().map(|fields| post(&with(good.clone(), fields), 422)));
        all.extend(
            impossible_others().into_iter().map(|body| post(&with(body, json!({ "business": good["business"] })), 422)),
        );
        all.push(post(&good, 400).header("idempotency-key", "a key"));
        all_refused(&client, all).await;
        let business = good["business"].as_str().unwrap();
        let written = client.get(&format!("/offerings?business={business}")).await.expect(200);
        assert_eq!(written["offerings"], json!([]), "nothing is written");
    });
}

#[test]
fn a_change_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let published = client.post("/offerings", &offering("nights", 3)).await.expect(201);
        let path = format!("/offerings/{}", published.id());
        let patch = |body: &Value, status| Bad::new("PATCH", &path, status).header("if-match", "\"1\"").json(body);
        let mut all: Vec<Bad> = unreadable("PATCH", &path, &json!({ "name": "Another" }));
        for bad in &mut all {
            bad.headers.append("if-match", "\"1\"".parse().unwrap());
        }
        let shape = json!({ "kind": "slots", "slot_minutes": 60 });
        for fields in impossible_nights().into_iter().filter(|fields| fields["units"] != 0) {
            all.push(patch(&fields, 422));
        }
        let nulls = ["business", "kind", "timezone", "slot_minutes", "starts_at", "name", "price", "payment"];
        all.extend(nulls.map(|field| patch(&json!({ field: null }), 400)));
        all.extend([patch(&shape, 422), patch(&json!({ "units": "3" }), 400), patch(&json!({ "units": null }), 400)]);
        let named = json!({ "name": "Another" });
        all.push(Bad::new("PATCH", &path, 428).json(&named));
        for tag in ["1", "\"1\", \"2\"", "*", ""] {
            all.push(Bad::new("PATCH", &path, 400).header("if-match", tag).json(&named));
        }
        for tag in ["\"2\"", "\"0\"", "\"-1\"", "\"x\"", "W/\"1\"", "\"99999999999999999999\""] {
            all.push(Bad::new("PATCH", &path, 412).header("if-match", tag).json(&named));
        }
        all_refused(&client, all).await;
        assert_eq!(client.get(&path).await.expect(200).body, published.body, "nothing is written");
    });
}

#[test]
fn an_offering_that_is_not_there_is_refused() {
    run(async {
        let client = shared().await.client;
        let mut all = Vec::new();
        for (id, status) in
            [(uuid::Uuid::new_v4().to_string(), 404), ("first".into(), 400), ("%00".into(), 400), ("%ff".into(), 400)]
        {
            let path = format!("/offerings/{id}");
            let change = Bad::new("PATCH", &path, status).header("if-match", "\"1\"").json(&json!({ "units": 1 }));
            all.extend([Bad::new("GET", &path, status), Bad::new("DELETE", &path, status), change]);
        }
        let business = unique("business");
        let queries = [
            ("limit=0", 422),
            ("limit=-1", 422),
            ("limit=201", 422),
            ("limit=x", 400),
            ("limit=99999999999999999999", 400),
            ("kind=days", 422),
            ("cursor=x", 400),
            ("odd=1", 400),
            ("q=%00", 400),
            ("q=%ff", 400),
            ("limit=1&limit=2", 400),
        ];
        all.extend(
            queries.map(|(query, status)| Bad::new("GET", format!("/offerings?business={business}&{query}"), status)),
        );
        let long = "q".repeat(201);
        all.push(Bad::new("GET", format!("/offerings?q={long}"), 422));
        all.extend(["PUT", "DELETE", "PATCH"].map(|method| Bad::new(method, "/offerings", 405)));
        all_refused(&client, all).await;
    });
}
