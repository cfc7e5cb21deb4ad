//! Following the stream as it grows, in order and beside the consumer group: each process sees everything.

use crate::broker::{Broker, BrokerError, received};
use crate::feed::{Feed, broken, subjects};
use crate::service::Received;
use async_nats::jetstream::Message;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// Most events handed out together.
const CHUNK_MAX: usize = 256;
/// How long one pull waits for messages; a quiet stream is asked so often whether it still knows its reader.
const PULL_MS: u64 = 1_000;
/// Pause before a reader that broke is made again.
const REPAIR_MS: u64 = 250;

type Chunks = BoxStream<'static, Vec<Result<Message, async_nats::Error>>>;

/// What a tail has to tell.
#[derive(Clone, Debug)]
pub enum Tidings {
    /// The next events in the stream's order; none at all when it has just begun.
    Events(Vec<Received>),
    /// The broker lost what it held: the stream begins anew, and its sequences say nothing about those before. The tail
    /// goes on at its end.
    Anew,
}

/// A follower of some topics. It never ends: while the broker is away it waits, then goes on where it stood.
pub struct Tail {
    broker: Broker,
    subjects: Vec<String>,
    place: Option<Place>,
    reading: Option<Reading>,
}

/// How far a tail has come.
#[derive(Clone, Copy, Debug)]
struct Place {
    stream_seq: u64,
    /// The event there, by which a stream is known again.
    event: Option<Uuid>,
    /// When the stream was made, in nanoseconds since 1970.
    created: i128,
}

struct Reading {
    feed: Feed,
    pull: Option<Chunks>,
    /// Whether the pull brought nothing yet.
    is_silent: bool,
}

impl Tail {
    /// Follows the events of `topics` (`<service>.<event>`) from the end that the stream has when the broker first
    /// answers.
    #[must_use]
    pub fn new(broker: &Broker, topics: &[&str]) -> Self {
        Self { broker: broker.clone(), subjects: subjects(topics), place: None, reading: None }
    }

    /// Every event up to this stream sequence has been handed out, or was there before; none until it has begun.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.place.map(|place| place.stream_seq)
    }

    /// Waits for what comes next. Nothing is lost when the caller stops waiting.
    pub async fn next(&mut self) -> Tidings {
        loop {
            match self.go_on().await {
                Ok(Some(tidings)) => return tidings,
                Ok(None) => {}
                Err(fault) => {
                    tracing::warn!(%fault, "the tail of the stream is taken up again");
                    self.reading = None;
                    sleep(Duration::from_millis(REPAIR_MS)).await;
                }
            }
        }
    }

    async fn go_on(&mut self) -> Result<Option<Tidings>, BrokerError> {
        let (Some(reading), Some(place)) = (&mut self.reading, &mut self.place) else {
            return self.begin().await.map(Some);
        };
        let Some(messages) = reading.next().await? else { return Ok(None) };
        let mut events = Vec::with_capacity(messages.len());
        let mut reached = *place;
        for message in messages {
            let message = message.map_err(|fault| broken(&fault))?;
            let stream_seq = reading.feed.follow(&message)?;
            let event = received(message.headers.as_ref(), &message.payload, stream_seq).ok();
            reached = Place { stream_seq, event: event.as_ref().map(|event| event.id.0), ..reached };
            events.extend(event);
        }
        *place = reached;
        Ok(Some(Tidings::Events(events)))
    }

    /// Makes a reader where this tail stood, if that is still the same stream.
    async fn begin(&mut self) -> Result<Tidings, BrokerError> {
        let stream = self.broker.stream().await?;
        let info = stream.cached_info();
        let (last, created) = (info.state.last_sequence, info.created.unix_timestamp_nanos());
        let known = match self.place {
            Some(place)
                if place.created == created
                    && is_held(&self.broker, place, info.state.first_sequence, last).await? =>
            {
                Some(place)
            }
            Some(_) | None => None,
        };
        let place = match known {
            Some(place) => place,
            None => Place { stream_seq: last, event: event_at(&self.broker, last).await?, created },
        };
        let feed = Feed::open(&self.broker, self.subjects.clone(), place.stream_seq).await?;
        let is_anew = self.place.is_some() && known.is_none();
        self.place = Some(place);
        self.reading = Some(Reading { feed, pull: None, is_silent: true });
        Ok(if is_anew { Tidings::Anew } else { Tidings::Events(Vec::new()) })
    }
}

/// Whether the stream holds what it held at that place, and all that came behind it.
async fn is_held(broker: &Broker, place: Place, first: u64, last: u64) -> Result<bool, BrokerError> {
    if last < place.stream_seq || place.stream_seq + 1 < first {
        return Ok(false);
    }
    Ok(place.stream_seq < first || event_at(broker, place.stream_seq).await? == place.event)
}

async fn event_at(broker: &Broker, stream_seq: u64) -> Result<Option<Uuid>, BrokerError> {
    if stream_seq == 0 { Ok(None) } else { broker.event_at(stream_seq).await }
}

impl Reading {
    /// What came, as soon as anything does; none when a pull is over.
    async fn next(&mut self) -> Result<Option<Vec<Result<Message, async_nats::Error>>>, BrokerError> {
        let pull = match &mut self.pull {
            Some(pull) => pull,
            empty @ None => {
                self.is_silent = true;
                let pull = self.feed.consumer.batch().max_messages(CHUNK_MAX).expires(Duration::from_millis(PULL_MS));
                let messages = pull.messages().await.map_err(|fault| broken(&fault))?;
                empty.insert(messages.ready_chunks(CHUNK_MAX).boxed())
            }
        };
        // A broker that restarts forgets who asked, and then nothing comes, not even an end.
        match timeout(Duration::from_millis(2 * PULL_MS), pull.next()).await {
            Ok(Some(messages)) => {
                self.is_silent = false;
                Ok(Some(messages))
            }
            Ok(None) | Err(_) => {
                self.pull = None;
                if self.is_silent {
                    self.feed.is_alive().await?;
                }
                Ok(None)
            }
        }
    }
}
