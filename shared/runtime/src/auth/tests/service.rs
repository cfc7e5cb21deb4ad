//! The token of a process for calls to other services.
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use tokio_util::sync::CancellationToken;

use super::issuer::{Issuer, Signer};
use crate::auth::keys::Pace;
use crate::auth::{NoTokenError, ServiceToken};
use crate::config::Env;
use crate::shutdown::Tasks;

async fn token(issuer: &Issuer, stop: &CancellationToken) -> ServiceToken {
    let env = Env::of([
        ("AUTH_ISSUER", issuer.url.as_str()),
        ("AUTH_AUDIENCE", super::issuer::AUDIENCE),
        ("AUTH_CLIENT_ID", "reservation"),
        ("AUTH_CLIENT_SECRET", "s:e cret"),
    ]);
    let (token, mut tasks) = (ServiceToken::read(&env), Tasks::new());
    env.finish().unwrap();
    token.start(&mut tasks, stop);
    tokio::spawn(tasks.run(stop.clone(), Duration::from_secs(1)));
    token
}

/// Waits until the token is `wanted`.
async fn becomes(token: &ServiceToken, wanted: Result<&str, NoTokenError>) {
    let wait = async {
        loop {
            let header = token.header();
            let shown = header.as_ref().map(|header| header.as_ref().unwrap().to_str().unwrap());
            if shown == wanted.as_ref().map(|text| *text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("never {wanted:?}"));
}

#[tokio::test]
async fn it_is_had_by_client_credentials_and_renewed_when_refused() {
    let signer = Signer::new("first");
    let (issuer, stop) = (Issuer::start(&[&signer], Pace::default()).await, CancellationToken::new());
    let _stop = stop.clone().drop_guard();
    let token = token(&issuer, &stop).await;
    becomes(&token, Ok("Bearer t1")).await;
    let (headers, form) = issuer.answers.grants.lock().unwrap()[0].clone();
    // `reservation:s%3Ae%20cret`, as RFC 6749 wants it.
    assert_eq!(headers[AUTHORIZATION], "Basic cmVzZXJ2YXRpb246cyUzQWUlMjBjcmV0");
    let audience = "https%3A%2F%2Fyeyak.example";
    assert_eq!(form, format!("grant_type=client_credentials&audience={audience}&resource={audience}"));
    token.refused();
    becomes(&token, Ok("Bearer t2")).await;
}

#[tokio::test]
async fn an_issuer_that_is_away_harms_nobody_until_the_token_ends() {
    let signer = Signer::new("first");
    let (issuer, stop) = (Issuer::start(&[&signer], Pace::default()).await, CancellationToken::new());
    let _stop = stop.clone().drop_guard();
    *issuer.answers.expires_in.lock().unwrap() = 7;
    let token = token(&issuer, &stop).await;
    becomes(&token, Ok("Bearer t1")).await;
    let (name, ready) = token.readiness("reservation").unwrap();
    issuer.set_down(true);
    assert!(token.header().is_ok());
    // Two seconds of life without the margin: it is not shown when it may end on its way.
    becomes(&token, Err(NoTokenError)).await;
    assert_eq!((name.as_str(), ready().await), ("reservation token", Ok(())), "once is enough");
    issuer.set_down(false);
    becomes(&token, Ok("Bearer t2")).await;
}

#[tokio::test]
async fn without_an_issuer_none_is_needed() {
    assert_eq!(ServiceToken::read(&Env::of([("AUTH_CLIENT_ID", "x")])).header(), Ok(None));
    let env = Env::of([("AUTH_ISSUER", "http://127.0.0.1:9")]);
    let token = ServiceToken::read(&env);
    assert_eq!(token.header(), Err(NoTokenError));
    assert!(token.readiness("reservation").unwrap().1().await.is_err());
    assert!(ServiceToken::off().readiness("reservation").is_none());
    let faults = env.finish().unwrap_err().to_string();
    assert!(faults.contains("AUTH_CLIENT_ID") && faults.contains("AUTH_CLIENT_SECRET"), "{faults}");
}
