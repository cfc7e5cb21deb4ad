//! An issuer of this test: its keys, its server, its counters.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::get_current_timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::auth::keys::Pace;
use crate::auth::token::Expected;
use crate::auth::{Auth, Caller, issuer};
use crate::config::Env;
use crate::shutdown::Tasks;

pub const AUDIENCE: &str = "https://yeyak.example";
pub const SKEW_SECONDS: u64 = 30;

/// A key pair with its name.
pub struct Signer {
    pub id: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub fn new(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { id, pair }
    }

    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub fn jwk(&self) -> Value {
        let (x, y) = self.public()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": encode(x), "y": encode(y) })
    }

    /// A token of these claims, with this header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", encode(signature.as_ref()))
    }

    /// A token of these claims, with the usual header.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": self.id }), claims)
    }
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()))
}

pub fn now() -> u64 {
    get_current_timestamp()
}

/// What the server answers, changed while it runs.
#[derive(Default)]
pub struct Answers {
    pub keys: Mutex<Vec<Value>>,
    pub is_down: AtomicBool,
    /// Key sets that were handed out.
    pub fetches: AtomicUsize,
    /// What the token endpoint was sent.
    pub grants: Mutex<Vec<(HeaderMap, String)>>,
    pub expires_in: Mutex<u64>,
}

/// A running issuer and the auth that believes it.
pub struct Issuer {
    pub url: String,
    pub answers: Arc<Answers>,
    pub auth: Auth,
    stop: CancellationToken,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Issuer {
    pub async fn start(signers: &[&Signer], pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Answers::default());
        *answers.expires_in.lock().unwrap() = 600;
        let (stop, mut tasks) = (CancellationToken::new(), Tasks::new());
        tokio::spawn(axum::serve(listener, router(&url, &answers)).into_future());
        let auth = auth(&url, pace);
        auth.start(&mut tasks, &stop);
        let issuer = Self { url, answers, auth, stop: stop.clone() };
        issuer.show(signers);
        tokio::spawn(tasks.run(stop, std::time::Duration::from_secs(1)));
        issuer
    }

    pub fn show(&self, signers: &[&Signer]) {
        *self.answers.keys.lock().unwrap() = signers.iter().map(|signer| signer.jwk()).collect();
    }

    pub fn fetches(&self) -> usize {
        self.answers.fetches.load(Ordering::Relaxed)
    }

    pub fn set_down(&self, is_down: bool) {
        self.answers.is_down.store(is_down, Ordering::Relaxed);
    }

    /// Claims of a good token.
    pub fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": AUDIENCE, "sub": "ana", "exp": now() + 300,
            "roles": ["guest", "gardener"], "businesses": ["seaside"],
        })
    }

    pub async fn ask(&self, token: &str) -> Answer {
        self.ask_with(&[&format!("Bearer {token}")]).await
    }

    /// Asks with these `Authorization` headers.
    pub async fn ask_with(&self, headers: &[&str]) -> Answer {
        let mut request = Request::get("/me");
        for value in headers {
            request = request.header("Authorization", *value);
        }
        let router = self.auth.around(Router::new().route("/me", get(async |caller: Caller| format!("{caller:?}"))));
        let answer = router.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

/// What the caller of `/me` is told: who it is.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

pub fn auth(url: &str, pace: Pace) -> Auth {
    let issuer = issuer::Issuer::read(&Env::of([("AUTH_ISSUER", url)])).unwrap();
    let expected = Expected {
        issuer: url.to_owned(),
        audience: AUDIENCE.to_owned(),
        skew_seconds: SKEW_SECONDS,
        roles_claim: "roles".to_owned(),
        businesses_claim: "businesses".to_owned(),
    };
    Auth::of(issuer, expected, pace)
}

fn router(url: &str, answers: &Arc<Answers>) -> Router {
    let told = json!({ "issuer": url, "jwks_uri": format!("{url}/jwks"), "token_endpoint": format!("{url}/token") });
    let (gate, keys, grants) = (Arc::clone(answers), Arc::clone(answers), Arc::clone(answers));
    let discovery = async move || match gate.is_down.load(Ordering::Relaxed) {
        true => Err(StatusCode::BAD_GATEWAY),
        false => Ok(Json(told)),
    };
    let jwks = async move || {
        keys.fetches.fetch_add(1, Ordering::Relaxed);
        Json(json!({ "keys": *keys.keys.lock().unwrap() }))
    };
    let token = async move |headers: HeaderMap, form: String| {
        let mut all = grants.grants.lock().unwrap();
        all.push((headers, form));
        Json(json!({ "access_token": format!("t{}", all.len()), "expires_in": *grants.expires_in.lock().unwrap() }))
    };
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
}
