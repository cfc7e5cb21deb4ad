//! Events as dashboard hears them, with their cases and versions.

use choreography::Outgoing;
use contract::catalog::CatalogEvent;
use contract::notification::NotificationEvent;
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use contract::review::ReviewEvent;
use contract::seating::SeatingEvent;
use contract::waitlist::WaitlistEvent;
use uuid::Uuid;

/// An event on its way, with its case and its version.
pub struct Event(pub Outgoing);

impl From<CatalogEvent> for Event {
    fn from(event: CatalogEvent) -> Self {
        let (correlation, version) = (event.offering().offering_id, event.offering().version);
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

impl From<ReservationEvent> for Event {
    fn from(event: ReservationEvent) -> Self {
        let (correlation, version) = (event.reservation().reservation_id, event.reservation().version);
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

impl From<PaymentEvent> for Event {
    fn from(event: PaymentEvent) -> Self {
        let (correlation, version) = (event.payment().reservation_id, event.payment().version);
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

impl From<WaitlistEvent> for Event {
    fn from(event: WaitlistEvent) -> Self {
        let (correlation, version) = match &event {
            WaitlistEvent::Joined(told)
            | WaitlistEvent::Issued(told)
            | WaitlistEvent::Deferred(told)
            | WaitlistEvent::Called(told)
            | WaitlistEvent::Seated(told)
            | WaitlistEvent::Left(told)
            | WaitlistEvent::Cancelled(told)
            | WaitlistEvent::NoShow(told)
            | WaitlistEvent::State(told) => (told.ticket_id, told.version),
            WaitlistEvent::LinePaused(told) | WaitlistEvent::LineResumed(told) | WaitlistEvent::LineState(told) => {
                (told.offering_id, told.version)
            }
        };
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

impl From<SeatingEvent> for Event {
    fn from(event: SeatingEvent) -> Self {
        let (correlation, version) = (event.party().ticket_id, event.party().version);
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

impl From<ReviewEvent> for Event {
    fn from(event: ReviewEvent) -> Self {
        let (correlation, version) = (event.review().reservation_id, event.review().version);
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}

/// What became of a message, and the case it told of.
impl From<(NotificationEvent, Uuid)> for Event {
    fn from((event, correlation): (NotificationEvent, Uuid)) -> Self {
        let version = event.delivery().version;
        Self(Outgoing::of(&event, correlation, version).unwrap())
    }
}
