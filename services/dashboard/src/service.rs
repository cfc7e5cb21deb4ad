//! This service as the writer sees it.

use crate::working::{Batch, Command, Working};
use crate::{events, store};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// The read models.
#[derive(Clone, Copy, Debug)]
pub struct Dashboard;

impl Service for Dashboard {
    const NAME: &'static str = crate::NAME;
    const TOPICS: &'static [&'static str] = events::TOPICS;
    const LINGER_MS: u64 = 100;

    type Command = Command;
    type Working = Working;
    type Answer = ();

    async fn load(&self, tx: &DatabaseTransaction, _: &[&Command], _now: Timestamp) -> Result<Working, DbErr> {
        Ok(Working { generations: store::generations(tx).await?, batch: Batch::default() })
    }

    fn decide(
        &self,
        working: &mut Working,
        command: &Command,
        _scene: &Scene,
        _emitted: &mut Emitted,
    ) -> Result<(), Poison> {
        working.batch.take_in(command.clone());
        Ok(())
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        let Working { generations, batch } = working;
        store::save(tx, &generations, batch).await
    }

    /// Nothing: no request comes with a key.
    fn keep(&self, (): &()) -> Keep {
        Keep::Nothing
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event).map(Some)
    }
}
