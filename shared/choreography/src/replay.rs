//! Reading the stream again, from any place to what was its end, beside the consumer group and without its inbox.

use crate::broker::{Broker, BrokerError, received};
use crate::service::Received;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Tries of one piece before its reader is told that the broker does not answer.
const TRIES_MAX: u32 = 5;
/// Pause between two of them.
const PAUSE_MS: u64 = 500;
/// How long a piece may wait for its next message.
const SILENCE_SECONDS_MAX: u64 = 5;
/// A reader that asks for nothing for so long is forgotten by the broker, and made again when it asks.
const IDLE_SECONDS_MAX: u64 = 60;

/// What the stream held of some topics at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The last stream sequence, of any topic.
    pub last: u64,
    /// Events of these topics.
    pub events: u64,
}

/// A reader of some topics from one place of the stream to another.
#[derive(Debug)]
pub struct Replay {
    broker: Broker,
    subjects: Vec<String>,
    position: u64,
    until: u64,
    feed: Option<Feed>,
}

/// The broker's side of a reader. What it sent is counted without gaps, so that a message that was lost on the way
/// is missed.
#[derive(Debug)]
struct Feed {
    consumer: consumer::Consumer<pull::Config>,
    delivered: u64,
}

impl Replay {
    /// Reads the events of `topics` (`<service>.<event>`) whose stream sequence is above `after` and up to `until`.
    #[must_use]
    pub fn new(broker: &Broker, topics: &[&str], after: u64, until: u64) -> Self {
        Self { broker: broker.clone(), subjects: subjects(topics), position: after, until, feed: None }
    }

    /// What the stream holds of `topics` now.
    ///
    /// # Errors
    /// The broker cannot be asked.
    pub async fn extent(broker: &Broker, topics: &[&str]) -> Result<Extent, BrokerError> {
        let last = broker.stream().await?.cached_info().state.last_sequence;
        let feed = Feed::open(broker, subjects(topics), 0).await?;
        Ok(Extent { last, events: feed.consumer.cached_info().num_pending })
    }

    /// Every event up to this stream sequence has been given out.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The next events in the stream's order, at most `count`; none when the end is reached. What is no event of this
    /// platform is left out: the consumer group has parked it.
    ///
    /// # Errors
    /// The broker did not answer several times in a row; the reader stands where it stood.
    pub async fn next(&mut self, count: usize) -> Result<Vec<Received>, BrokerError> {
        let mut tries = 0;
        while self.position < self.until {
            match self.pull(count).await {
                Ok(events) if events.is_empty() => {}
                Ok(events) => return Ok(events),
                Err(fault) => {
                    self.feed = None;
                    tries += 1;
                    if tries >= TRIES_MAX {
                        return Err(fault);
                    }
                    sleep(Duration::from_millis(PAUSE_MS)).await;
                }
            }
        }
        Ok(Vec::new())
    }

    async fn pull(&mut self, count: usize) -> Result<Vec<Received>, BrokerError> {
        let feed = match &mut self.feed {
            Some(feed) => feed,
            empty @ None => empty.insert(Feed::open(&self.broker, self.subjects.clone(), self.position).await?),
        };
        let mut events = Vec::new();
        let mut position = self.position;
        for message in feed.fetch(count).await? {
            let stream_seq = feed.follow(&message)?;
            position = stream_seq.min(self.until);
            if stream_seq <= self.until {
                events.extend(received(message.headers.as_ref(), &message.payload, stream_seq).ok());
            }
        }
        if position == self.position {
            feed.is_at_its_end().await?;
            position = self.until;
        }
        self.position = position;
        Ok(events)
    }
}

impl Feed {
    async fn open(broker: &Broker, subjects: Vec<String>, after: u64) -> Result<Self, BrokerError> {
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
        Ok(Self { consumer, delivered: 0 })
    }

    /// What is there, at most `count`.
    async fn fetch(&self, count: usize) -> Result<Vec<Message>, BrokerError> {
        let mut batch = self.consumer.fetch().max_messages(count).messages().await.map_err(|fault| broken(&fault))?;
        let mut messages = Vec::new();
        let silence_max = Duration::from_secs(SILENCE_SECONDS_MAX);
        while let Some(message) = timeout(silence_max, batch.next()).await.map_err(|fault| broken(&fault))? {
            messages.push(message.map_err(|fault| broken(&fault))?);
        }
        Ok(messages)
    }

    /// The message's place in the stream, if it is the one behind the last.
    fn follow(&mut self, message: &Message) -> Result<u64, BrokerError> {
        let info = message.info().map_err(|fault| broken(&fault))?;
        self.delivered += 1;
        if info.consumer_sequence != self.delivered {
            return Err(BrokerError("a message was lost on the way".into()));
        }
        Ok(info.stream_sequence)
    }

    /// Nothing came: that is the end only if nothing waits and nothing was sent that did not arrive.
    async fn is_at_its_end(&self) -> Result<(), BrokerError> {
        let info = self.consumer.get_info().await.map_err(|fault| broken(&fault))?;
        if info.num_pending == 0 && info.delivered.consumer_sequence == self.delivered {
            return Ok(());
        }
        Err(BrokerError("the stream holds more than it gave".into()))
    }
}

fn subjects(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| format!("evt.{topic}.*")).collect()
}

fn broken(fault: &dyn std::fmt::Display) -> BrokerError {
    BrokerError(fault.to_string())
}
