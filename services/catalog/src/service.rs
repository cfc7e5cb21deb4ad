//! This service as the writer sees it: commands, decisions, what a key keeps of an answer.

use crate::events;
use crate::http::view;
use crate::store;
use catalog_domain::{Command, Offering, Refusal, Working, decide};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// Offerings.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

/// What a command is answered.
pub type Answer = Result<Offering, Refusal>;

impl Service for Catalog {
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
        if let (Some(fact), Ok(offering)) = (decision.happened, &decision.told) {
            emitted.push(events::outgoing(fact, offering)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// Only publishing takes a key; a refusal leaves nothing standing, so that the key may try again.
    fn keep(&self, answer: &Answer) -> Keep {
        match answer {
            Ok(offering) => Keep::Answer { status: 201, body: view::offering(offering).to_string() },
            Err(_) => Keep::Nothing,
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
