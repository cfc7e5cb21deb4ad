//! The issuer as it describes itself: where its keys are and where it hands out tokens.
use axum::body::Bytes;
use axum::http::Request;
use axum::http::header::ACCEPT;
use http_body_util::Full;
use serde_json::Value;
use url::{Host, Url};

use super::fetch::{FetchError, Fetcher};
use crate::config::Env;

/// An OpenID provider; its name is compared exactly, as RFC 8414 wants it.
pub struct Issuer {
    url: String,
    /// Whether it is asked without TLS, over a network.
    exposed: bool,
    /// None when the machine has no roots of trust, which was reported when the environment was read.
    fetcher: Option<Fetcher>,
}

/// What the provider says of itself.
#[derive(Clone, Debug)]
pub struct Discovered {
    pub jwks_uri: String,
    /// None where it hands out no tokens itself.
    pub token_endpoint: Option<String>,
}

impl Issuer {
    /// Reads `AUTH_ISSUER`; none when it is not set.
    pub fn read(env: &Env) -> Option<Self> {
        let url = env.text("AUTH_ISSUER")?;
        let parsed = Url::parse(&url).ok().filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
        if parsed.as_ref().is_none_or(|url| url.query().is_some() || url.fragment().is_some()) {
            env.fault("AUTH_ISSUER", "is not a URL such as https://login.example.com/realms/yeyak");
        }
        let exposed = parsed.is_some_and(|url| url.scheme() == "http" && !is_local(&url));
        let fetcher = Fetcher::new(url.starts_with("https:"));
        let fetcher = fetcher.map_err(|fault| env.fault("AUTH_ISSUER", format_args!("cannot be asked: {fault}"))).ok();
        Some(Self { url, exposed, fetcher })
    }

    /// Its name.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says so where anybody in between could answer in its place.
    pub fn warn(&self) {
        if self.exposed {
            tracing::warn!(
                issuer = self.url,
                "the issuer is asked without TLS: who can answer in its place is believed"
            );
        }
    }

    /// Asks what it says of itself. Another name, or addresses without TLS where its own has it, are refused.
    pub async fn discover(&self) -> Result<Discovered, FetchError> {
        let told = self.get(&format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'))).await?;
        if told["issuer"].as_str() != Some(&self.url) {
            return Err(FetchError::Sense("the issuer's own name is another"));
        }
        let address = |name: &str| match told[name].as_str() {
            Some(url) if url.starts_with("http:") && !self.url.starts_with("http:") => {
                Err(FetchError::Sense("an address is not https"))
            }
            found => Ok(found.map(ToOwned::to_owned)),
        };
        Ok(Discovered {
            jwks_uri: address("jwks_uri")?.ok_or(FetchError::Sense("there is no jwks_uri"))?,
            token_endpoint: address("token_endpoint")?,
        })
    }

    /// The JSON at `url`.
    pub async fn get(&self, url: &str) -> Result<Value, FetchError> {
        self.ask(Request::get(url).header(ACCEPT, "application/json").body(Full::default())?).await
    }

    /// The JSON that answers `request`.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Value, FetchError> {
        let fetcher = self.fetcher.as_ref().ok_or(FetchError::Sense("there are no roots of trust"))?;
        fetcher.json(request).await
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
