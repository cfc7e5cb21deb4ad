//! Who calls: OIDC bearer tokens, verified once for a whole process, and what a caller may do.
mod caller;
mod fetch;
mod issuer;
mod keys;
mod layer;
mod seen;
mod service;
mod signature;
#[cfg(test)]
mod tests;
mod token;

pub use caller::{Caller, Known, Role};
pub use service::{NoTokenError, ServiceToken};

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio_util::sync::CancellationToken;

use crate::admin::Check;
use crate::config::Env;
use crate::shutdown::Tasks;
use issuer::Issuer;
use keys::{Keyring, Pace};
use layer::Gate;
use seen::Seen;
use token::Expected;

/// How far the clocks of issuer and services may differ, in seconds.
const SKEW_SECONDS: u64 = 30;
const SKEW_SECONDS_MAX: u64 = 300;

/// Whether callers must show a token, and how it is verified. One for a process, around all of its routers.
#[derive(Clone)]
pub struct Auth(Option<Arc<Gate>>);

impl Auth {
    /// Reads `AUTH_ISSUER` (auth is off without it), `AUTH_AUDIENCE`, `AUTH_CLOCK_SKEW_SECONDS`, `AUTH_ROLES_CLAIM`
    /// and `AUTH_BUSINESSES_CLAIM`.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        let Some(issuer) = Issuer::read(env) else { return Self::open() };
        let expected = Expected {
            issuer: issuer.url().to_owned(),
            audience: env.required("AUTH_AUDIENCE"),
            skew_seconds: env.within("AUTH_CLOCK_SKEW_SECONDS", SKEW_SECONDS, 0..=SKEW_SECONDS_MAX),
            roles_claim: env.text("AUTH_ROLES_CLAIM").unwrap_or_else(|| "roles".to_owned()),
            businesses_claim: env.text("AUTH_BUSINESSES_CLAIM").unwrap_or_else(|| "businesses".to_owned()),
        };
        Self::of(issuer, expected, Pace::default())
    }

    /// Everyone may do everything, token or not.
    #[must_use]
    pub const fn open() -> Self {
        Self(None)
    }

    /// Whether auth is off.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Keeps the issuer's keys fresh until `stop`; without it no token is ever good.
    pub fn start(&self, tasks: &mut Tasks, stop: &CancellationToken) {
        layer::describe();
        [true, false].iter().for_each(|well| keys::fetches(*well).increment(0));
        if let Some(gate) = &self.0 {
            tasks.spawn("auth keys", Arc::clone(&gate.keyring).run(stop.clone()));
        }
    }

    /// Readiness: the issuer's keys were had. Once is enough, so that an issuer that goes away makes no process unready;
    /// but one that could verify nobody's token does not take the place of one that can.
    #[must_use]
    pub fn readiness(&self) -> Option<(String, Check)> {
        let gate = Arc::clone(self.0.as_ref()?);
        Some(("issuer".to_owned(), once(move || gate.keyring.has_some(), "its keys were not fetched yet")))
    }

    /// Puts the verification around all routes of `router`, its fallbacks too: handlers find their [`Caller`].
    pub fn around(&self, router: Router) -> Router {
        match &self.0 {
            None => router.layer(axum::Extension(Caller::Open)),
            Some(gate) => router.layer(from_fn_with_state(Arc::clone(gate), layer::admit)),
        }
    }

    /// The same around routes that are the operators' alone.
    pub fn around_operators(&self, router: Router) -> Router {
        self.around(router.layer(from_fn(layer::operators)))
    }

    fn of(issuer: Issuer, expected: Expected, pace: Pace) -> Self {
        signature::install();
        let keyring = Arc::new(Keyring::new(issuer, pace));
        Self(Some(Arc::new(Gate { keyring, expected, seen: Seen::default() })))
    }
}

/// A check of something that stays true.
fn once(was_had: impl Fn() -> bool + Send + Sync + 'static, missing: &'static str) -> Check {
    Arc::new(move || {
        let answer = if was_had() { Ok(()) } else { Err(missing.to_owned()) };
        Box::pin(async move { answer })
    })
}
