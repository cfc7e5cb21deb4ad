//! The broker's side of a reader of the stream: an ordered consumer that is forgotten when nobody asks.

use crate::broker::{Broker, BrokerError};
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// How long a piece may wait for its next message.
const SILENCE_SECONDS_MAX: u64 = 5;
/// A reader that asks for nothing for so long is forgotten by the broker, and made again when it asks.
const IDLE_SECONDS_MAX: u64 = 60;

/// What it sent is counted without gaps, so that a message that was lost on the way is missed.
#[derive(Debug)]
pub(crate) struct Feed {
    pub consumer: consumer::Consumer<pull::Config>,
    delivered: u64,
    broker: Broker,
}

/// The broker keeps so many readers and no more: who is done says so, and whose word is lost is forgotten after a while.
impl Drop for Feed {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (broker, name) = (self.broker.clone(), self.consumer.cached_info().name.clone());
        runtime.spawn(async move { broker.forget(&name).await });
    }
}

impl Feed {
    /// A reader of what is behind `after`.
    pub async fn open(broker: &Broker, subjects: Vec<String>, after: u64) -> Result<Self, BrokerError> {
        let config = pull::Config {
            filter_subjects: subjects,
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: Duration::from_secs(IDLE_SECONDS_MAX),
            ..Default::default()
        };
        let consumer = broker.stream().await?.create_consumer(config).await.map_err(|fault| broken(&fault))?;
        Ok(Self { consumer, delivered: 0, broker: broker.clone() })
    }

    /// What is there, at most `count`.
    pub async fn fetch(&self, count: usize) -> Result<Vec<Message>, BrokerError> {
        let mut batch = self.consumer.fetch().max_messages(count).messages().await.map_err(|fault| broken(&fault))?;
        let mut messages = Vec::new();
        let silence_max = Duration::from_secs(SILENCE_SECONDS_MAX);
        while let Some(message) = timeout(silence_max, batch.next()).await.map_err(|fault| broken(&fault))? {
            messages.push(message.map_err(|fault| broken(&fault))?);
        }
        Ok(messages)
    }

    /// The message's place in the stream, if it is the one behind the last.
    pub fn follow(&mut self, message: &Message) -> Result<u64, BrokerError> {
        let info = message.info().map_err(|fault| broken(&fault))?;
        self.delivered += 1;
        if info.consumer_sequence != self.delivered {
            return Err(BrokerError("a message was lost on the way".into()));
        }
        Ok(info.stream_sequence)
    }

    /// Nothing came: that is the end only if nothing waits and nothing was sent that did not arrive.
    pub async fn is_at_its_end(&self) -> Result<(), BrokerError> {
        let info = self.consumer.get_info().await.map_err(|fault| broken(&fault))?;
        if info.num_pending == 0 && info.delivered.consumer_sequence == self.delivered {
            return Ok(());
        }
        Err(BrokerError("the stream holds more than it gave".into()))
    }

    /// Nothing came for a while: the broker must still know this reader, and have sent nothing that did not arrive.
    pub async fn is_alive(&self) -> Result<(), BrokerError> {
        let info = self.consumer.get_info().await.map_err(|fault| broken(&fault))?;
        if info.delivered.consumer_sequence == self.delivered {
            return Ok(());
        }
        Err(BrokerError("a message was lost on the way".into()))
    }
}

pub(crate) fn subjects(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| format!("evt.{topic}.*")).collect()
}

pub(crate) fn broken(fault: &dyn std::fmt::Display) -> BrokerError {
    BrokerError(fault.to_string())
}
