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

#[cfg(test)]
mod tests {
    use super::*;

    const ATTEMPTS_MAX: i64 = 3;

    fn delivery() -> Delivery {
        Delivery {
            id: Uuid::from_u128(1),
            version: 1,
            notification_id: Uuid::from_u128(2),
            recipient: "mina".into(),
            channel: Channel::Webhook,
            host: "bridge.example:443".into(),
            template: "reservation-held".into(),
            correlation: Uuid::from_u128(3),
            status: Status::Waiting,
            attempts: 0,
            due_us: 0,
            claim: Some(Uuid::from_u128(4)),
            last_error: None,
            created_us: 0,
            changed_us: 0,
        }
    }

    fn attempt(claim: u128, outcome: Outcome) -> Attempt {
        Attempt { delivery: Uuid::from_u128(1), version: 1, claim: Uuid::from_u128(claim), outcome }
    }

    fn later() -> Outcome {
        Outcome::Later { reason: "busy".into(), pause_ms: 7 }
    }

    #[test]
    fn the_last_attempt_ends_it_and_an_unreached_channel_costs_none() {
        let mut waiting = delivery();
        for tries in 1..10 {
            let unreached = Outcome::Unreached { reason: "down".into(), pause_ms: 5 };
            assert_eq!(waiting.record(&attempt(4, unreached), tries, ATTEMPTS_MAX), None);
            assert_eq!((waiting.attempts, waiting.due_us), (0, tries + 5_000));
        }
        for tries in 1..ATTEMPTS_MAX {
            assert_eq!(waiting.record(&attempt(4, later()), 100, ATTEMPTS_MAX), None);
            assert_eq!((waiting.attempts, waiting.due_us, waiting.status), (tries, 7_100, Status::Waiting));
        }
        let Some(NotificationEvent::Failed(told)) = waiting.record(&attempt(4, later()), 100, ATTEMPTS_MAX) else {
            panic!("{waiting:?}");
        };
        assert_eq!((told.version, told.attempts, told.reason.as_deref()), (2, 3, Some("busy")));
        assert_eq!(waiting.record(&attempt(4, Outcome::Sent), 100, ATTEMPTS_MAX), None, "it has ended");
    }

    #[test]
    fn of_an_attempt_given_up_for_lost_only_its_success_counts() {
        let lost = 9;
        let mut waiting = delivery();
        for outcome in [later(), Outcome::Refused("gone".into())] {
            assert_eq!(waiting.record(&attempt(lost, outcome), 1, ATTEMPTS_MAX), None);
            assert_eq!(waiting, delivery());
        }
        assert!(matches!(
            waiting.record(&attempt(lost, Outcome::Sent), 1, ATTEMPTS_MAX),
            Some(NotificationEvent::Sent(told)) if told.version == 2
        ));
        waiting.redeliver(2).unwrap();
        let before = waiting.clone();
        assert_eq!(waiting.record(&attempt(lost, Outcome::Sent), 3, ATTEMPTS_MAX), None, "it is of an earlier round");
        assert_eq!(waiting.redeliver(4), Err(Refusal::Waiting));
        assert_eq!(waiting, before);
    }
}
