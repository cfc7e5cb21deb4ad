//! A real OpenID provider on a loopback port: whoever is named logs in by an authorization code with PKCE.

use crate::supervisor::Supervisor;
use crate::{SOON, check, eventually, port, tools};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

/// The provider and its login page.
const SCRIPT: &str = include_str!("issuer.mjs");
const AUDIENCE: &str = "https://api.yeyak.test";
const REDIRECT: &str = "https://app.yeyak.test/callback";
/// The platform's own client. Its secret has what a header must escape.
const CLIENT_ID: &str = "platform";
const CLIENT_SECRET: &str = "the platform's own secret: 100 %";
/// From the login page to the code there are three.
const REDIRECTS_MAX: usize = 5;
const ANSWER_SECONDS_MAX: u64 = 10;

/// An OpenID provider whose tokens are JSON Web Tokens for one audience. Ends with the value.
#[derive(Debug)]
pub struct Issuer {
    supervisor: Supervisor,
    port: u16,
    /// The name that it gives itself, which is its address unless it is an impostor.
    name: String,
    http: Client,
}

/// Somebody who logs in, and what the provider says about them.
#[derive(Clone, Debug, Serialize)]
pub struct Principal {
    subject: String,
    roles: Vec<&'static str>,
    businesses: Vec<String>,
    /// How long the token holds.
    seconds: Option<u32>,
    #[serde(skip)]
    algorithm: &'static str,
    #[serde(skip)]
    audience: String,
}

impl Principal {
    #[must_use]
    pub fn guest(name: &str) -> Self {
        Self::new(name, "guest", &[])
    }

    #[must_use]
    pub fn host(name: &str, businesses: &[&str]) -> Self {
        Self::new(name, "host", businesses)
    }

    #[must_use]
    pub fn operator(name: &str) -> Self {
        Self::new(name, "operator", &[])
    }

    /// A token that holds so long; an hour is usual.
    #[must_use]
    pub fn for_seconds(self, seconds: u32) -> Self {
        Self { seconds: Some(seconds), ..self }
    }

    /// A token that is signed by `RS256` (usual), `ES256` or `EdDSA`.
    #[must_use]
    pub fn signed_by(self, algorithm: &'static str) -> Self {
        Self { algorithm, ..self }
    }

    /// A token for somebody else's service, named by an absolute URL.
    #[must_use]
    pub fn for_audience(self, audience: &str) -> Self {
        Self { audience: audience.to_owned(), ..self }
    }

    fn new(name: &str, role: &'static str, businesses: &[&str]) -> Self {
        Self {
            subject: name.to_owned(),
            roles: vec![role],
            businesses: businesses.iter().map(|business| (*business).to_owned()).collect(),
            seconds: None,
            algorithm: "RS256",
            audience: AUDIENCE.to_owned(),
        }
    }
}

impl Issuer {
    /// A provider of the test's own, ready to answer; none, and a line that says so, where it cannot run.
    #[expect(clippy::explicit_write, reason = "the test runner shows nothing of what a test that passes prints")]
    pub async fn start() -> Option<Self> {
        let issuer = Self::named(None).await;
        if issuer.is_none() {
            writeln!(std::io::stderr(), "skipped: no Node.js 20 with npm found, and no wheel of it for this machine")
                .unwrap();
        }
        issuer
    }

    /// Another provider that claims to be this one: its tokens differ in nothing but the keys that signed them.
    pub async fn impostor(&self) -> Self {
        Self::named(Some(self.url())).await.unwrap()
    }

    async fn named(name: Option<String>) -> Option<Self> {
        let provider = tools::oidc_provider().await?;
        let dir = tempfile::Builder::new().prefix("yeyak-issuer-").tempdir().unwrap().keep();
        std::fs::write(dir.join("issuer.mjs"), SCRIPT).unwrap();
        // A module's packages are looked for beside it.
        std::os::unix::fs::symlink(&provider.modules, dir.join("node_modules")).unwrap();
        let port = port::free();
        let name = name.unwrap_or_else(|| format!("http://127.0.0.1:{port}"));
        let settings = [format!("PORT={port}"), format!("ISSUER={name}"), format!("SECRET={CLIENT_SECRET}")];
        let program = [provider.node.to_str().unwrap(), "issuer.mjs"];
        let command: Vec<&str> =
            ["env"].into_iter().chain(settings.iter().map(String::as_str)).chain(program).collect();
        let supervisor = Supervisor::new(dir, "KILL", &command, None);
        // Connections belong to the runtime of one test, and this value may outlive it.
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
        let http = http.timeout(Duration::from_secs(ANSWER_SECONDS_MAX)).build().unwrap();
        let mut issuer = Self { supervisor, port, name, http };
        issuer.restart().await;
        Some(issuer)
    }

