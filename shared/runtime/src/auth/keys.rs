//! The issuer's public keys: fetched by one task, kept while the issuer is away.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fetch::FetchError;
use super::issuer::Issuer;

/// Keys of one set; those beyond are not looked at.
const KEYS_MAX: usize = 64;
/// What RSA keys sign with, unless a key says which.
const RSA: [Algorithm; 6] =
    [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// The keys that tokens may be signed with at one time.
pub struct KeySet(Vec<Key>);

/// One public key and the algorithms it allows.
pub struct Key {
    id: Option<String>,
    pub algorithms: Vec<Algorithm>,
    pub key: DecodingKey,
}

impl KeySet {
    /// Reads a JWKS; keys of kinds we do not verify with are left out.
    ///
    /// # Errors
    /// No key is left, so that a broken answer never replaces good keys.
    pub fn read(jwks: &Value) -> Result<Self, FetchError> {
        let keys = jwks["keys"].as_array().ok_or(FetchError::Sense("there are no keys"))?;
        let keys: Vec<Key> = keys.iter().take(KEYS_MAX).filter_map(Key::read).collect();
        if keys.is_empty() { Err(FetchError::Sense("no key is of use")) } else { Ok(Self(keys)) }
    }

    /// The key that `id` names. A token that names none has one only where there is no choice.
    pub fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (id, self.0.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.id.as_deref() == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(key.clone()).ok()?;
        let common = &jwk.common;
        let verifies = common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature)
            && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        let mut algorithms = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => RSA.to_vec(),
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => vec![Algorithm::ES256],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => vec![Algorithm::ES384],
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
            // Shared secrets, curves that ring does not know, and what the library may learn.
            _ => return None,
        };
        if let Some(own) = common.key_algorithm {
            let own = Algorithm::try_from(own).ok()?;
            algorithms.retain(|algorithm| *algorithm == own);
        }
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        (verifies && !algorithms.is_empty()).then(|| Self { id: common.key_id.clone(), algorithms, key })
    }
}

/// How often keys are fetched.
#[derive(Clone, Copy)]
pub struct Pace {
    /// Fresh keys, unasked (10 min).
    pub refresh: Duration,
    /// Between two fetches, whoever asks (5 s).
    pub rest: Duration,
    /// How long a request waits for keys (1 s).
    pub wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { refresh: Duration::from_secs(600), rest: Duration::from_secs(5), wait: Duration::from_secs(1) }
    }
}

/// The keys now, and the wish for newer ones.
pub struct Keyring {
    issuer: Issuer,
    pace: Pace,
    keys: watch::Sender<Option<Arc<KeySet>>>,
    /// Counts the fetches that ended, whatever came of them.
    fetched: watch::Sender<u64>,
    asked: Notify,
    /// No fetch begins before.
    rests_until: Mutex<Instant>,
}

impl Keyring {
    /// An empty one.
    pub fn new(issuer: Issuer, pace: Pace) -> Self {
        let (keys, fetched) = (watch::Sender::new(None), watch::Sender::new(0));
        Self { issuer, pace, keys, fetched, asked: Notify::new(), rests_until: Mutex::new(Instant::now()) }
    }

    /// The newest keys that were had; the first ones are waited for, bounded.
    pub async fn keys(&self) -> Option<Arc<KeySet>> {
        let mut keys = self.keys.subscribe();
        let first = tokio::time::timeout(self.pace.wait, keys.wait_for(Option::is_some)).await;
        first.ok()?.ok()?.clone()
    }

    /// Whether keys were ever had.
    pub fn has_some(&self) -> bool {
        self.keys.borrow().is_some()
    }

    /// The keys after another fetch, for a token whose key is not among them; bounded. While the fetches rest the same
    /// keys at once, so that nobody can hold requests up by unknown keys; the fetch follows when they have rested.
    pub async fn newer(&self) -> Option<Arc<KeySet>> {
        let mut fetched = self.fetched.subscribe();
        let rests = *self.rests() > Instant::now();
        self.asked.notify_one();
        if !rests && tokio::time::timeout(self.pace.wait, fetched.changed()).await.is_err() {
            tracing::debug!("newer keys were not had in time");
        }
        self.keys.borrow().clone()
    }

    /// Fetches at once, in regular time and when asked, one after the other, until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        self.issuer.warn();
        let fetches = async {
            loop {
                let outcome = self.fetch().await;
                let rests_until = Instant::now() + self.pace.rest;
                *self.rests() = rests_until;
                let next = if self.told(outcome) { self.pace.refresh } else { self.pace.rest };
                self.fetched.send_modify(|count| *count += 1);
                tokio::select! {
                    () = tokio::time::sleep(next) => {}
                    () = self.asked.notified() => tokio::time::sleep_until(rests_until).await,
                }
            }
        };
        stop.run_until_cancelled(fetches).await;
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let told = self.issuer.discover().await?;
        KeySet::read(&self.issuer.get(&told.jwks_uri).await?)
    }

    /// Keeps what was fetched; whether anything was.
    fn told(&self, outcome: Result<KeySet, FetchError>) -> bool {
        fetches(outcome.is_ok()).increment(1);
        match outcome {
            Ok(keys) => {
                self.keys.send_replace(Some(Arc::new(keys)));
                true
            }
            Err(fault) => {
                let held = self.keys.borrow().is_some();
                tracing::warn!(%fault, issuer = self.issuer.url(), held, "the issuer's keys cannot be fetched");
                false
            }
        }
    }

    fn rests(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.rests_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts fetches of keys that went well, or did not.
pub fn fetches(well: bool) -> metrics::Counter {
    metrics::counter!("yeyak_auth_key_fetches_total", "outcome" => if well { "ok" } else { "failed" })
}
