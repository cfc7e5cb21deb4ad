//! The token that a service shows to another, renewed long before it ends.
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;
use url::form_urlencoded::Serializer;

use super::fetch::FetchError;
use super::issuer::Issuer;
use crate::admin::Check;
use crate::config::Env;
use crate::shutdown::Tasks;

/// How long a token is taken to live when the issuer does not say, in seconds.
const LIFE_SECONDS: u64 = 60;
/// A token is believed to live no longer, in seconds.
const LIFE_SECONDS_MAX: u64 = 24 * 3_600;
/// A token is not shown any more so long before its end, because it travels, in seconds.
const MARGIN_SECONDS: u64 = 5;
/// Between two requests for a token, in seconds.
const REST_SECONDS: u64 = 1;
const REST_SECONDS_MAX: u64 = 15;

/// There is no token to show: the issuer was not reached since the last one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the issuer gave no token for calls to other services")]
pub struct NoTokenError;

/// The token of this process for calls to other services; cheap to clone. Without auth there is none and none is needed.
#[derive(Clone)]
pub struct ServiceToken(Option<Arc<Holder>>);

impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "ServiceToken(on)" } else { "ServiceToken(off)" })
    }
}

struct Holder {
    issuer: Issuer,
    audience: String,
    /// `Authorization` for the token endpoint.
    basic: String,
    token: watch::Sender<Option<Token>>,
    refused: Notify,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    got: Instant,
    life: Duration,
}

impl ServiceToken {
    /// Reads `AUTH_ISSUER`, `AUTH_AUDIENCE`, `AUTH_CLIENT_ID` and `AUTH_CLIENT_SECRET`; off without an issuer.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        let Some(issuer) = Issuer::read(env) else { return Self::off() };
        let part = |name| utf8_percent_encode(&env.required(name), NON_ALPHANUMERIC).to_string();
        let basic = format!("{}:{}", part("AUTH_CLIENT_ID"), part("AUTH_CLIENT_SECRET"));
        Self(Some(Arc::new(Holder {
            issuer,
            audience: env.required("AUTH_AUDIENCE"),
            basic: format!("Basic {}", STANDARD.encode(basic)),
            token: watch::Sender::new(None),
            refused: Notify::new(),
        })))
    }

    /// Calls need no token.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Gets and renews the token until `stop`.
    pub fn start(&self, tasks: &mut Tasks, stop: &CancellationToken) {
        failures().increment(0);
        if let Some(holder) = &self.0 {
            tasks.spawn("service token", Arc::clone(holder).run(stop.clone()));
        }
    }

    /// Readiness of `service`: a token was had. Once is enough, as in [`super::Auth::readiness`].
    #[must_use]
    pub fn readiness(&self, service: &str) -> Option<(String, Check)> {
        let holder = Arc::clone(self.0.as_ref()?);
        let was_had = move || holder.token.borrow().is_some();
        Some((format!("{service} token"), super::once(was_had, "the issuer gave none yet for calls to other services")))
    }

    /// The `Authorization` of a call; none where none is needed.
    ///
    /// # Errors
    /// One is needed and there is none: nothing should be sent, and whoever is called did not fail.
    pub fn header(&self) -> Result<Option<HeaderValue>, NoTokenError> {
        let Some(holder) = &self.0 else { return Ok(None) };
        let token = holder.token.borrow();
        token.as_ref().filter(|token| token.is_good()).map(|token| Some(token.header.clone())).ok_or(NoTokenError)
    }

    /// The other side does not take the token: another one is asked for.
    pub fn refused(&self) {
        if let Some(holder) = &self.0 {
            holder.refused.notify_one();
        }
    }
}

impl Token {
    fn is_good(&self) -> bool {
        self.got.elapsed() + Duration::from_secs(MARGIN_SECONDS) < self.life
    }
}

impl Holder {
    /// One request at a time; an issuer that is away harms nobody while the token lives.
    async fn run(self: Arc<Self>, stop: CancellationToken) {
        let renewals = async {
            let mut rest = Duration::from_secs(REST_SECONDS);
            loop {
                match self.fetch().await {
                    Ok(token) => {
                        rest = Duration::from_secs(REST_SECONDS);
                        let due = token.life / 2;
                        self.token.send_replace(Some(token));
                        tokio::select! {
                            () = tokio::time::sleep(due.max(rest)) => {}
                            () = self.refused.notified() => tokio::time::sleep(rest).await,
                        }
                    }
                    Err(fault) => {
                        failures().increment(1);
                        tracing::warn!(%fault, issuer = self.issuer.url(), "no token for calls to other services");
                        tokio::time::sleep(rest).await;
                        rest = (rest * 2).min(Duration::from_secs(REST_SECONDS_MAX));
                    }
                }
            }
        };
        stop.run_until_cancelled(renewals).await;
    }

    async fn fetch(&self) -> Result<Token, FetchError> {
        let endpoint = self.issuer.discover().await?.token_endpoint;
        let endpoint = endpoint.ok_or(FetchError::Sense("there is no token_endpoint"))?;
        let request = Request::post(endpoint)
            .header(AUTHORIZATION, &self.basic)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(grant(&self.audience)))?;
        let got = Instant::now();
        let told = self.issuer.ask(request).await?;
        let token = told["access_token"].as_str().ok_or(FetchError::Sense("there is no access_token"))?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| FetchError::Sense("the access_token is no token"))?;
        header.set_sensitive(true);
        let life = told["expires_in"].as_u64().unwrap_or(LIFE_SECONDS).min(LIFE_SECONDS_MAX);
        Ok(Token { header, got, life: Duration::from_secs(life) })
    }
}

fn failures() -> metrics::Counter {
    metrics::counter!("yeyak_auth_service_token_failures_total")
}

/// The form that asks for a token for `audience`.
fn grant(audience: &str) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials").append_pair("audience", audience);
    // RFC 8707 wants an absolute address here; providers refuse anything else.
    if Url::parse(audience).is_ok() {
        form.append_pair("resource", audience);
    }
    form.finish()
}
