//! One line of the ledger: a call that reached the provider, and what came of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which call it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    Capture,
    Find,
    Refund,
}

/// What the provider did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Captured,
    Declined,
    /// It broke; nothing was taken.
    Failed,
    Found,
    NotFound,
    Refunded,
    /// It does not give that money back.
    Refused,
}

/// A call that reached the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// RFC 3339, UTC.
    pub at: String,
    pub call: Call,
    /// The payment's id; of a refund, followed by `:` and what has gone back after it.
    pub key: String,
    pub reservation_id: Uuid,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub method: String,
    pub outcome: Done,
    /// Whether the key was known, so that nothing was moved.
    pub repeat: bool,
}
