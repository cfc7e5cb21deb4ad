//! Webhooks as Standard Webhooks has them: a signed POST, the same id at each attempt, a fresh timestamp.

use super::address::Resolver;
use super::{Bounds, reason_of};
use crate::delivery::Outcome;
use crate::recipient::{self, Webhook};
use crate::store::Job;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use kernel::Clock;
use rustls::crypto::ring;
use serde_json::json;
use sha2::Sha256;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// Posts at the same time: in all, and to one host, so that one that hangs leaves room for the others.
pub const AT_ONCE_MAX: usize = 64;
pub const HOST_AT_ONCE_MAX: usize = 8;
/// Idle connections that are kept for each host.
const IDLE_CONNECTIONS_MAX: usize = 8;
/// How long they are.
const IDLE_SECONDS_MAX: u64 = 30;

/// Posts messages. It follows no redirection: where a message goes is its reader's word, and nobody else's.
#[derive(Debug)]
pub struct Poster {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    resolver: Resolver,
    bounds: Bounds,
}

impl Poster {
    /// # Errors
    /// The machine has no roots of trust for TLS.
    pub fn new(bounds: Bounds) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider())?;
        let resolver = Resolver { private: bounds.private };
        let mut http = HttpConnector::new_with_resolver(resolver);
        http.enforce_http(false);
        let connector = connector.https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector);
        Ok(Self { client, resolver, bounds })
    }

    pub async fn attempt(&self, job: &Job) -> Outcome {
        let Some(webhook) = job.recipient.as_ref().and_then(|reader| reader.webhook.as_ref()) else {
            return Outcome::Refused("the recipient has no webhook any more".into());
        };
        let request = match request(job, webhook) {
            Ok(request) => request,
            Err(fault) => return Outcome::Refused(reason_of(&fault)),
        };
        if !request.uri().host().is_some_and(|host| self.resolver.allows(host)) {
            return Outcome::Refused("the receiver's address is private".into());
        }
        // Only the status counts, so that nobody waits for the rest of an answer.
        match timeout(self.bounds.timeout(), self.client.request(request)).await {
            Ok(Ok(answer)) if answer.status().is_success() => Outcome::Sent,
            Ok(Ok(answer)) if is_final(answer.status()) => {
                Outcome::Refused(format!("the receiver answered {}", answer.status()))
            }
            Ok(Ok(answer)) => self.bounds.later(job, &format_args!("the receiver answered {}", answer.status())),
            Ok(Err(fault)) => self.bounds.later(job, &causes(&fault)),
            Err(_) => self.bounds.later(job, &"the receiver did not answer in time"),
        }
    }
}

/// One attempt, signed now.
fn request(job: &Job, webhook: &Webhook) -> Result<Request<Full<Bytes>>, axum::http::Error> {
    let (id, body) = (job.delivery.id.to_string(), body(job));
    let timestamp = Clock::system().now().as_second();
    Request::post(&webhook.url)
        .header(USER_AGENT, "yeyak-notification")
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature(&webhook.secret, (&id, timestamp), &body))
        .body(Full::from(body))
}

/// A refusal that will not change: the receiver says that it is the request's own fault, or that it has gone.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error() && ![StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}

/// What is posted: the transition, when it happened, and the message as its reader shall see it.
fn body(job: &Job) -> String {
    let told = &job.message;
    let body = json!({
        "type": told.template.replacen('-', ".", 1),
        "timestamp": Timestamp::from_microsecond(told.created_us).ok().map(|at| at.to_string()),
        "data": {
            "notification_id": told.id,
            "event_id": told.event_id,
            "correlation": told.correlation,
            "recipient": told.recipient,
            "role": told.role,
            "language": told.language,
            "template": told.template,
            "subject": told.subject,
            "body": told.body,
        },
    });
    body.to_string()
}

/// `v1,` and the HMAC-SHA256 of id, timestamp and body.
fn signature(secret: &str, (id, timestamp): (&str, i64), body: &str) -> String {
    // A secret was readable when it was stored, and HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&recipient::key(secret).unwrap_or_default()) else {
        return String::new();
    };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// An error with its causes: the outermost alone says only that a request failed.
fn causes(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_another_implementation() {
        let secret = recipient::fresh_secret();
        let other = standardwebhooks::Webhook::new(&secret).unwrap();
        for body in ["", "{}", r#"{"type":"예약"}"#] {
            let signed = signature(&secret, ("msg_1", 1_790_000_000), body);
            assert_eq!(other.sign("msg_1", 1_790_000_000, body.as_bytes()).unwrap(), signed);
        }
    }

    #[test]
    fn only_the_receivers_own_no_is_final() {
        for (status, last) in
            [(400, true), (404, true), (410, true), (408, false), (429, false), (302, false), (500, false)]
        {
            assert_eq!(is_final(StatusCode::from_u16(status).unwrap()), last, "{status}");
        }
    }
}
