//! What `notification` publishes: what became of a message on a channel.

use crate::wire::events;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// The end of a delivery.
    NotificationEvent {
        /// The channel took it.
        Sent(DeliveryV1) = "notification.sent",
        /// The channel will never take it, or did not in all the attempts it gets.
        Failed(DeliveryV1) = "notification.failed",
    }
);

impl NotificationEvent {
    /// The delivery, whatever happened to it.
    #[must_use]
    pub const fn delivery(&self) -> &DeliveryV1 {
        match self {
            Self::Sent(body) | Self::Failed(body) => body,
        }
    }
}

/// The public state of a delivery after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryV1 {
    pub delivery_id: Uuid,
    pub version: i64,
    /// `sent` or `failed`.
    pub status: String,
    /// The message it carries.
    pub notification_id: Uuid,
    /// `email` or `webhook`.
    pub channel: String,
    pub recipient: String,
    /// The transition it tells of, such as `confirmed`.
    pub template: String,
    /// Attempts made so far.
    pub attempts: i64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
