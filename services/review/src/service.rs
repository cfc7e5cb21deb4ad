//! This service as the writer sees it: commands, decisions, what a key keeps of an answer.

use crate::events;
use crate::http::view;
use crate::store;
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use review_domain::{Command, Refusal, Review, Working, decide};
use sea_orm::{DatabaseTransaction, DbErr};

/// Reviews.
#[derive(Clone, Copy, Debug)]
pub struct Reviews;

/// What a command is answered: the review as it stands, or none for news of a reservation.
pub type Answer = Result<Option<Review>, Refusal>;

impl Service for Reviews {
    const NAME: &'static str = crate::NAME;
    const TOPICS: &'static [&'static str] = events::TOPICS;
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
        let decision = decide(working, command, scene.now);
        if let (Some(fact), Ok(Some(review))) = (decision.happened, &decision.told) {
            emitted.push(events::outgoing(fact, review)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// Only posting takes a key; a refusal leaves nothing standing, so that the key may try again.
    fn keep(&self, answer: &Answer) -> Keep {
        match answer {
            Ok(Some(review)) => Keep::Answer { status: 201, body: view::review(review).to_string() },
            Ok(None) | Err(_) => Keep::Nothing,
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
