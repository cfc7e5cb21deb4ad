//! One message on its way through one channel: waiting, then sent or failed.

use crate::working::Message;
use contract::notification::{DeliveryV1, NotificationEvent};
use kernel::derived;
use thiserror::Error;
use uuid::Uuid;

/// A way out of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Email,
    Webhook,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Email, Self::Webhook];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Sent,
    Failed,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A message and a channel; there is one of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Derived from the message and the channel; the receiver knows a repeat by it.
    pub id: Uuid,
    /// Counts the changes of its status.
    pub version: i64,
    pub notification_id: Uuid,
    pub recipient: String,
    pub channel: Channel,
    /// Whom it may keep waiting: deliveries to one host share a bound.
    pub host: String,
    pub template: String,
    /// The case.
    pub correlation: Uuid,
    pub status: Status,
    pub attempts: i64,
    /// When it is tried next, in microseconds; while an attempt is under way, when that one is given up for lost.
    pub due_us: i64,
    /// The attempt under way, or the last one.
    pub claim: Option<Uuid>,
    pub last_error: Option<String>,
    pub created_us: i64,
    pub changed_us: i64,
}

/// An attempt that has ended, with the circumstances under which it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub delivery: Uuid,
    pub version: i64,
    pub claim: Uuid,
    pub outcome: Outcome,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Sent,
    /// The channel will never take it.
    Refused(String),
    /// It may pass later.
    Later { reason: String, pause_ms: i64 },
    /// The channel itself is down and never saw it, so that the attempt does not count.
    Unreached { reason: String, pause_ms: i64 },
}

/// Why a delivery cannot be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no delivery has this id")]
    NotFound,
    #[error("the delivery is still waiting for its next attempt")]
    Waiting,
}

impl Delivery {
    /// The first state of a message's delivery.
    pub fn begin(message: &Message, (channel, host): (Channel, String), now_us: i64) -> Self {
        Self {
            id: derived(message.id, channel.as_str()),
            version: 1,
            notification_id: message.id,
            recipient: message.recipient.clone(),
            channel,
            host,
            template: message.template.as_str().to_owned(),
            correlation: message.correlation,
            status: Status::Waiting,
            attempts: 0,
            due_us: now_us,
            claim: None,
            last_error: None,
            created_us: now_us,
            changed_us: now_us,
        }
    }

    /// Takes in what became of an attempt; what ends the delivery is told to everybody.
    ///
    /// What was sent is sent, even where the attempt was given up for lost; anything else counts only while nobody has
    /// tried again. An attempt from before a redelivery says nothing about this one.
    pub fn record(&mut self, attempt: &Attempt, now_us: i64, attempts_max: i64) -> Option<NotificationEvent> {
        let current = self.status == Status::Waiting && self.version == attempt.version;
        let own = self.claim == Some(attempt.claim);
        if !current || !(own || attempt.outcome == Outcome::Sent) {
            return None;
        }
        self.changed_us = now_us;
        match &attempt.outcome {
            Outcome::Sent => {
                self.attempts += 1;
                self.last_error = None;
                Some(self.end(Status::Sent, NotificationEvent::Sent))
            }
            Outcome::Refused(reason) => {
                self.attempts += 1;
                self.last_error = Some(reason.clone());
                Some(self.end(Status::Failed, NotificationEvent::Failed))
            }
            Outcome::Later { reason, pause_ms } => {
                self.attempts += 1;
                self.last_error = Some(reason.clone());
                self.due_us = now_us + pause_ms * 1_000;
                (self.attempts >= attempts_max).then(|| self.end(Status::Failed, NotificationEvent::Failed))
            }
            Outcome::Unreached { reason, pause_ms } => {
                self.last_error = Some(reason.clone());
                self.due_us = now_us + pause_ms * 1_000;
                None
            }
        }
    }

    fn end(&mut self, status: Status, tell: fn(DeliveryV1) -> NotificationEvent) -> NotificationEvent {
        self.status = status;
        self.version += 1;
        tell(DeliveryV1::from(&*self))
    }

    /// Begins anew, under the same id.
    pub fn redeliver(&mut self, now_us: i64) -> Result<(), Refusal> {
        match self.status {
            Status::Waiting => Err(Refusal::Waiting),
            Status::Sent | Status::Failed => {
                self.status = Status::Waiting;
                self.version += 1;
                self.attempts = 0;
                self.due_us = now_us;
                self.claim = None;
                self.changed_us = now_us;
                Ok(())
            }
        }
    }
}

impl From<&Delivery> for DeliveryV1 {
    fn from(delivery: &Delivery) -> Self {
        Self {
            delivery_id: delivery.id,
            version: delivery.version,
            status: delivery.status.as_str().to_owned(),
            notification_id: delivery.notification_id,
            channel: delivery.channel.as_str().to_owned(),
            recipient: delivery.recipient.clone(),
            template: delivery.template.clone(),
            attempts: delivery.attempts,
            reason: delivery.last_error.clone(),
        }
    }
}
