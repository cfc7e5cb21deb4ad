//! Keys that come, go, and cannot be had.
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use serde_json::json;

use super::issuer::{Issuer, Signer, auth};
use crate::auth::Auth;
use crate::auth::keys::Pace;

/// Fetches follow each other at once.
const QUICK: Pace = Pace { refresh: Duration::from_secs(600), rest: Duration::ZERO, wait: Duration::from_secs(5) };

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_and_the_old_one_ends() {
    let (first, second) = (Signer::new("first"), Signer::new("second"));
    let issuer = Issuer::start(&[&first], QUICK).await;
    let (old, new) = (first.token(&issuer.claims()), second.token(&issuer.claims()));
    assert_eq!(issuer.ask(&old).await.status, StatusCode::OK);
    issuer.show(&[&second]);
    assert_eq!(issuer.ask(&new).await.status, StatusCode::OK);
    // Remembered tokens go with the key they were signed by.
    assert_eq!(issuer.ask(&old).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn keys_are_fetched_anew_in_regular_time() {
    let (first, second) = (Signer::new("first"), Signer::new("second"));
    let issuer = Issuer::start(&[&first], Pace { refresh: Duration::from_millis(20), ..QUICK }).await;
    let old = first.token(&issuer.claims());
    assert_eq!(issuer.ask(&old).await.status, StatusCode::OK);
    issuer.show(&[&second]);
    let until = Instant::now() + Duration::from_secs(10);
    while issuer.ask(&old).await.status == StatusCode::OK {
        assert!(Instant::now() < until, "a key that was taken back still counts");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_fetch_and_holds_nobody_up() {
    let signer = Signer::new("first");
    let issuer = Arc::new(Issuer::start(&[&signer], Pace::default()).await);
    assert_eq!(issuer.ask(&signer.token(&issuer.claims())).await.status, StatusCode::OK);
    let began = Instant::now();
    let flood = (0..500).map(|number| {
        let token = signer.sign(&json!({ "alg": "ES256", "kid": format!("k{number}") }), &issuer.claims());
        let issuer = Arc::clone(&issuer);
        tokio::spawn(async move { issuer.ask(&token).await.status })
    });
    for asked in flood.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), StatusCode::UNAUTHORIZED);
    }
    // The keys of the start are younger than 5 s, so that nothing is fetched before they are not.
    let rested = u64::try_from(issuer.fetches()).unwrap() <= 1 + began.elapsed().as_secs() / 5;
    assert!(rested, "{} fetches in {:?}", issuer.fetches(), began.elapsed());
}

#[tokio::test]
async fn old_keys_stay_while_the_issuer_is_away_or_talks_nonsense() {
    let (first, second) = (Signer::new("first"), Signer::new("second"));
    let issuer = Issuer::start(&[&first], QUICK).await;
    assert_eq!(issuer.ask(&first.token(&issuer.claims())).await.status, StatusCode::OK);
    issuer.set_down(true);
    assert_eq!(issuer.ask(&second.token(&issuer.claims())).await.status, StatusCode::UNAUTHORIZED);
    issuer.set_down(false);
    issuer.show(&[]);
    assert_eq!(issuer.ask(&second.token(&issuer.claims())).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(issuer.ask(&first.token(&issuer.claims())).await.status, StatusCode::OK);
    issuer.show(&[&second]);
    assert_eq!(issuer.ask(&second.token(&issuer.claims())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_any_keys_the_answer_is_503_and_not_401() {
    let signer = Signer::new("first");
    let mut issuer = Issuer::start(&[&signer], Pace::default()).await;
    // Nobody listens there, and nobody fetches.
    issuer.auth = auth("http://127.0.0.1:9", Pace { wait: Duration::from_millis(20), ..QUICK });
    let answer = issuer.ask(&signer.token(&issuer.claims())).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key(RETRY_AFTER) && answer.body.contains("/problems/issuer-unavailable"));
    assert_eq!(issuer.ask_with(&[]).await.status, StatusCode::OK, "who shows no token needs no key");
}

#[tokio::test]
async fn it_is_ready_once_keys_were_had_and_stays_so() {
    let signer = Signer::new("first");
    let issuer = Issuer::start(&[&signer], QUICK).await;
    assert_eq!(issuer.ask(&signer.token(&issuer.claims())).await.status, StatusCode::OK);
    let (name, ready) = issuer.auth.readiness().unwrap();
    assert_eq!((name.as_str(), ready().await), ("issuer", Ok(())));
    issuer.set_down(true);
    assert_eq!(issuer.ask(&Signer::new("x").token(&issuer.claims())).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ready().await, Ok(()), "an issuer that is away makes nobody unready");
    let (_, never) = auth("http://127.0.0.1:9", QUICK).readiness().unwrap();
    assert!(never().await.is_err());
    assert!(Auth::open().readiness().is_none(), "without auth there is nothing to wait for");
}

#[tokio::test]
async fn an_issuer_of_another_name_is_not_believed() {
    let signer = Signer::new("first");
    let issuer = Issuer::start(&[&signer], QUICK).await;
    let env = crate::config::Env::of([("AUTH_ISSUER", format!("{}/", issuer.url))]);
    let other = crate::auth::issuer::Issuer::read(&env).unwrap();
    assert!(other.discover().await.is_err());
}
