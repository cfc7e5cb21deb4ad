//! This service as the writer sees it: commands, decisions, what a key keeps of an answer.

use crate::events;
use crate::http::view;
use crate::store::{self, Present};
use choreography::{Emitted, Keep, Poison, Received, Scene, Service};
use jiff::Timestamp;
use reservation_domain::{Command, Reason, Refusal, Stage, State, Told, Working, decide};
use sea_orm::{DatabaseTransaction, DbErr};

/// Capacity and reservations.
#[derive(Debug, Default)]
pub struct Reservations {
    present: Present,
}

/// What a command is answered.
pub type Answer = Result<Told, Refusal>;

impl Service for Reservations {
    const NAME: &'static str = "reservation";
    const TOPICS: &'static [&'static str] = events::TOPICS;

    type Command = Command;
    type Working = Working;
    type Answer = Answer;

    async fn load(&self, tx: &DatabaseTransaction, commands: &[&Command], _now: Timestamp) -> Result<Working, DbErr> {
        store::load(tx, commands, &self.present).await
    }

    fn decide(
        &self,
        working: &mut Working,
        command: &Command,
        scene: &Scene,
        emitted: &mut Emitted,
    ) -> Result<Answer, Poison> {
        let decision = decide(working, command, scene.now);
        if let Some((transition, reservation)) = &decision.happened {
            emitted.push(events::outgoing(*transition, reservation)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// Only answers that leave something standing are kept: 201, 202 and 402.
    fn keep(&self, answer: &Answer) -> Keep {
        let Ok(Told::Stands { reservation, stage }) = answer else { return Keep::Nothing };
        let status = match (stage, reservation.state) {
            (Stage::Begun, _) => return Keep::Open,
            (Stage::Settled, State::Confirmed | State::CheckedIn | State::Completed | State::NoShow) => 201,
            (Stage::Settled, State::Held { .. }) => 202,
            (Stage::Settled, State::Rejected { reason: Reason::PaymentDeclined }) => 402,
            (Stage::Settled, State::Rejected { .. } | State::Expired { .. } | State::Cancelled { .. }) => {
                return Keep::Nothing;
            }
        };
        let body = if status == 402 {
            view::declined(reservation).body().to_string()
        } else {
            view::reservation(reservation).to_string()
        };
        Keep::Answer { status, body }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
