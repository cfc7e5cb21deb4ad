//! Bounded requests to the issuer: JSON in 5 s and 256 KiB, no redirects.
use std::io;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use serde_json::Value;

/// How long an answer of the issuer may take, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;
/// Longest answer of the issuer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Why the issuer's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the address cannot be asked: {0}")]
    Address(#[from] axum::http::Error),
    #[error("no connection: {}", causes(.0))]
    Unreached(#[from] hyper_util::client::legacy::Error),
    #[error("no answer in {ANSWER_MS_MAX} ms")]
    Late,
    #[error("answered {0}")]
    Status(u16),
    #[error("the answer cannot be read or is longer than {ANSWER_BYTES_MAX} bytes")]
    Body,
    #[error("the answer is not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("the answer makes no sense: {0}")]
    Sense(&'static str),
}

/// Asks the issuer, over TLS where its address says so.
pub struct Fetcher(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Fetcher {
    /// # Errors
    /// `tls` is wanted, and the machine has no roots of trust.
    pub fn new(tls: bool) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new();
        let connector = if tls {
            connector.with_provider_and_native_roots(ring::default_provider())?.https_only()
        } else {
            let versions = rustls::ClientConfig::builder_with_provider(ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?;
            let config = versions.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
            connector.with_tls_config(config).https_or_http()
        };
        // A connection is used once in minutes: what idles is dead by then.
        let mut client = Client::builder(TokioExecutor::new());
        Ok(Self(client.pool_max_idle_per_host(0).build(connector.enable_http1().build())))
    }

    /// The JSON of an answer 200.
    pub async fn json(&self, request: Request<Full<Bytes>>) -> Result<Value, FetchError> {
        let answer = tokio::time::timeout(Duration::from_millis(ANSWER_MS_MAX), self.answer(request)).await;
        answer.unwrap_or(Err(FetchError::Late))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Value, FetchError> {
        let answer = self.0.request(request).await?;
        if answer.status() != 200 {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| FetchError::Body)?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}

/// An error with its causes: the outermost alone says only that a request failed.
fn causes(fault: &dyn std::error::Error) -> String {
    let texts = std::iter::successors(Some(fault), |fault| fault.source()).map(ToString::to_string);
    texts.collect::<Vec<_>>().join(": ")
}