    /// What a service is told: `AUTH_ISSUER`, and whom tokens are for.
    #[must_use]
    pub fn url(&self) -> String {
        self.name.clone()
    }

    /// The environment of a service that believes this provider, and of one that calls another.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AUTH_ISSUER", self.url()),
            ("AUTH_AUDIENCE", AUDIENCE.to_owned()),
            ("AUTH_CLIENT_ID", CLIENT_ID.to_owned()),
            ("AUTH_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ]
    }

    /// Ends it as a crash does; its keys stay.
    pub fn stop(&mut self) {
        self.supervisor.end("KILL");
    }

    /// Starts it on the same port with the same keys, and waits until it answers.
    pub async fn restart(&mut self) {
        self.supervisor.start();
        eventually("the OpenID provider", SOON, async || {
            let answer = self.http.get(self.at("/.well-known/openid-configuration")).send().await;
            let answer = answer.map_err(|fault| format!("{fault}; {}", self.supervisor.last_words()))?;
            check(answer.status().as_u16(), |status| *status == 200).map_err(|status| status.to_string())
        })
        .await;
    }

    /// Signs with new keys from now on, and publishes only those.
    pub async fn rotate(&self) {
        let answer = self.http.post(self.at("/rotate")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", self.supervisor.last_words());
    }

    /// The keys that it publishes.
    pub async fn keys(&self) -> Value {
        told(self.http.get(self.at("/jwks")).send().await.unwrap()).await
    }

    /// The access token of somebody who logs in by an authorization code with PKCE.
    pub async fn token(&self, principal: &Principal) -> String {
        self.log_in(principal).await["access_token"].as_str().unwrap().to_owned()
    }

    /// The token that tells the app who logged in, which is for the app and for no service.
    pub async fn id_token(&self, principal: &Principal) -> String {
        self.log_in(principal).await["id_token"].as_str().unwrap().to_owned()
    }

    /// The access token of the platform itself, by its client credentials.
    pub async fn service(&self) -> String {
        let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = self.form("/token", &[("grant_type", "client_credentials")]);
        let request = request.basic_auth(escaped(CLIENT_ID), Some(escaped(CLIENT_SECRET)));
        told(request.send().await.unwrap()).await["access_token"].as_str().unwrap().to_owned()
    }

    async fn log_in(&self, principal: &Principal) -> Value {
        let verifier = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let app = format!("app-{}", principal.algorithm);
        let code = self.code(principal, &app, &verifier).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", app.as_str()),
            ("redirect_uri", REDIRECT),
            ("code", code.as_str()),
            ("code_verifier", verifier.as_str()),
        ];
        told(self.form("/token", &form).send().await.unwrap()).await
    }

    /// Follows the way of a browser to the login page and from there to the app, which is handed the code.
    async fn code(&self, principal: &Principal, app: &str, verifier: &str) -> String {
        let mut start = Url::parse(&self.at("/auth")).unwrap();
        start.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", app),
            ("redirect_uri", REDIRECT),
            ("scope", "openid"),
            ("resource", &principal.audience),
            ("code_challenge_method", "S256"),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))),
            ("login_hint", &serde_json::to_string(principal).unwrap()),
        ]);
        let (mut place, mut cookies) = (start, BTreeMap::new());
        for _ in 0..REDIRECTS_MAX {
            let cookie: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = self.http.get(place.clone()).header(COOKIE, cookie.join("; ")).send().await.unwrap();
            for set in answer.headers().get_all(SET_COOKIE) {
                let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let Some(next) = answer.headers().get(LOCATION) else {
                panic!("{place} leads nowhere: {}", answer.text().await.unwrap());
            };
            place = place.join(next.to_str().unwrap()).unwrap();
            if place.as_str().starts_with(REDIRECT) {
                let code = place.query_pairs().find(|(name, _)| name == "code");
                return code.unwrap_or_else(|| panic!("no code: {place}")).1.into_owned();
            }
        }
        panic!("{place} is one redirect too many");
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        self.http.post(self.at(path)).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn told(answer: Response) -> Value {
    let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
    assert_eq!(status, 200, "{body}");
    body
}
