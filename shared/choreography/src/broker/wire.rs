//! Events as messages: CloudEvents binary headers in both directions.

use crate::service::Received;
use crate::table::outbox;
use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use jiff::Timestamp;
use kernel::EventId;
use uuid::Uuid;

/// The headers of an outbox row.
pub(super) fn headers(row: &outbox::Model) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let id = row.event_id.to_string();
    let correlation = row.correlation.to_string();
    let source = row.kind.split('.').next().unwrap_or_default();
    headers.insert(NATS_MESSAGE_ID, id.as_str());
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", id.as_str());
    headers.insert("ce-type", row.kind.as_str());
    headers.insert("ce-source", source);
    headers.insert("ce-subject", correlation.as_str());
    headers.insert("ce-correlationid", correlation.as_str());
    headers.insert("ce-aggregateversion", row.version.to_string());
    if let Ok(time) = Timestamp::from_microsecond(row.created_us) {
        headers.insert("ce-time", time.to_string());
    }
    if let Some(causation) = row.causation {
        headers.insert("ce-causationid", causation.to_string());
    }
    if let Some(actor) = &row.actor {
        // Header values are lines of ASCII; a name may be anything.
        headers.insert("ce-actor", actor.escape_default().to_string());
    }
    if let Some(traceparent) = &row.traceparent {
        headers.insert("traceparent", traceparent.as_str());
    }
    headers
}

/// Reads a message as an event.
///
/// # Errors
/// What is missing or does not read, and the id to remember the message by.
pub(crate) fn received(headers: Option<&HeaderMap>, payload: &Bytes, stream_seq: u64) -> Result<Received, String> {
    let headers = headers.ok_or("the message has no headers")?;
    let text = |name: &str| headers.get(name).map(async_nats::HeaderValue::as_str);
    let required = |name: &str| text(name).ok_or_else(|| format!("the header `{name}` is missing"));
    let uuid = |name: &str| required(name)?.parse::<Uuid>().map_err(|fault| format!("`{name}`: {fault}"));
    Ok(Received {
        id: EventId(uuid("ce-id")?),
        kind: required("ce-type")?.to_owned(),
        correlation: uuid("ce-correlationid")?,
        causation: text("ce-causationid").and_then(|id| id.parse().ok()),
        version: required("ce-aggregateversion")?.parse().map_err(|fault| format!("`ce-aggregateversion`: {fault}"))?,
        time: required("ce-time")?.parse().map_err(|fault| format!("`ce-time`: {fault}"))?,
        actor: text("ce-actor").map(ToOwned::to_owned),
        traceparent: text("traceparent").map(ToOwned::to_owned),
        payload: payload.clone(),
        stream_seq,
    })
}
