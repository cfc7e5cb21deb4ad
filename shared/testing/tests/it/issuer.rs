//! The OpenID provider does what the tests of tokens build upon.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testing::{Issuer, Principal};

/// A part of a token: its head, or what it claims.
fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn whoever_is_named_logs_in_with_the_roles_that_are_named() {
    let Some(issuer) = Issuer::start().await else { return };
    let host = Principal::host("h1", &["seaside"]).signed_by("ES256").for_seconds(5);
    let token = issuer.token(&host).await;
    let (head, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!(head["alg"], "ES256");
    assert_eq!((&claims["sub"], &claims["iss"]), (&json!("h1"), &json!(issuer.url())));
    assert_eq!((&claims["roles"], &claims["businesses"]), (&json!(["host"]), &json!(["seaside"])));
    assert_eq!(claims["aud"], issuer.environment()[1].1);
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 5);
    let other = Principal::guest("mina").for_audience("https://other.test");
    assert_eq!(part(&issuer.token(&other).await, 1)["aud"], "https://other.test");
    assert_eq!(part(&issuer.id_token(&other).await, 1)["aud"], "app-RS256");
    let service = part(&issuer.service().await, 1);
    assert_eq!((&service["sub"], &service["roles"]), (&json!("platform"), &json!(["service"])));
}

#[tokio::test]
async fn keys_outlive_a_restart_and_end_with_a_rotation() {
    let Some(mut issuer) = Issuer::start().await else { return };
    let key = async |issuer: &Issuer| part(&issuer.token(&Principal::guest("mina")).await, 0)["kid"].clone();
    let first = key(&issuer).await;
    issuer.stop();
    issuer.restart().await;
    assert_eq!(key(&issuer).await, first);
    issuer.rotate().await;
    assert_ne!(key(&issuer).await, first);
    let impostor = issuer.impostor().await;
    let claims = part(&impostor.token(&Principal::guest("mina").signed_by("EdDSA")).await, 1);
    assert_eq!(claims["iss"], issuer.url());
}
