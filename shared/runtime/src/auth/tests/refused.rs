//! Tokens that are let in, and every kind that is not.
use std::sync::Arc;

use axum::Router;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use jsonwebtoken::jwk::Jwk;
use ring::hmac;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::issuer::{Issuer, SKEW_SECONDS, Signer, encode, now, unsigned};
use crate::auth::keys::Pace;
use crate::auth::{Auth, Caller, Known, Role};
use crate::config::Env;

async fn stage() -> (Signer, Issuer) {
    let signer = Signer::new("first");
    let issuer = Issuer::start(&[&signer], Pace::default()).await;
    (signer, issuer)
}

/// The claims with one of them another, or taken away.
fn with(mut claims: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

async fn refused(issuer: &Issuer, token: &str, why: &str) {
    let answer = issuer.ask(token).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}: {}", answer.body);
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"", "{why}");
    assert!(answer.body.contains("/problems/unauthenticated"), "{why}: {}", answer.body);
}

#[tokio::test]
async fn a_good_token_tells_who_calls() {
    let (signer, issuer) = stage().await;
    let claims = issuer.claims();
    let token = signer.token(&claims);
    let Caller::Known(ana) = Caller::known("ana", &[Role::Guest], &["seaside"]) else { unreachable!() };
    let until = claims["exp"].as_u64().map(|end| end + SKEW_SECONDS);
    let caller = format!("{:?}", Caller::Known(Arc::new(Known { until, ..(*ana).clone() })));
    // The second time it is remembered.
    for _ in 0..2 {
        let answer = issuer.ask(&token).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, caller.clone()));
    }
    let answer = issuer.ask_with(&[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "Anonymous"));
    let lists = with(issuer.claims(), "aud", json!(["other", super::issuer::AUDIENCE]));
    assert_eq!(issuer.ask(&signer.token(&lists)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_for_others_or_of_others_is_refused() {
    let (signer, issuer) = stage().await;
    for (name, value) in [
        ("aud", json!("https://other.example")),
        ("aud", json!(["a", "b"])),
        ("aud", Value::Null),
        ("iss", json!("https://other.example")),
        ("iss", json!(format!("{}/", issuer.url))),
        ("iss", json!([issuer.url])),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("a\nb")),
        ("sub", json!("x".repeat(256))),
        ("exp", Value::Null),
        ("exp", json!("tomorrow")),
        ("roles", json!({ "guest": true })),
        ("businesses", json!([1])),
    ] {
        let token = signer.token(&with(issuer.claims(), name, value.clone()));
        refused(&issuer, &token, &format!("{name} is {value}")).await;
    }
    let stranger = Signer::new("first");
    refused(&issuer, &stranger.token(&issuer.claims()), "another key of the same name").await;
}

#[tokio::test]
async fn clocks_may_differ_by_the_skew_and_no_more() {
    let (signer, issuer) = stage().await;
    let at = |name: &str, seconds: u64| signer.token(&with(issuer.claims(), name, json!(seconds)));
    // Five seconds of room on each side, for a machine that is slow.
    for (token, good) in [
        (at("exp", now() - SKEW_SECONDS + 5), true),
        (at("exp", now() - SKEW_SECONDS - 5), false),
        (at("nbf", now() + SKEW_SECONDS - 5), true),
        (at("nbf", now() + SKEW_SECONDS + 5), false),
        (at("exp", 0), false),
    ] {
        assert_eq!(issuer.ask(&token).await.status == StatusCode::OK, good);
    }
}

#[tokio::test]
async fn only_the_algorithms_of_the_key_are_taken() {
    let (signer, issuer) = stage().await;
    let claims = issuer.claims();
    // The classic: the public key, which everybody has, as a shared secret.
    for secret in [signer.public(), signer.jwk().to_string().as_bytes()] {
        let message = unsigned(&json!({ "alg": "HS256", "kid": "first" }), &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        refused(&issuer, &format!("{message}.{}", encode(tag.as_ref())), "HS256 with the public key").await;
    }
    for none in ["none", "None", "NONE", ""] {
        let message = unsigned(&json!({ "alg": none, "kid": "first" }), &claims);
        refused(&issuer, &format!("{message}."), "no signature").await;
    }
    for other in ["ES384", "RS256", "PS256", "EdDSA", "XX999"] {
        let token = signer.sign(&json!({ "alg": other, "kid": "first" }), &claims);
        refused(&issuer, &token, other).await;
    }
    let critical = json!({ "alg": "ES256", "kid": "first", "crit": ["exp"] });
    refused(&issuer, &signer.sign(&critical, &claims), "an extension that must be understood").await;
    let shared: Jwk = serde_json::from_value(json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "first" })).unwrap();
    assert!(crate::auth::keys::KeySet::read(&json!({ "keys": [shared] })).is_err(), "a shared secret is no key");
}

