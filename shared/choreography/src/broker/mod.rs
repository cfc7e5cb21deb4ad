//! The broker: one connection, the stream, publishing with acknowledgement, reading back.

mod publish;
mod wire;

pub(crate) use publish::PublishFault;
pub(crate) use wire::received;

use async_nats::ServerAddr;
use async_nats::jetstream::{self, stream};
use std::sync::atomic::Ordering;
use std::time::Duration;
use thiserror::Error;

/// The one stream of events.
pub(crate) const STREAM: &str = "EVENTS";
/// How long the stream remembers message ids.
const DUPLICATE_WINDOW_MINUTES: u64 = 10;
/// How long the stream keeps events.
const AGE_DAYS_MAX: u64 = 14;
/// How much it keeps unless told otherwise; a full stream refuses and the outboxes wait.
const BYTES_MAX: i64 = 16 << 30;
/// How long a start waits for the connection; then it goes on without one.
const FIRST_CONNECTION_MS_MAX: u64 = 1_000;
/// How long one request to the broker may take.
const REQUEST_SECONDS_MAX: u64 = 5;

/// The broker cannot be reached, or answers with an error.
#[derive(Debug, Error)]
#[error("the broker: {0}")]
pub struct BrokerError(pub(crate) String);

/// A connection to JetStream; cheap to clone, reconnects by itself for ever.
#[derive(Clone, Debug)]
pub struct Broker {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    replicas: usize,
    bytes_max: i64,
}

impl Broker {
    /// Connects to one of `urls`, which commas part; goes on trying in the background when nobody answers yet.
    ///
    /// `replicas` of the stream: 1, or 3 on a cluster.
    ///
    /// # Errors
    /// A URL that does not read.
    pub async fn connect(urls: &str, name: &str, replicas: usize) -> Result<Self, BrokerError> {
        let servers = servers(urls)?;
        let places = places(&servers);
        let client = async_nats::ConnectOptions::new()
            .name(name)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .connection_timeout(Duration::from_secs(REQUEST_SECONDS_MAX))
            .reconnect_delay_callback(|tries| Duration::from_millis((50 * tries as u64).min(1_000)))
            .request_timeout(Some(Duration::from_secs(REQUEST_SECONDS_MAX)))
            .event_callback(|event| async move { tracing::info!(%event, "broker") })
            .connect(servers)
            .await
            .map_err(|fault| BrokerError(fault.to_string()))?;
        // Without a connection the first events would wait for the sweep. Nothing is lost by that, so it is not insisted on.
        let connected = tokio::time::timeout(Duration::from_millis(FIRST_CONNECTION_MS_MAX), client.flush()).await;
        if !matches!(connected, Ok(Ok(()))) {
            tracing::warn!(places, "the broker does not answer yet");
        }
        let jetstream =
            jetstream::ContextBuilder::new().timeout(Duration::from_secs(REQUEST_SECONDS_MAX)).build(client.clone());
        Ok(Self { client, jetstream, replicas, bytes_max: BYTES_MAX })
    }

    /// Lets the stream keep `bytes_max` bytes, where it does not exist yet.
    #[must_use]
    pub fn keeping(self, bytes_max: i64) -> Self {
        Self { bytes_max, ..self }
    }

    /// Counts the connections that were made, so that each is followed by a look at what the broker still holds.
    /// It is counted before anything comes through the connection, an acknowledgement above all.
    pub(crate) fn epoch(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::SeqCst)
    }

    /// Whether there is a connection now. What is sent without one is not refused but sent later, unasked.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// The stream, created where it is missing.
    pub(crate) async fn stream(&self) -> Result<stream::Stream, BrokerError> {
        self.jetstream
            .get_or_create_stream(stream::Config {
                name: STREAM.into(),
                subjects: vec!["evt.>".into()],
                storage: stream::StorageType::File,
                retention: stream::RetentionPolicy::Limits,
                discard: stream::DiscardPolicy::New,
                max_age: Duration::from_secs(AGE_DAYS_MAX * 86_400),
                max_bytes: self.bytes_max,
                duplicate_window: Duration::from_secs(DUPLICATE_WINDOW_MINUTES * 60),
                num_replicas: self.replicas,
                deny_delete: true,
                deny_purge: true,
                allow_direct: true,
                allow_atomic_publish: true,
                ..Default::default()
            })
            .await
            .map_err(|fault| BrokerError(fault.to_string()))
    }

    /// Bytes that the stream holds, and may hold.
    ///
    /// # Errors
    /// The broker cannot be asked, or has no stream.
    pub(crate) async fn fill(&self) -> Result<(u64, i64), BrokerError> {
        let stream = self.jetstream.get_stream(STREAM).await.map_err(|fault| BrokerError(fault.to_string()))?;
        let info = stream.cached_info();
        Ok((info.state.bytes, info.config.max_bytes))
    }

    /// Lets `stream` keep as many copies and bytes as this connection was told, if it keeps fewer.
    pub(crate) async fn widen(&self, stream: &stream::Stream) -> Result<(), BrokerError> {
        let config = &stream.cached_info().config;
        let unbounded = config.max_bytes <= 0;
        let bytes_max = if unbounded { config.max_bytes } else { config.max_bytes.max(self.bytes_max) };
        let replicas = config.num_replicas.max(self.replicas);
        if (config.num_replicas, config.max_bytes) == (replicas, bytes_max) {
            return Ok(());
        }
        let wider = stream::Config { num_replicas: replicas, max_bytes: bytes_max, ..config.clone() };
        self.jetstream.update_stream(wider).await.map(drop).map_err(|fault| BrokerError(fault.to_string()))
    }

    /// Takes back a reader of the stream that nobody needs any more.
    pub(crate) async fn forget(&self, reader: &str) {
        let forgotten = self.jetstream.delete_consumer_from_stream(reader, STREAM).await;
        if let Err(fault) = forgotten {
            tracing::debug!(%fault, reader, "a reader of the stream is left to be forgotten");
        }
    }

    /// Sends what is buffered and closes the connection.
    pub async fn close(&self) {
        // Draining only begins here; the acknowledgements must be out before the process ends.
        let farewell = async {
            let flushed = self.client.flush().await.is_ok();
            flushed && self.client.drain().await.is_ok()
        };
        if !matches!(tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), farewell).await, Ok(true)) {
            tracing::debug!("the broker was left without a farewell");
        }
    }
}

/// The servers of a list such as `nats://a:4222,nats://b:4222`.
fn servers(urls: &str) -> Result<Vec<ServerAddr>, BrokerError> {
    let read = |url: &str| {
        let server: ServerAddr = url.trim().parse().map_err(|fault: std::io::Error| BrokerError(fault.to_string()))?;
        if server.host().is_empty() { Err(BrokerError("a URL names no server".into())) } else { Ok(server) }
    };
    urls.split(',').map(read).collect()
}

/// Where servers are, without the credentials that their URLs may hold: fit for a log.
fn places(servers: &[ServerAddr]) -> String {
    let places: Vec<String> = servers.iter().map(|server| format!("{}:{}", server.host(), server.port())).collect();
    places.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_servers_are_read_and_told_without_their_passwords() {
        let several = servers("nats://yeyak:secret@one:4222, tls://two:4333,three").unwrap();
        assert_eq!(places(&several), "one:4222,two:4333,three:4222");
        for wrong in ["", "nats://a:1,", "nats://a:port"] {
            assert!(servers(wrong).is_err(), "{wrong}");
        }
    }
}
