//! Events as dashboard hears them, with their cases and versions.

use choreography::Outgoing;
use contract::catalog::CatalogEvent;
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;

/// An event on its way, with its case and its version.
pub struct Event(pub Outgoing);

impl From<CatalogEvent> for Event {
    fn from(event: CatalogEvent) -> Self {
        let (correlation, version) = (event.offering().offering_id, event.offering().version);
        Self(Outgoing { publication: event.publication().unwrap(), correlation, version })
    }
}

impl From<ReservationEvent> for Event {
    fn from(event: ReservationEvent) -> Self {
        let (correlation, version) = (event.reservation().reservation_id, event.reservation().version);
        Self(Outgoing { publication: event.publication().unwrap(), correlation, version })
    }
}

impl From<PaymentEvent> for Event {
    fn from(event: PaymentEvent) -> Self {
        let (correlation, version) = (event.payment().reservation_id, event.payment().version);
        Self(Outgoing { publication: event.publication().unwrap(), correlation, version })
    }
}
