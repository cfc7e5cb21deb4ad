//! This service as the writer sees it: commands and decisions.

use crate::{events, store};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};
use seating_domain::{Command, Refusal, Told, Working, decide};

/// What a command is answered.
pub type Answer = Result<Told, Refusal>;

/// Floors and parties.
#[derive(Clone, Copy, Debug)]
pub struct Seating;

impl Service for Seating {
    const NAME: &'static str = crate::NAME;
    const TOPICS: &'static [&'static str] = events::TOPICS;

    type Command = Command;
    type Working = Working;
    type Answer = Answer;

    async fn load(&self, tx: &DatabaseTransaction, commands: &[&Command], _now: Timestamp) -> Result<Working, DbErr> {
        store::load(tx, commands).await
    }

    fn decide(
        &self,
        working: &mut Working,
        command: &Command,
        scene: &Scene,
        emitted: &mut Emitted,
    ) -> Result<Answer, Poison> {
        let decision = decide(working, command, scene.now);
        if let Some((transition, standing)) = &decision.happened {
            emitted.push(events::outgoing(*transition, standing)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// Nothing: a claim is named by its ticket, which is key enough.
    fn keep(&self, _answer: &Answer) -> Keep {
        Keep::Nothing
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
