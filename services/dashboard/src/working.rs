//! Many events become the newest known state of each aggregate: the order they came in leaves no trace.

use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::seating::PartyV1;
use contract::waitlist::{LineV1, TicketV1};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An event to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What history keeps of it; nothing of a state that is only told again.
    pub record: Option<Record>,
    /// What the views keep of it; nothing of a delivery.
    pub change: Option<Change>,
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
    Reservation(Box<Since<ReservationV1>>),
    Payment(Box<PaymentV1>),
    Ticket(Box<Since<TicketV1>>),
    Party(PartyV1),
    Line(LineV1),
    Review(Box<Since<ReviewV1>>),
}

/// A reservation, a ticket or a review, and when it was placed, joined or posted, in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since<T> {
    pub us: i64,
    pub told: T,
}

/// What is known of one reservation: two aggregates, each with its own version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    pub booking: Option<Since<ReservationV1>>,
    pub payment: Option<PaymentV1>,
}

/// What is known of one ticket: two aggregates, each with its own version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    pub ticket: Option<Since<TicketV1>>,
    pub party: Option<PartyV1>,
}

/// The newest that some events tell, in key order, so that two replicas never wait for each other in a circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub records: BTreeMap<Uuid, Record>,
    pub offerings: BTreeMap<Uuid, Option<OfferingV1>>,
    pub cases: BTreeMap<Uuid, Case>,
    pub visits: BTreeMap<Uuid, Visit>,
    pub lines: BTreeMap<Uuid, Option<LineV1>>,
    pub reviews: BTreeMap<Uuid, Option<Since<ReviewV1>>>,
}

impl Batch {
    /// Takes in one event.
    pub fn take_in(&mut self, command: Command) {
        let Command { record, change } = command;
        if let Some(record) = record {
            self.records.insert(record.id, record);
        }
        match change {
            None => {}
            Some(Change::Offering(told)) => {
                newest(self.offerings.entry(told.offering_id).or_default(), *told, |told| told.version);
            }
            Some(Change::Reservation(booking)) => {
                let case = self.cases.entry(booking.told.reservation_id).or_default();
                newest(&mut case.booking, *booking, |booking| booking.told.version);
            }
            Some(Change::Payment(told)) => {
                let case = self.cases.entry(told.reservation_id).or_default();
                newest(&mut case.payment, *told, |told| told.version);
            }
            Some(Change::Ticket(ticket)) => {
                let visit = self.visits.entry(ticket.told.ticket_id).or_default();
                newest(&mut visit.ticket, *ticket, |ticket| ticket.told.version);
            }
            Some(Change::Party(told)) => {
                let visit = self.visits.entry(told.ticket_id).or_default();
                newest(&mut visit.party, told, |told| told.version);
            }
            Some(Change::Line(told)) => {
                newest(self.lines.entry(told.offering_id).or_default(), told, |told| told.version);
            }
            Some(Change::Review(review)) => {
                let known = self.reviews.entry(review.told.review_id).or_default();
                newest(known, *review, |review| review.told.version);
            }
        }
    }
}

fn newest<T>(known: &mut Option<T>, told: T, version: impl Fn(&T) -> i64) {
    if known.as_ref().is_none_or(|known| version(known) < version(&told)) {
        *known = Some(told);
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
        assert!(batch.offerings.values().flatten().all(|told| told.version == 3));
        let versions = batch.cases.values().map(|case| {
            let booking = case.booking.as_ref().map(|booking| booking.told.version);
            (booking, case.payment.as_ref().map(|payment| payment.version))
        });
        let newest: Vec<_> = versions.collect();
        assert_eq!(newest, [(Some(4), Some(3)), (Some(4), Some(3)), (Some(4), None), (None, Some(3))]);
        let visits = batch.visits.values().map(|visit| {
            let ticket = visit.ticket.as_ref().map(|ticket| ticket.told.version);
            (ticket, visit.party.as_ref().map(|party| party.version))
        });
        assert_eq!(visits.collect::<Vec<_>>(), [(Some(4), Some(2)), (None, Some(2)), (Some(4), None)]);
        assert!(batch.lines.values().flatten().all(|line| line.status == "open"));
        assert!(batch.reviews.values().flatten().all(|review| review.told.rating == 5));
        assert_eq!(batch.records.len(), 45);
    }
}
