//! What can be wrong with a body whatever it means, and with fields by their type.

use super::Bad;
use crate::fixture::booking::with;
use serde_json::{Value, json};

/// One byte more than a body may have.
const TOO_LONG: usize = 64 * 1024 + 1;

/// Bodies that no endpoint can read, at `method` and `path`; `good` is one that it could.
pub fn unreadable(method: &'static str, path: &str, good: &Value) -> Vec<Bad> {
    let bad = |status| Bad::new(method, path, status);
    let text = good.to_string();
    let mut broken_utf8 = text.clone().into_bytes();
    let inside = text.find("\":\"").unwrap() + 3;
    broken_utf8.insert(inside, 0xff);
    let (mut nul, mut escaped_nul) = (text.clone(), text.clone());
    nul.insert(inside, '\0');
    escaped_nul.insert_str(inside, "\\u0000");
    let mut huge = text.clone();
    huge.insert_str(inside, &"x".repeat(TOO_LONG));
    let blank = format!("{}{text}", " ".repeat(TOO_LONG));
    let mut all = vec![
        bad(400).raw(""),
        bad(400).raw("{"),
        bad(400).raw(format!("{text}}}")),
        bad(400).raw(text.replace('"', "'")),
        bad(400).raw(broken_utf8),
        bad(400).raw(nul),
        bad(400).raw(escaped_nul),
        bad(400).raw("[".repeat(10_000)),
        bad(400).raw([0x1f, 0x8b, 0x08, 0x00]),
        bad(413).raw(huge),
        bad(413).raw(blank),
        bad(415).raw(text.clone()).header("content-type", "text/plain"),
        bad(415).raw(text.clone()).header("content-type", "application/x-www-form-urlencoded"),
        bad(415).raw(text).header("content-encoding", "gzip"),
        bad(400).json(&with(good.clone(), json!({ "colour": "red" }))),
        bad(400).json(&with(good.clone(), json!({ "__proto__": {} }))),
    ];
    for value in [json!(null), json!([]), json!("text"), json!(7), json!(true), json!([good])] {
        all.push(bad(400).json(&value));
    }
    all
}

/// `good` without each of `required`, and with values of other types in each of `fields`.
pub fn mistyped(method: &'static str, path: &str, good: &Value, required: &[&str], fields: &[&str]) -> Vec<Bad> {
    let bad = || Bad::new(method, path, 400);
    let mut all: Vec<Bad> =
        required.iter().map(|field| bad().json(&with(good.clone(), json!({ *field: null })))).collect();
    for field in fields {
        let others = [json!("text"), json!(1), json!(1.5), json!(1e30), json!(true), json!([[]]), json!({ "odd": 1 })];
        for value in others.into_iter().filter(|value| !same_type(value, &good[*field])) {
            all.push(bad().json(&with(good.clone(), json!({ *field: value }))));
        }
        if required.contains(field) {
            let mut null = good.clone();
            null[*field] = Value::Null;
            all.push(bad().json(&null));
        }
    }
    all
}

fn same_type(one: &Value, other: &Value) -> bool {
    match one {
        Value::String(_) => other.is_string(),
        Value::Number(number) => other.is_i64() && number.is_i64(),
        Value::Bool(_) => other.is_boolean(),
        Value::Array(_) => other.is_array(),
        Value::Object(_) => false,
        Value::Null => true,
    }
}
