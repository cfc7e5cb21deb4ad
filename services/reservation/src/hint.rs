//! Which offerings can only be paid by call: learned from answers, so that a refusal for want of payment costs no decision.

use kernel::OfferingId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What was learned holds for so long: an owner may change the offering at any time, and then somebody is refused who
/// could have been held, for this long at most.
const HOLDS_FOR: Duration = Duration::from_secs(1);
/// Offerings that are remembered; beyond that it begins anew.
const OFFERINGS_MAX: usize = 10_000;

/// Offerings that were seen to need a call, and when. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ByCall(Arc<Mutex<HashMap<OfferingId, Instant>>>);

impl ByCall {
    /// Whether a booking of `offering` would be refused while payment cannot be called, as far as is known.
    pub fn knows(&self, offering: OfferingId) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&offering).is_some_and(|at| at.elapsed() < HOLDS_FOR)
    }

    /// A booking of `offering` was refused because payment cannot be called.
    pub fn learn(&self, offering: OfferingId) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= OFFERINGS_MAX {
            seen.clear();
        }
        seen.insert(offering, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_refused_is_known() {
        let (seen, (one, other)) = (ByCall::default(), (OfferingId::fresh(), OfferingId::fresh()));
        assert!(!seen.knows(one));
        seen.clone().learn(one);
        assert!(seen.knows(one) && !seen.knows(other));
    }
}
