//! A service that says what others would: it publishes whatever it is asked to.

use choreography::{Emitted, Keep, Outgoing, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// Publishes each [`Outgoing`] as a service publishes its events: by outbox, relay and broker. It has no tables of its own.
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
