//! This service as the writer sees it: commands, decisions, and what follows a commit.

use crate::calls::{Order, Queue};
use crate::waiting::Waiting;
use crate::{events, store};
use choreography::{Emitted, Keep, Origin, Poison, Received, Scene, Service};
use jiff::Timestamp;
use payment_domain::{Command, Next, Refusal, Told, Working, decide};
use sea_orm::{DatabaseTransaction, DbErr};

/// What a command is answered.
pub type Answer = Result<Told, Refusal>;

/// Payments.
#[derive(Debug)]
pub struct Payments {
    queue: Queue,
    /// Callers that wait for an outcome.
    pub waiting: Waiting,
}

impl Payments {
    /// A service whose calls to the provider go to `queue`.
    pub fn new(queue: Queue) -> Self {
        Self { queue, waiting: Waiting::default() }
    }
}

impl Service for Payments {
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
        if let Some((transition, payment)) = &decision.happened {
            emitted.push(events::outgoing(*transition, payment)?);
        }
        Ok(decision.told)
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        store::save(tx, &working).await
    }

    /// Nothing: a payment is asked for by its reservation, which is key enough.
    fn keep(&self, _answer: &Answer) -> Keep {
        Keep::Nothing
    }

    fn committed(&self, answer: &Answer, origin: Origin) {
        let Ok(told) = answer else { return };
        self.waiting.tell(told);
        match told.next {
            Next::Call(work) => self.queue.put(Order::new(&told.payment, work, origin)),
            Next::Await | Next::Unsure | Next::Rest => {}
        }
    }

    fn translate(&self, event: &Received) -> Result<Option<Command>, Poison> {
        events::translate(event)
    }
}
