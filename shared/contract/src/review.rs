//! What `review` publishes: each change of a review.

use crate::wire::events;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events!(
    /// A change of a review. The case is the reservation it speaks of.
    ReviewEvent {
        Posted(ReviewV1) = "review.posted",
        Changed(ReviewV1) = "review.changed",
        Removed(ReviewV1) = "review.removed",
        /// Its present state, told again for a rebuild or a new service; nothing happened.
        State(ReviewV1) = "review.state",
    }
);

impl ReviewEvent {
    /// The review, whatever happened to it.
    #[must_use]
    pub const fn review(&self) -> &ReviewV1 {
        match self {
            Self::Posted(body) | Self::Changed(body) | Self::Removed(body) | Self::State(body) => body,
        }
    }
}

/// The public state of a review after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewV1 {
    pub review_id: Uuid,
    pub version: i64,
    /// `posted` or `removed`.
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub reservation_id: Uuid,
    pub guest_id: String,
    /// 1 to 5.
    pub rating: i64,
    /// Empty once it is removed.
    pub text: String,
    /// RFC 3339, UTC.
    pub posted_at: String,
}
