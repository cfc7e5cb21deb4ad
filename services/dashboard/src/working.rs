//! Many events become the newest known state of each aggregate: the order they came in leaves no trace.

use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use uuid::Uuid;

/// An event to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What history keeps of it; nothing of a state that is only told again.
    pub record: Option<Record>,
    pub change: Change,
}

/// An event as history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: Uuid,
    pub correlation: Uuid,
    pub kind: String,
    /// The service that published it.
    pub source: String,
    /// When its publisher decided it, in microseconds.
    pub time_us: i64,
    pub version: i64,
    pub causation: Option<Uuid>,
    pub actor: Option<String>,
    /// JSON.
    pub payload: String,
}

/// The state of an aggregate after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Offering(Box<OfferingV1>),
    Reservation(Box<Booking>),
    Payment(Box<PaymentV1>),
}

/// A reservation, and when it was placed, in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub placed_us: i64,
    pub told: ReservationV1,
}

/// What is known of one reservation: two aggregates, each with its own version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    pub booking: Option<Booking>,
    pub payment: Option<PaymentV1>,
}

/// The newest that some events tell, in key order, so that two replicas never wait for each other in a circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub records: BTreeMap<Uuid, Record>,
    pub offerings: BTreeMap<Uuid, OfferingV1>,
    pub cases: BTreeMap<Uuid, Case>,
}

impl Batch {
    /// Takes in one event.
    pub fn take_in(&mut self, command: Command) {
        let Command { record, change } = command;
        if let Some(record) = record {
            self.records.insert(record.id, record);
        }
        match change {
            Change::Offering(told) => match self.offerings.entry(told.offering_id) {
                Entry::Vacant(empty) => {
                    empty.insert(*told);
                }
                Entry::Occupied(mut known) if known.get().version < told.version => {
                    known.insert(*told);
                }
                Entry::Occupied(_) => {}
            },
            Change::Reservation(booking) => {
                let known = &mut self.cases.entry(booking.told.reservation_id).or_default().booking;
                if known.as_ref().is_none_or(|known| known.told.version < booking.told.version) {
                    *known = Some(*booking);
                }
            }
            Change::Payment(told) => {
                let known = &mut self.cases.entry(told.reservation_id).or_default().payment;
                if known.as_ref().is_none_or(|known| known.version < told.version) {
                    *known = Some(*told);
                }
            }
        }
    }
}

/// What a batch of the live consumer writes, and where.
#[derive(Debug)]
pub struct Working {
    /// The generations of the views: the one that is read, and the one that is being built, if any.
    pub generations: Vec<i64>,
    pub batch: Batch,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::told;
    use proptest::prelude::*;

    fn taken_in(commands: Vec<Command>) -> Batch {
        let mut batch = Batch::default();
        for command in commands {
            batch.take_in(command);
        }
        batch
    }

    proptest! {
        #[test]
        fn rule19_any_order_with_duplicates_gives_the_identical_batch(commands in Just(told()).prop_shuffle()) {
            prop_assert_eq!(taken_in(commands), taken_in(told()));
        }
    }

    #[test]
    fn the_newest_of_each_aggregate_stays() {
        let batch = taken_in(told());
        assert!(batch.offerings.values().all(|told| told.version == 3));
        let versions = batch.cases.values().map(|case| {
            let booking = case.booking.as_ref().map(|booking| booking.told.version);
            (booking, case.payment.as_ref().map(|payment| payment.version))
        });
        let newest: Vec<_> = versions.collect();
        assert_eq!(newest, [(Some(4), Some(3)), (Some(4), Some(3)), (Some(4), None), (None, Some(3))]);
        assert_eq!(batch.records.len(), 27);
    }
}
