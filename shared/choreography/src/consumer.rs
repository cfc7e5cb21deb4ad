//! The consumer group: batches from the stream into the writer, acknowledged after the commit.

use crate::backlog::{self, Backlog};
use crate::broker::{Broker, BrokerError, received};
use crate::group::Group;
use crate::service::{Poison, Received, Service};
use crate::store::Store;
use crate::writer::{Verdict, Work, Writer};
use async_nats::jetstream::consumer::{self, pull};
use async_nats::jetstream::{AckKind, Message};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use kernel::{EventId, derived};
use rand::RngExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Most messages handled together.
const CHUNK_MAX: usize = 256;
/// Chunks on their way through the writer at once.
const CHUNKS_IN_FLIGHT_MAX: usize = 4;
/// How long one pull waits for messages, and so how long a consumer that shall stop goes on taking them.
const PULL_MS: u64 = 500;
/// How long a consumer that shall stop waits for what it has begun; what is not acknowledged by then comes again.
const END_SECONDS_MAX: u64 = 10;
/// Pause before a consumer that broke is made again.
const REPAIR_MS: u64 = 500;

/// One replica's part of the consumer group of `S`.
pub(crate) struct Consumer<S: Service> {
    pub service: Arc<S>,
    pub store: Store,
    pub broker: Broker,
    pub writer: Writer<S>,
    pub backlog: Arc<Backlog>,
}

/// What a replica has in hand.
struct Hands<'a> {
    stop: &'a CancellationToken,
    /// What was not begun when the stop came, and is not to be begun any more.
    left: &'a Mutex<Vec<Message>>,
    /// Chunks on their way through the writer.
    in_flight: FuturesUnordered<BoxFuture<'a, ()>>,
}

impl Hands<'_> {
    /// Once told to stop there is always room: what still comes is not begun.
    fn have_room(&self) -> bool {
        self.in_flight.len() < CHUNKS_IN_FLIGHT_MAX || self.stop.is_cancelled()
    }
}

