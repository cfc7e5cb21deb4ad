//! What a service supplies: commands, a decision, loading, saving and the translation of events.

use bytes::Bytes;
use contract::Publication;
use jiff::Timestamp;
use kernel::EventId;
use sea_orm::{DatabaseTransaction, DbErr};
use std::future::Future;
use thiserror::Error;
use uuid::Uuid;

/// One bounded context, as the writer sees it.
///
/// The writer loads everything a batch names, decides its commands in order in memory, and saves the lot in one
/// transaction. Adding a service means implementing this trait; nothing in this crate changes.
pub trait Service: Send + Sync + 'static {
    /// The service's name: its consumer group and the `ce-source` of its events.
    const NAME: &'static str;
    /// Topics it reacts to, as `<service>.<event>`; empty for a service that only publishes.
    const TOPICS: &'static [&'static str];
    /// How long the first event of a batch waits for others, in milliseconds (0 to 500). 0 where somebody waits for the
    /// outcome; a view that is only looked at later costs less when events of one case come together.
    const LINGER_MS: u64 = 0;

    /// A change that was asked for, by a call or by an event. It brings the id of what it creates.
    type Command: Send + Sync + 'static;
    /// The aggregates that a batch of commands names.
    type Working: Send;
    /// What the caller is told; refusals are answers too.
    type Answer: Clone + Send + 'static;

    /// Loads, locked in key order, whatever `commands` name.
    fn load(
        &self,
        tx: &DatabaseTransaction,
        commands: &[&Self::Command],
        now: Timestamp,
    ) -> impl Future<Output = Result<Self::Working, DbErr>> + Send;

    /// Decides one command: pure, in memory, checks before it changes anything.
    ///
    /// # Errors
    /// [`Poison`] when the command cannot ever be decided: an event is parked, a caller gets a fault.
    fn decide(
        &self,
        working: &mut Self::Working,
        command: &Self::Command,
        scene: &Scene,
        emitted: &mut Emitted,
    ) -> Result<Self::Answer, Poison>;

    /// Writes what the decisions changed, with multi-row statements.
    fn save(&self, tx: &DatabaseTransaction, working: Self::Working) -> impl Future<Output = Result<(), DbErr>> + Send;

    /// What an idempotency key keeps of an answer (asked only for commands that came with a key).
    fn keep(&self, answer: &Self::Answer) -> Keep;

    /// Told after the commit, once per decided command; must not block. For work that a sweep would find anyway; its
    /// outcome is a command of its own, to which `origin` may be handed on.
    fn committed(&self, _answer: &Self::Answer, _origin: Origin) {}

    /// The command an event means here, or none.
    ///
    /// # Errors
    /// [`Poison`] when the event does not read; it is parked with that reason.
    fn translate(&self, event: &Received) -> Result<Option<Self::Command>, Poison>;
}

/// Where a command came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The event that caused it, if one did.
    pub cause: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// Circumstances of one decision.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// The database's clock, read once per batch.
    pub now: Timestamp,
}

/// Why a message can never be handled as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Poison(pub String);

impl From<Poison> for DbErr {
    fn from(Poison(reason): Poison) -> Self {
        Self::Custom(reason)
    }
}

impl From<contract::DecodeError> for Poison {
    fn from(fault: contract::DecodeError) -> Self {
        match fault {
            contract::DecodeError::UnknownType(_) => Self(fault.to_string()),
            contract::DecodeError::Payload(source) => Self(format!("the payload does not read: {source}")),
        }
    }
}

/// What an idempotency key keeps of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The case is not settled yet; another command will settle the key.
    Open,
    /// The answer stands: a repeat gets this status and body for 24 hours.
    Answer {
        /// HTTP status.
        status: u16,
        /// JSON.
        body: String,
    },
    /// Nothing stands, so the same key may try again.
    Nothing,
}

/// An event on its way out: a fact about an aggregate's change number `version`.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub publication: Publication,
    /// The case it belongs to; its subject ends with it.
    pub correlation: Uuid,
    pub version: i64,
}

impl Outgoing {
    /// That event of that case, on its way out.
    ///
    /// # Errors
    /// [`Poison`] when its body cannot be written; bodies of strings and numbers always can.
    pub fn of(event: &impl contract::Event, correlation: Uuid, version: i64) -> Result<Self, Poison> {
        let publication = event.publication().map_err(|fault| Poison(fault.to_string()))?;
        Ok(Self { publication, correlation, version })
    }
}

/// Collects the events of one decision.
#[derive(Debug, Default)]
pub struct Emitted(Vec<Outgoing>);

impl Emitted {
    /// Adds an event.
    pub fn push(&mut self, event: Outgoing) {
        self.0.push(event);
    }

    pub(crate) fn take(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.0)
    }
}

/// An event as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The publisher's event id, equal on every delivery.
    pub id: EventId,
    /// Type and version, such as `reservation.confirmed.v1`.
    pub kind: String,
    /// The case.
    pub correlation: Uuid,
    /// The event that caused it, if one did.
    pub causation: Option<Uuid>,
    /// The aggregate's change number.
    pub version: i64,
    /// When its publisher decided it, by the publisher's database.
    pub time: Timestamp,
    /// Who asked for it, where known.
    pub actor: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// JSON.
    pub payload: Bytes,
    /// Its place in the stream; 0 when replayed from the parking place.
    pub stream_seq: u64,
}
