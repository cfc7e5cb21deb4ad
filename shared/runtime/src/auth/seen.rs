//! Tokens that were verified a moment ago, so that a caller's next request costs a hash and not a signature.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use jsonwebtoken::get_current_timestamp;
use ring::digest::{SHA256, digest};

use super::caller::Known;
use super::keys::KeySet;

/// Tokens in each of two generations; when the younger is full, the older is forgotten.
const GENERATION_TOKENS_MAX: usize = 5_000;

type Fingerprint = [u8; 32];

/// At most 10,000 callers by their token's SHA-256, none beyond its token's end or its key set.
#[derive(Default)]
pub struct Seen(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    keys: Weak<KeySet>,
    young: HashMap<Fingerprint, Entry>,
    old: HashMap<Fingerprint, Entry>,
}

#[derive(Clone)]
struct Entry {
    known: Arc<Known>,
    until: u64,
}

impl Seen {
    /// Who showed this token under these keys, if it is still good.
    pub fn get(&self, token: &str, keys: &Arc<KeySet>) -> Option<Arc<Known>> {
        let fingerprint = fingerprint(token);
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !generations.are_of(keys) {
            return None;
        }
        let entry = match generations.young.get(&fingerprint) {
            Some(entry) => entry.clone(),
            None => {
                let entry = generations.old.remove(&fingerprint)?;
                generations.put(fingerprint, entry.clone());
                entry
            }
        };
        (get_current_timestamp() <= entry.until).then_some(entry.known)
    }

    /// Remembers who showed this token.
    pub fn put(&self, token: &str, keys: &Arc<KeySet>, known: Arc<Known>, until: u64) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !generations.are_of(keys) {
            // A key that was taken back takes its tokens along.
            *generations = Generations { keys: Arc::downgrade(keys), ..Generations::default() };
        }
        generations.put(fingerprint(token), Entry { known, until });
    }
}

impl Generations {
    fn are_of(&self, keys: &Arc<KeySet>) -> bool {
        std::ptr::eq(self.keys.as_ptr(), Arc::as_ptr(keys))
    }

    fn put(&mut self, fingerprint: Fingerprint, entry: Entry) {
        if self.young.len() >= GENERATION_TOKENS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(fingerprint, entry);
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}
