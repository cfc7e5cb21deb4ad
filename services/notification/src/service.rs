//! This service as the writer sees it.

use crate::command::Command;
use crate::working::{Working, decide};
use crate::{events, store};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// Messages.
#[derive(Clone, Copy, Debug)]
pub struct Notification;

impl Service for Notification {
    const NAME: &'static str = crate::NAME;
    const TOPICS: &'static [&'static str] = events::TOPICS;
    const LINGER_MS: u64 = 100;

    type Command = Command;
    type Working = Working;
    type Answer = ();

    async fn load(&self, tx: &DatabaseTransaction, commands: &[&Command], _now: Timestamp) -> Result<Working, DbErr> {
        store::load(tx, commands).await
    }

    fn decide(
        &self,
        working: &mut Working,
        command: &Command,
        _scene: &Scene,
        _emitted: &mut Emitted,
    ) -> Result<(), Poison> {
        decide(working, command);
        Ok(())
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, working).await
    }

    /// Nothing: no request comes with a key.
    fn keep(&self, (): &()) -> Keep {
        Keep::Nothing
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
