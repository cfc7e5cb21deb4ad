//! This service as the writer sees it.

use crate::command::Command;
use crate::http::view;
use crate::working::{Answer, Policy, Working, decide};
use crate::{events, store};
use choreography::{Emitted, Keep, Origin, Outgoing, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};
use std::sync::Arc;
use tokio::sync::Notify;

/// Messages and their deliveries.
#[derive(Clone, Debug)]
pub struct Notification {
    pub policy: Policy,
    /// Rung when deliveries begin: one for each channel's worker.
    pub bells: Vec<Arc<Notify>>,
}

impl Service for Notification {
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
        let answer = decide(working, command, scene.now, self.policy);
        if let Answer::Recorded { end: Some((event, case)) } = &answer {
            emitted.push(Outgoing::of(event, *case, event.delivery().version)?);
        }
        Ok(answer)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, working).await
    }

    /// Only a redelivery comes with a key.
    fn keep(&self, answer: &Answer) -> Keep {
        match answer {
            Answer::Redelivered(Ok(delivery)) => {
                Keep::Answer { status: view::ACCEPTED.as_u16(), body: view::delivery(delivery).to_string() }
            }
            Answer::Redelivered(Err(_))
            | Answer::Heard { .. }
            | Answer::Registered { .. }
            | Answer::Forgotten
            | Answer::Recorded { .. } => Keep::Nothing,
        }
    }

    fn committed(&self, answer: &Answer, _origin: Origin) {
        let begun = match answer {
            Answer::Heard { begun } => *begun > 0,
            Answer::Redelivered(redelivered) => redelivered.is_ok(),
            Answer::Registered { .. } | Answer::Forgotten | Answer::Recorded { .. } => false,
        };
        for bell in self.bells.iter().filter(|_| begun) {
            bell.notify_one();
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
