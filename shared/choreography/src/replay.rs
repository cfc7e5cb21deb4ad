//! Reading the stream again, from any place to what was its end, beside the consumer group and without its inbox.

use crate::broker::{Broker, BrokerError, received};
use crate::feed::{Feed, subjects};
use crate::service::Received;
use std::time::Duration;
use tokio::time::sleep;

/// Tries of one piece before its reader is told that the broker does not answer.
const TRIES_MAX: u32 = 5;
/// Pause between two of them.
const PAUSE_MS: u64 = 500;

/// What the stream held at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first stream sequence that it still holds, of any topic; 0 while it has never held one.
    pub first: u64,
    /// The last stream sequence, of any topic.
    pub last: u64,
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

impl Replay {
    /// Reads the events of `topics` (`<service>.<event>`) whose stream sequence is above `after` and up to `until`.
    #[must_use]
    pub fn new(broker: &Broker, topics: &[&str], after: u64, until: u64) -> Self {
        Self { broker: broker.clone(), subjects: subjects(topics), position: after, until, feed: None }
    }

    /// What the stream holds now; costs the broker no reader.
    ///
    /// # Errors
    /// The broker cannot be asked.
    pub async fn extent(broker: &Broker) -> Result<Extent, BrokerError> {
        let stream = broker.stream().await?;
        let state = &stream.cached_info().state;
        Ok(Extent { first: state.first_sequence, last: state.last_sequence })
    }

    /// How many events of `topics` the stream holds now.
    ///
    /// # Errors
    /// The broker cannot be asked.
    pub async fn count(broker: &Broker, topics: &[&str]) -> Result<u64, BrokerError> {
        Ok(Feed::open(broker, subjects(topics), 0).await?.consumer.cached_info().num_pending)
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
