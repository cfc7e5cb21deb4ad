//! This service as the writer sees it: commands, decisions, what a key keeps of an answer.

use crate::http::view;
use crate::store;
use crate::store::Activity;
use crate::working::{Command, Working};
use crate::{events, news};
use catalog_domain::{Offering, Refusal, decide};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

/// Offerings.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

/// What a command is answered: the offering as it stands, or none for news.
pub type Answer = Result<Option<Offering>, Refusal>;

impl Service for Catalog {
    const NAME: &'static str = crate::NAME;
    const TOPICS: &'static [&'static str] = news::TOPICS;
    const LINGER_MS: u64 = 100;

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
        let command = match command {
            Command::Host(command) => command,
            Command::Index(offering) => {
                working.unindexed.insert(*offering);
                return Ok(Ok(None));
            }
            Command::News(news) => {
                working.hear(news);
                return Ok(Ok(None));
            }
        };
        let decision = decide(&mut working.offerings, command, scene.now);
        if let (Some(fact), Ok(offering)) = (decision.happened, &decision.told) {
            emitted.push(events::outgoing(fact, offering)?);
        }
        Ok(decision.told.map(Some))
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, working).await
    }

    /// Only publishing takes a key; a refusal leaves nothing standing, so that the key may try again.
    fn keep(&self, answer: &Answer) -> Keep {
        match answer {
            // What is published in this moment, nobody has reviewed or booked.
            Ok(Some(offering)) => {
                Keep::Answer { status: 201, body: view::offering(offering, Activity::default()).to_string() }
            }
            Ok(None) | Err(_) => Keep::Nothing,
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        news::translate(event).map(|news| Some(Command::News(news)))
    }
}
