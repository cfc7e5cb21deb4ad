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
        headers.insert("ce-actor", encode(actor));
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
        actor: text("ce-actor").map(decode),
        traceparent: text("traceparent").map(ToOwned::to_owned),
        payload: payload.clone(),
        stream_seq,
    })
}

/// A text as a header value: CloudEvents writes all but printable ASCII, and `"` and `%` too, as `%` and two digits.
fn encode(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%') {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

/// The text of a header value; what is no encoding stands for itself.
fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, later @ ..] = rest {
        let digits = later.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = later.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = later;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_is_ascii_and_reads_as_it_was_written() {
        for text in ["guest-1", "Zoë \"100%\" 李\t\\u{41}", "%", "%4", "%zz", "%+1"] {
            let value = encode(text);
            assert!(value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'), "{value}");
            assert_eq!(decode(&value), text);
        }
        assert_eq!(decode("100% sure"), "100% sure");
    }
}
