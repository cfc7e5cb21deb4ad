//! Publishing outbox rows: one alone with its id, several as one atomic batch (ADR-50), one fsync for all.

use super::{Broker, BrokerError, REQUEST_SECONDS_MAX, wire};
use crate::table::outbox;
use async_nats::header::{NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;

/// Why rows were not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PublishFault {
    /// The batch holds an id that the stream has already (server error 10201): it may have been stored before.
    #[error("a message of the batch is stored already")]
    Duplicate,
    /// Anything else; the rows wait.
    #[error("{0}")]
    Broker(String),
}

/// Server error: an atomic batch holds a message id that the stream remembers.
const BATCH_HAS_DUPLICATE: u64 = 10_201;

impl Broker {
    /// Publishes `rows` one behind the other and returns the stream sequence of the first.
    ///
    /// # Errors
    /// [`PublishFault::Duplicate`] for an atomic batch that may have been stored before, else what the broker said.
    pub(crate) async fn publish(&self, rows: &[&outbox::Model]) -> Result<u64, PublishFault> {
        let Some((last, earlier)) = rows.split_last() else { return Ok(0) };
        let mut headers = wire::headers(last);
        if !earlier.is_empty() {
            let batch = Uuid::now_v7().simple().to_string();
            for (position, row) in earlier.iter().enumerate() {
                let mut headers = wire::headers(row);
                headers.insert(NATS_BATCH_ID, batch.as_str());
                headers.insert(NATS_BATCH_SEQUENCE, (position + 1).to_string());
                self.client
                    .publish_with_headers(row.subject(), headers, row.payload.clone().into())
                    .await
                    .map_err(|fault| PublishFault::Broker(fault.to_string()))?;
            }
            headers.insert(NATS_BATCH_ID, batch.as_str());
            headers.insert(NATS_BATCH_SEQUENCE, rows.len().to_string());
            headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
        }
        let request = self.client.request_with_headers(last.subject(), headers, last.payload.clone().into());
        let answer = tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), request)
            .await
            .map_err(|_| PublishFault::Broker("no acknowledgement in time".into()))?
            .map_err(|fault| PublishFault::Broker(fault.to_string()))?;
        let ack: Response<PublishAck> = serde_json::from_slice(&answer.payload)
            .map_err(|fault| PublishFault::Broker(format!("an acknowledgement that does not read: {fault}")))?;
        match ack {
            Response::Ok(ack) => Ok(ack.sequence.saturating_sub(earlier.len() as u64)),
            Response::Err { error } if error.error_code().0 == BATCH_HAS_DUPLICATE => Err(PublishFault::Duplicate),
            Response::Err { error } => Err(PublishFault::Broker(error.to_string())),
        }
    }

    /// The event id that the stream holds at `sequence`, if it holds a message there.
    ///
    /// # Errors
    /// The broker cannot be asked.
    pub(crate) async fn event_at(&self, sequence: u64) -> Result<Option<Uuid>, BrokerError> {
        use async_nats::jetstream::stream::RawMessageErrorKind;
        let stream =
            self.jetstream.get_stream_no_info(super::STREAM).await.map_err(|fault| BrokerError(fault.to_string()))?;
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(message.headers.get("ce-id").and_then(|id| id.as_str().parse().ok())),
            Err(fault) if fault.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(fault) => Err(BrokerError(fault.to_string())),
        }
    }
}

impl Broker {
    /// The stream's last sequence and the state of the consumer group `name`, in this order, so that whatever the
    /// group has passed had been published before the answer.
    ///
    /// # Errors
    /// The broker cannot be asked, or has no such consumer.
    pub(crate) async fn progress(
        &self,
        name: &str,
    ) -> Result<(u64, async_nats::jetstream::consumer::Info), BrokerError> {
        use async_nats::jetstream::consumer::{Consumer, pull};
        let broken = |fault: &dyn std::fmt::Display| BrokerError(fault.to_string());
        let stream = self.jetstream.get_stream(super::STREAM).await.map_err(|fault| broken(&fault))?;
        let end = stream.cached_info().state.last_sequence;
        let group: Consumer<pull::Config> = stream.get_consumer(name).await.map_err(|fault| broken(&fault))?;
        Ok((end, group.cached_info().clone()))
    }
}
