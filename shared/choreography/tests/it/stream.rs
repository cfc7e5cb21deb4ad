//! The stream as the broker shows it, read and written without the choreography.
use crate::service::counter::Added;
use async_nats::HeaderMap;
use async_nats::jetstream;
use async_nats::jetstream::consumer::{FromConsumer, PullConsumer, pull};
use std::collections::BTreeSet;
use std::time::Duration;
use testing::{SOON, check, eventually};
use uuid::Uuid;

/// A client of its own.
pub struct Stream(jetstream::Context);

impl Stream {
    /// Connects, and waits until a service has made the stream.
    pub async fn connect(url: &str) -> Self {
        let stream = Self(jetstream::new(async_nats::connect(url).await.unwrap()));
        eventually("the stream", SOON, async || stream.ids().await).await;
        stream
    }

    /// Waits until the broker keeps this many readers.
    pub async fn until_readers(&self, count: usize) {
        eventually("readers of the stream", SOON, async || {
            let stream = self.0.get_stream("EVENTS").await.map_err(|fault| fault.to_string())?;
            check(stream.cached_info().state.consumer_count, |readers| *readers == count)
                .map_err(|readers| format!("{readers} readers"))
        })
        .await;
    }

    /// Waits until so many events are delivered to the group `name` and not acknowledged.
    pub async fn until_delivered(&self, name: &str, count: usize) {
        eventually("deliveries", SOON, async || {
            let stream = self.0.get_stream("EVENTS").await.map_err(|fault| fault.to_string())?;
            let group: PullConsumer = stream.get_consumer(name).await.map_err(|fault| fault.to_string())?;
            check(group.cached_info().num_ack_pending, |delivered| *delivered == count)
                .map_err(|delivered| format!("{delivered} delivered"))
        })
        .await;
    }

    /// Most bytes that it keeps.
    pub async fn bytes_max(&self) -> i64 {
        self.0.get_stream("EVENTS").await.unwrap().cached_info().config.max_bytes
    }

    /// The ids of all events it holds, in order.
    pub async fn ids(&self) -> Result<Vec<Uuid>, String> {
        let stream = self.0.get_stream("EVENTS").await.map_err(|fault| fault.to_string())?;
        let state = &stream.cached_info().state;
        let mut ids = Vec::new();
        for sequence in state.first_sequence.max(1)..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.map_err(|fault| fault.to_string())?;
            ids.push(message.headers.get("ce-id").unwrap().as_str().parse().unwrap());
        }
        Ok(ids)
    }

    /// Waits until it holds each of `wanted`, and nothing twice.
    pub async fn holds(&self, wanted: &[Uuid]) {
        let wanted: BTreeSet<Uuid> = wanted.iter().copied().collect();
        eventually("all events in the stream", SOON, async || {
            let held = self.ids().await?;
            let once: BTreeSet<Uuid> = held.iter().copied().collect();
            let missing = wanted.difference(&once).count();
            check((missing, held.len() - once.len()), |(missing, twice)| *missing == 0 && *twice == 0)
                .map_err(|(missing, twice)| format!("{missing} missing, {twice} twice, {} held", held.len()))
        })
        .await;
    }

    /// Stores an event as some publisher would, except that the broker does not see a repeat of `id`.
    pub async fn send(&self, id: Uuid, correlation: Uuid, n: i64) {
        let payload = serde_json::to_vec(&Added { n, noise: String::new() }).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("ce-id", id.to_string());
        headers.insert("ce-type", "counter.added.v1");
        headers.insert("ce-correlationid", correlation.to_string());
        headers.insert("ce-aggregateversion", "1");
        headers.insert("ce-time", "2026-01-02T03:04:05Z");
        let subject = format!("evt.counter.added.{correlation}");
        self.0.publish_with_headers(subject, headers, payload.into()).await.unwrap().await.unwrap();
    }

    /// Lets the group `name` have what a member does not acknowledge in one second, as after a long wait.
    pub async fn hurry(&self, name: &str) {
        let stream = self.0.get_stream("EVENTS").await.unwrap();
        let mut group: PullConsumer = stream.get_consumer(name).await.unwrap();
        let mut config = group.info().await.unwrap().config.clone();
        config.ack_wait = Duration::from_secs(1);
        stream.update_consumer(pull::Config::try_from_consumer_config(config).unwrap()).await.unwrap();
    }

    /// Stores a message that is no event.
    pub async fn send_garbage(&self, payload: &'static [u8]) {
        let subject = format!("evt.counter.added.{}", Uuid::nil());
        self.0.publish(subject, payload.into()).await.unwrap().await.unwrap();
    }
}
