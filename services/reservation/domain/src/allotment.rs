//! Units taken per (offering, bucket), as loaded and as changed by a batch.

use kernel::{Bucket, OfferingId};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taken {
    loaded: i64,
    delta: i64,
    /// Part of `delta` that only rests between two bookings.
    resting_delta: i64,
}

/// What a batch changed of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta {
    pub offering: OfferingId,
    pub bucket: Bucket,
    pub taken: i64,
    /// Part of `taken` that only rests between two bookings.
    pub resting: i64,
}

/// The taken units of the buckets that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allotments {
    taken: HashMap<(OfferingId, Bucket), Taken>,
}

impl Allotments {
    /// Notes what the store says is taken of a bucket.
    pub fn load(&mut self, offering: OfferingId, bucket: Bucket, taken: i64) {
        self.taken.insert((offering, bucket), Taken { loaded: taken, ..Taken::default() });
    }

    /// Units taken by now; 0 for a bucket that nobody ever took.
    #[must_use]
    pub fn taken(&self, offering: OfferingId, bucket: Bucket) -> i64 {
        self.taken.get(&(offering, bucket)).map_or(0, |taken| taken.loaded + taken.delta)
    }

    /// The first of `buckets` that has fewer than `quantity` of `units` free.
    #[must_use]
    pub fn first_full(
        &self,
        offering: OfferingId,
        mut buckets: impl Iterator<Item = Bucket>,
        quantity: i64,
        units: i64,
    ) -> Option<Bucket> {
        buckets.find(|bucket| self.taken(offering, *bucket) + quantity > units)
    }

    /// Takes `quantity` of every bucket (gives back when negative).
    pub(crate) fn change(&mut self, offering: OfferingId, buckets: &[Bucket], quantity: i64) {
        for bucket in buckets {
            self.taken.entry((offering, *bucket)).or_default().delta += quantity;
        }
    }

    /// Lets `quantity` of every bucket rest between two bookings: nobody else may have them either.
    pub(crate) fn rest(&mut self, offering: OfferingId, buckets: &[Bucket], quantity: i64) {
        self.change(offering, buckets, quantity);
        for bucket in buckets {
            self.taken.entry((offering, *bucket)).or_default().resting_delta += quantity;
        }
    }

    /// What the batch changed, in key order: the store adds these, it never stores an absolute count.
    #[must_use]
    pub fn deltas(&self) -> Vec<Delta> {
        let mut deltas: Vec<_> = self
            .taken
            .iter()
            .filter(|(_, taken)| taken.delta != 0 || taken.resting_delta != 0)
            .map(|((offering, bucket), taken)| Delta {
                offering: *offering,
                bucket: *bucket,
                taken: taken.delta,
                resting: taken.resting_delta,
            })
            .collect();
        deltas.sort_unstable();
        deltas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ONE: OfferingId = OfferingId(Uuid::from_u128(1));
    const TWO: OfferingId = OfferingId(Uuid::from_u128(2));

    #[test]
    fn the_store_is_told_what_changed_and_nothing_else() {
        let mut allotments = Allotments::default();
        for (offering, bucket) in [(TWO, Bucket(9)), (ONE, Bucket(8)), (ONE, Bucket(7))] {
            allotments.load(offering, bucket, 5);
        }
        allotments.change(TWO, &[Bucket(9)], -3);
        allotments.change(ONE, &[Bucket(8), Bucket(6)], 2);
        allotments.change(ONE, &[Bucket(7)], 4);
        allotments.change(ONE, &[Bucket(7)], -4);
        let delta = |offering, bucket, taken, resting| Delta { offering, bucket: Bucket(bucket), taken, resting };
        assert_eq!(allotments.deltas(), [delta(ONE, 6, 2, 0), delta(ONE, 8, 2, 0), delta(TWO, 9, -3, 0)]);
        // A booking that ends where another begins to rest leaves the count, not what it is made of.
        allotments.rest(ONE, &[Bucket(8)], 1);
        allotments.change(ONE, &[Bucket(8)], -3);
        assert_eq!(allotments.deltas(), [delta(ONE, 6, 2, 0), delta(ONE, 8, 0, 1), delta(TWO, 9, -3, 0)]);
        allotments.change(ONE, &[Bucket(8)], 2);
        assert_eq!([6, 7, 8].map(|bucket| allotments.taken(ONE, Bucket(bucket))), [2, 5, 7]);
        assert_eq!(allotments.taken(TWO, Bucket(9)), 2);
    }

    #[test]
    fn a_bucket_is_full_when_the_quantity_no_longer_fits() {
        let mut allotments = Allotments::default();
        allotments.load(ONE, Bucket(2), 3);
        let buckets = [Bucket(1), Bucket(2), Bucket(3)];
        for (quantity, units, full) in [
            (1, 4, None),
            (2, 4, Some(Bucket(2))),
            (5, 4, Some(Bucket(1))),
            (1, 2, Some(Bucket(2))),
            (1, 0, Some(Bucket(1))),
        ] {
            assert_eq!(allotments.first_full(ONE, buckets.into_iter(), quantity, units), full, "{quantity} of {units}");
        }
    }
}
