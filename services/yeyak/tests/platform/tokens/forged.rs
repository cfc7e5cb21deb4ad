//! Tokens that look right and are not.

use super::platform;
use crate::fixture::alone;
use crate::fixture::client::Client;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use testing::{Issuer, Principal, SOON, check, eventually};

const PATH: &str = "/dashboard/guests/mina";

#[test]
fn r17_what_is_forged_expired_or_meant_for_others_is_refused() {
    alone(async {
        let Some(issuer) = Issuer::start().await else { return };
        let platform = platform(&issuer, &[("AUTH_CLOCK_SKEW_SECONDS", "0")]).await;
        let (client, mina) = (platform.client(), Principal::guest("mina"));
        for algorithm in ["RS256", "ES256", "EdDSA"] {
            let token = issuer.token(&mina.clone().signed_by(algorithm)).await;
            client.showing(&token).get(PATH).await.expect(200);
        }
        let good = issuer.token(&mina).await;
        let (impostor, stranger) = (issuer.impostor().await, Issuer::start().await.unwrap());
        let public = issuer.keys().await["keys"][0].clone();
        let forgeries = [
            ("signed with another key", impostor.token(&mina).await),
            ("of another issuer", stranger.token(&mina).await),
            ("for another audience", issuer.token(&mina.clone().for_audience("https://other.test")).await),
            ("for the app", issuer.id_token(&mina).await),
            ("without a signature", resigned(&good, |head| head["alg"] = json!("none"), |_| Vec::new())),
            ("a cut one", good[..good.len() - 4].to_owned()),
            ("with another's name", with_claims(&good, |claims| claims["sub"] = json!("jun"))),
            ("with another role", with_claims(&good, |claims| claims["roles"] = json!(["operator"]))),
            ("longer than it was given", with_claims(&good, |claims| claims["exp"] = json!(4_000_000_000_u64))),
            ("keyed by what everybody knows", {
                let known = public["n"].as_str().unwrap().as_bytes();
                resigned(&good, |head| head["alg"] = json!("HS256"), |text| authenticated(known, text))
            }),
        ];
        for (what, token) in forgeries {
            let refused = client.showing(&token).get(PATH).await;
            assert_eq!(refused.status, 401, "a token {what}: {}", refused.body);
            assert_eq!(
                refused.refused(401, "unauthenticated").headers["www-authenticate"],
                "Bearer error=\"invalid_token\""
            );
        }
        client.showing(&good).get(PATH).await.expect(200);
        expires(client, &issuer.token(&mina.clone().for_seconds(2)).await).await;
    });
}

/// A token that was good a moment ago, and is remembered as such.
async fn expires(client: &Client, token: &str) {
    let client = client.showing(token);
    client.get(PATH).await.expect(200);
    let refused =
        eventually("the end of a token", SOON, async || check(client.get(PATH).await, |answer| answer.status != 200));
    refused.await.refused(401, "unauthenticated");
}

#[test]
fn r17_keys_rotate_while_it_runs() {
    alone(async {
        let Some(issuer) = Issuer::start().await else { return };
        let platform = platform(&issuer, &[]).await;
        let mina = Principal::guest("mina");
        let old = platform.client().showing(&issuer.token(&mina).await);
        old.get(PATH).await.expect(200);
        issuer.rotate().await;
        let new = platform.client().showing(&issuer.token(&mina).await);
        eventually("the new keys", SOON, async || check(new.get(PATH).await, |answer| answer.status == 200)).await;
        old.get(PATH).await.refused(401, "unauthenticated");
    });
}

/// The token with other claims below the old signature.
fn with_claims(token: &str, change: impl Fn(&mut Value)) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = read(parts[1]);
    change(&mut claims);
    format!("{}.{}.{}", parts[0], written(&claims), parts[2])
}

/// The token with another head and a signature to fit.
fn resigned(token: &str, change: impl Fn(&mut Value), sign: impl Fn(&str) -> Vec<u8>) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut head = read(parts[0]);
    change(&mut head);
    let text = format!("{}.{}", written(&head), parts[1]);
    let signature = URL_SAFE_NO_PAD.encode(sign(&text));
    format!("{text}.{signature}")
}

fn authenticated(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn written(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}
