//! Whoever publishes what dashboard hears.

use choreography::{Emitted, Keep, Outgoing, Poison, Received, Scene, Service};
use contract::catalog::CatalogEvent;
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// Publishes whatever it is asked to, as another service would.
pub struct Teller;

impl Service for Teller {
    const NAME: &'static str = "teller";
    const TOPICS: &'static [&'static str] = &[];
    type Command = Outgoing;
    type Working = ();
    type Answer = ();

    async fn load(&self, _: &DatabaseTransaction, _: &[&Outgoing], _: Timestamp) -> Result<(), DbErr> {
        Ok(())
    }

    fn decide(&self, (): &mut (), command: &Outgoing, _: &Scene, emitted: &mut Emitted) -> Result<(), Poison> {
        emitted.push(command.clone());
        Ok(())
    }

    async fn save(&self, _: &DatabaseTransaction, (): ()) -> Result<(), DbErr> {
        Ok(())
    }

    fn keep(&self, (): &()) -> Keep {
        Keep::Nothing
    }

    fn translate(&self, _: &Received) -> Result<Option<Outgoing>, Poison> {
        Ok(None)
    }
}

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
