//! The working set: the offerings that a batch loaded, and which of them its decisions changed.

use crate::command::Refusal;
use crate::offering::Offering;
use kernel::OfferingId;
use std::collections::{BTreeMap, BTreeSet};

/// Offerings that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    offerings: BTreeMap<OfferingId, Offering>,
    changed: BTreeSet<OfferingId>,
}

impl Working {
    /// Adds an offering that the store holds.
    pub fn load(&mut self, offering: Offering) {
        self.offerings.insert(offering.id, offering);
    }

    /// An offering as it stands after the decisions so far.
    #[must_use]
    pub fn get(&self, id: OfferingId) -> Option<&Offering> {
        self.offerings.get(&id)
    }

    pub(crate) fn known(&self, id: OfferingId) -> Result<Offering, Refusal> {
        self.get(id).cloned().ok_or(Refusal::NotFound)
    }

    pub(crate) fn put(&mut self, offering: Offering) {
        self.changed.insert(offering.id);
        self.offerings.insert(offering.id, offering);
    }

    /// Offerings to store, in key order.
    pub fn changed(&self) -> impl Iterator<Item = &Offering> {
        self.changed.iter().filter_map(|id| self.offerings.get(id))
    }
}