impl<S: Service> Consumer<S> {
    /// Runs until `stop`; makes the consumer again whenever it breaks.
    pub(crate) async fn run(self, stop: CancellationToken) {
        if S::TOPICS.is_empty() {
            stop.cancelled().await;
            return;
        }
        // An alert must not miss the first of them: what begins at one has not risen.
        redelivered::<S>().increment(0);
        // A broker that is away would hold up the end.
        let look = stop.run_until_cancelled(backlog::look::<S>(&self.backlog, (&self.store, &self.broker)));
        let consume = async {
            while !stop.is_cancelled() {
                if let Err(fault) = self.consume(&stop).await {
                    tracing::warn!(%fault, service = S::NAME, "the consumer is made again");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(Duration::from_millis(REPAIR_MS)) => {}
                    }
                }
            }
        };
        let end = async {
            stop.cancelled().await;
            tokio::time::sleep(Duration::from_secs(END_SECONDS_MAX)).await;
        };
        let consume = async {
            tokio::select! {
                () = consume => {}
                () = end => tracing::warn!(service = S::NAME, "the consumer ends with events in hand; they come again"),
            }
        };
        tokio::join!(look, consume);
    }

    async fn consume(&self, stop: &CancellationToken) -> Result<(), BrokerError> {
        let database = self.store.identity().await.map_err(|fault| BrokerError(fault.to_string()))?;
        let group = tokio::select! {
            joined = Group { name: S::NAME, topics: S::TOPICS }.join(&self.broker, database) => joined?,
            // A broker that is away would hold up the end.
            () = stop.cancelled() => return Ok(()),
        };
        let left = Mutex::default();
        let mut hands = Hands { stop, left: &left, in_flight: FuturesUnordered::new() };
        let outcome = loop {
            if stop.is_cancelled() {
                break Ok(());
            }
            if let Err(fault) = self.pull(&group, &mut hands).await {
                break Err(fault);
            }
        };
        // Only now, without a pull of our own to answer, does what we give back come to another replica.
        give_back(&left).await;
        while hands.in_flight.next().await.is_some() {}
        give_back(&left).await;
        outcome
    }

    /// Asks for one delivery and takes it to its end. A pull that is cut off would leave what the server sends
    /// meanwhile to nobody, for as long as an acknowledgement may take; so each is short instead.
    async fn pull<'a>(
        &'a self,
        group: &consumer::Consumer<pull::Config>,
        hands: &mut Hands<'a>,
    ) -> Result<(), BrokerError> {
        let pull = group.batch().max_messages(2 * CHUNK_MAX).expires(Duration::from_millis(PULL_MS));
        let messages = pull.messages().await.map_err(|fault| BrokerError(fault.to_string()))?;
        let mut chunks = match S::LINGER_MS {
            0 => messages.ready_chunks(CHUNK_MAX).boxed(),
            linger => {
                let linger = Duration::from_millis(linger);
                tokio_stream::StreamExt::chunks_timeout(messages, CHUNK_MAX, linger).boxed()
            }
        };
        // A broker that restarts forgets who asked, and then nothing comes, not even an end.
        let silence_max = Duration::from_millis(2 * PULL_MS);
        loop {
            let room = hands.have_room();
            tokio::select! {
                biased;
                Some(()) = hands.in_flight.next() => {}
                () = hands.stop.cancelled(), if !room => {}
                chunk = timeout(silence_max, chunks.next()), if room => {
                    let Ok(Some(chunk)) = chunk else { return Ok(()) };
                    let (good, bad): (Vec<_>, Vec<_>) = chunk.into_iter().partition(Result::is_ok);
                    hands.in_flight.push(self.handle(good.into_iter().flatten().collect(), (hands.stop, hands.left)).boxed());
                    if let Some(Err(fault)) = bad.into_iter().next() {
                        return Err(BrokerError(fault.to_string()));
                    }
                }
            }
        }
    }

    /// Hands a chunk to the writer, waits for the commits, acknowledges. What it has not begun when the stop comes is
    /// left.
    async fn handle(&self, messages: Vec<Message>, (stop, left): (&CancellationToken, &Mutex<Vec<Message>>)) {
        let again = messages.iter().filter(|message| message.info().is_ok_and(|info| info.delivered > 1)).count();
        redelivered::<S>().increment(again as u64);
        let mut waiting = Vec::with_capacity(messages.len());
        for message in messages {
            if stop.is_cancelled() {
                held(left).push(message);
                continue;
            }
            let event = Arc::new(event_of(&message));
            let span = span::<S>(&event);
            let work = match span.in_scope(|| self.work(&event)) {
                Ok(None) => {
                    acknowledge(&message, AckKind::Ack).await;
                    continue;
                }
                Ok(Some(command)) => Work::Command(command),
                Err(poison) => {
                    let (kind, id) = (&event.kind, event.id);
                    tracing::error!(reason = %poison, kind, %id, service = S::NAME, "parking an event");
                    Work::Park(poison)
                }
            };
            // What this event causes is traced below this span, which ends with the commit.
            let traceparent = span.in_scope(runtime::telemetry::traceparent);
            tokio::select! {
                biased;
                verdict = self.writer.handle(work, event, traceparent, false) => {
                    waiting.push((message, verdict.ok(), span));
                }
                () = stop.cancelled() => held(left).push(message),
            }
        }
        for (message, verdict, _span) in waiting {
            let verdict = match verdict {
                Some(verdict) => verdict.await.ok(),
                None => None,
            };
            match verdict {
                Some(Verdict::Decided(_) | Verdict::Handled | Verdict::Repeat(_)) => {
                    acknowledge(&message, AckKind::Ack).await;
                }
                // A bare nak would come back at once; the delay gives the cause time to pass.
                Some(Verdict::Faulty(_) | Verdict::Unavailable(_)) | None => {
                    let delay_ms = rand::rng().random_range(1_000..3_000);
                    acknowledge(&message, AckKind::Nak(Some(Duration::from_millis(delay_ms)))).await;
                }
            }
        }
    }

    fn work(&self, event: &Received) -> Result<Option<S::Command>, Poison> {
        if event.kind.is_empty() {
            return Err(Poison("the message is not an event of this platform".into()));
        }
        let topic = event.kind.rsplit_once('.').map_or(event.kind.as_str(), |(topic, _version)| topic);
        if !S::TOPICS.contains(&topic) {
            // Another version of this service hears it, and must find it again.
            return Err(Poison(format!("this version of the service does not hear `{topic}`")));
        }
        // A panic would end the process, and the same message the next one.
        let translated = catch_unwind(AssertUnwindSafe(|| self.service.translate(event)));
        translated.unwrap_or_else(|_| Err(Poison("the translation panicked".into())))
    }
}

/// The span of an event's handling here, below the span that published it.
fn span<S: Service>(event: &Received) -> tracing::Span {
    if !runtime::telemetry::is_tracing() {
        return tracing::Span::none();
    }
    let (kind, correlation) = (&event.kind, event.correlation);
    let span = tracing::info_span!("consume", service = S::NAME, kind, %correlation);
    runtime::telemetry::continue_from(&span, event.traceparent.as_deref());
    span
}

/// The event of a message; one without a kind when the message is none of ours, known by its place in the stream.
fn event_of(message: &Message) -> Received {
    let stream_seq = message.info().map_or(0, |info| info.stream_sequence);
    received(message.headers.as_ref(), &message.payload, stream_seq).unwrap_or_else(|reason| {
        tracing::error!(%reason, stream_seq, "a message that is no event");
        Received {
            id: EventId(derived(Uuid::nil(), &format!("stream-{stream_seq}"))),
            kind: String::new(),
            correlation: Uuid::nil(),
            causation: None,
            version: 0,
            time: Timestamp::UNIX_EPOCH,
            actor: None,
            traceparent: None,
            payload: message.payload.clone(),
            stream_seq,
        }
    })
}

/// Messages that came before and were not acknowledged then.
fn redelivered<S: Service>() -> metrics::Counter {
    metrics::counter!("yeyak_consumer_redelivered_total", "service" => S::NAME)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets another replica have these at once, and not only when nobody has acknowledged them for long.
async fn give_back(left: &Mutex<Vec<Message>>) {
    let left = std::mem::take(&mut *held(left));
    for message in left {
        acknowledge(&message, AckKind::Nak(None)).await;
    }
}

async fn acknowledge(message: &Message, kind: AckKind) {
    if let Err(fault) = message.ack_with(kind).await {
        // The message comes again and the inbox recognizes it.
        tracing::debug!(%fault, "an acknowledgement was not sent");
    }
}
