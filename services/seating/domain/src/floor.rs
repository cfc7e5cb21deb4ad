//! The floor of a store: how many seats there are, and how many are taken.

use kernel::{Label, OfferingId};

/// What catalog says about a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub offering: OfferingId,
    /// Catalog's change number.
    pub version: i64,
    /// False once retired; who holds a ticket is still seated, and only waitlist gives tickets.
    pub open: bool,
    /// Seats, 0 or more.
    pub units: i64,
    /// Whose it is; none of a store that was adopted before owners were kept. It never changes.
    pub business: Option<Label>,
}

/// A store's seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    pub store: Store,
    /// Seats that parties own; above the units where those were lowered below what was taken.
    pub taken: i64,
    /// How often seats were taken or given back.
    pub changes: i64,
    /// The highest number of a claim that was decided here; 0 before the first.
    pub last_claim: i64,
}

impl Floor {
    /// An empty floor.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store, taken: 0, changes: 0, last_claim: 0 }
    }

    /// Seats that can be claimed, 0 or more.
    #[must_use]
    pub fn free(&self) -> i64 {
        (self.store.units - self.taken).max(0)
    }

    /// What `taken` may never exceed: what was taken when the units were lowered stands, nothing is added to it.
    #[must_use]
    pub fn ceiling(&self) -> i64 {
        self.store.units.max(self.taken)
    }

    /// Rises with every change of the free seats, whichever of both sides it came from, and is the same whatever the
    /// order in which they came.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.store.version + self.changes
    }

    /// Takes so many seats; gives them back when negative.
    pub(crate) const fn change(&mut self, seats: i64) {
        self.taken += seats;
        self.changes += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn units_below_what_is_taken_leave_nothing_free_and_no_room_above() {
        let store =
            Store { offering: OfferingId(Uuid::from_u128(1)), version: 1, open: true, units: 4, business: None };
        for (taken, free, ceiling) in [(0, 4, 4), (3, 1, 4), (4, 0, 4), (6, 0, 6)] {
            let floor = Floor { taken, changes: 3, ..Floor::new(store.clone()) };
            assert_eq!((floor.free(), floor.ceiling(), floor.version()), (free, ceiling, 4));
        }
    }
}
