//! This service as the writer sees it: commands, decisions, what a key keeps of an answer.

use crate::calling::{Nudge, Nudges};
use crate::events;
use crate::http::view;
use crate::store;
use choreography::{Emitted, Keep, Origin, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};
use waitlist_domain::{Command, Next, Refusal, State, Told, Working, decide};

/// Walk-in lines.
#[derive(Debug)]
pub struct Waitlist {
    nudges: Nudges,
}

impl Waitlist {
    /// Lines whose changes are told to `nudges`.
    pub fn new(nudges: Nudges) -> Self {
        // Shown from the start, so that their share is known as soon as there is one.
        for within in ["p90", "beyond"] {
            quotes(within).increment(0);
        }
        Self { nudges }
    }
}

/// What a command is answered.
pub type Answer = Result<Told, Refusal>;

impl Service for Waitlist {
    const NAME: &'static str = "waitlist";
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
        if let Some(happened) = &decision.happened {
            emitted.push(events::outgoing(happened)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// A party that has its seats or its number keeps that answer; while its seats are asked for the key stays open.
    fn keep(&self, answer: &Answer) -> Keep {
        let Ok(Told::Stands(standing)) = answer else { return Keep::Nothing };
        match standing.ticket.state {
            State::Joining { .. } => Keep::Open,
            State::Waiting | State::Called { .. } | State::Seated => {
                Keep::Answer { status: 201, body: view::ticket(standing).to_string() }
            }
            State::Left | State::Cancelled | State::NoShow => Keep::Nothing,
        }
    }

    /// After every change of a line somebody looks who is next.
    fn committed(&self, answer: &Answer, origin: Origin) {
        match answer {
            Ok(Told::Stands(standing)) => {
                if let Some(within) = standing.within {
                    let within = if within { "p90" } else { "beyond" };
                    quotes(within).increment(1);
                }
                if standing.next == Next::Nothing {
                    self.nudges.give(Nudge { line: standing.ticket.party.line, origin });
                }
            }
            Ok(Told::Line(line)) => self.nudges.give(Nudge { line: line.id(), origin }),
            Ok(Told::Resting) | Err(_) => {}
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}

/// Waiting times that were told, by whether the party's turn came within the longer one.
fn quotes(within: &'static str) -> metrics::Counter {
    metrics::counter!("yeyak_waitlist_quotes_total", "within" => within)
}