#[tokio::test]
async fn garbage_and_the_huge_are_refused() {
    let (signer, issuer) = stage().await;
    let good = signer.token(&issuer.claims());
    let parts: Vec<&str> = good.split('.').collect();
    let huge = signer.token(&with(issuer.claims(), "more", json!("x".repeat(8 * 1024))));
    for token in [
        "x",
        "..",
        "a.b.c",
        &good[..good.len() - 1],
        &format!("{good}x"),
        &format!("{good}.x"),
        &format!("{}.{}.", parts[0], parts[1]),
        &format!("{}..{}", parts[0], parts[2]),
        &huge,
    ] {
        refused(&issuer, token, token.get(..40).unwrap_or(token)).await;
    }
    let twice = format!("Bearer {good}");
    for headers in [&["Basic YTpi"][..], &["Bearer"], &[&good], &[&twice, &twice], &[&twice, "Basic YTpi"]] {
        let answer = issuer.ask_with(headers).await;
        assert_eq!(
            (answer.status, &answer.headers[WWW_AUTHENTICATE]),
            (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn without_the_layer_nobody_is_let_in_and_without_an_issuer_everybody() {
    let me = || Router::new().route("/me", get(async |caller: Caller| format!("{caller:?}")));
    let request = || Request::get("/me").header("Authorization", "Bearer x").body(axum::body::Body::empty()).unwrap();
    assert_eq!(me().oneshot(request()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let open = Auth::read(&Env::of([("AUTH_AUDIENCE", "x")]));
    assert!(open.is_open());
    assert_eq!(open.around(me()).oneshot(request()).await.unwrap().status(), StatusCode::OK);
}

#[test]
fn faults_of_the_configuration_are_reported() {
    let env = Env::of([("AUTH_ISSUER", "login"), ("AUTH_CLOCK_SKEW_SECONDS", "301")]);
    assert!(!Auth::read(&env).is_open());
    let faults = env.finish().unwrap_err().to_string();
    for name in ["AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_CLOCK_SKEW_SECONDS"] {
        assert!(faults.contains(name), "{faults}");
    }
}

#[test]
fn a_role_opens_its_own_and_nothing_else() {
    let of = |role| Caller::known("ana", &[role], &["seaside"]);
    let slug = |answer: Result<(), crate::problem::Problem>| answer.map_or_else(|problem| problem.slug(), |()| "ok");
    let (lost, not) = ("not-yours", "not-allowed");
    // Guest ana, guest ben; host of seaside, of hilltop; party of ana and hilltop, of ben and seaside, of neither;
    // operator, service.
    let table = [
        (Caller::Open, ["ok"; 9]),
        (Caller::Anonymous, ["unauthenticated"; 9]),
        (of(Role::Guest), ["ok", lost, not, not, "ok", lost, lost, not, not]),
        (of(Role::Host), [not, not, "ok", lost, lost, "ok", lost, not, not]),
        (of(Role::Operator), ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", not]),
        (of(Role::Service), [not, not, not, not, not, not, not, not, "ok"]),
    ];
    for (caller, expected) in table {
        let told = [
            caller.guest("ana"),
            caller.guest("ben"),
            caller.host("seaside"),
            caller.host("hilltop"),
            caller.party("ana", "hilltop"),
            caller.party("ben", "seaside"),
            caller.party("ben", "hilltop"),
            caller.operator(),
            caller.service(),
        ];
        assert_eq!(told.map(slug), expected, "{caller:?}");
    }
    assert_eq!(Caller::known("ana", &[], &["seaside"]).host("seaside").map_err(|problem| problem.slug()), Err(not));
}
