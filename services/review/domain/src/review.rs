//! What a guest says about a stay.

use jiff::Timestamp;
use kernel::{Label, OfferingId, Rating, ReservationId, ReviewId};
use thiserror::Error;
use uuid::Uuid;

/// Longest text of a review, in Unicode scalar values.
pub const TEXT_CHARS_MAX: usize = 4_000;

/// Why raw values are no review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    #[error("`rating` is {} to {}", Rating::MIN, Rating::MAX)]
    Rating,
    #[error("`text` is at most {TEXT_CHARS_MAX} characters")]
    Text,
    #[error("`guest_id` is {0}")]
    Guest(#[from] kernel::LabelError),
}

/// The text of a review, as it was written; a rating may stand without words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Words {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.chars().count() > TEXT_CHARS_MAX { Err(Invalid::Text) } else { Ok(Self(text)) }
    }
}

/// Whether a review is shown and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Posted,
    Removed,
}

impl Status {
    /// The word used in the API and in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Removed => "removed",
        }
    }
}

/// A review after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub id: ReviewId,
    /// 1, 2, 3 …
    pub version: i64,
    pub status: Status,
    pub reservation: ReservationId,
    pub offering: OfferingId,
    pub offering_name: String,
    pub business: String,
    pub guest: Label,
    pub rating: Rating,
    /// Empty once it is removed.
    pub text: Words,
    pub posted_at: Timestamp,
    /// The request that made this version, so that a request which is decided twice finds its own work.
    pub made_by: Uuid,
}
