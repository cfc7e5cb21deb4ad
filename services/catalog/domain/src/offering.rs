//! One thing that can be booked, as its owner has it now.

use crate::terms::Terms;
use jiff::Timestamp;
use kernel::OfferingId;
use uuid::Uuid;

/// Whether an offering can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    /// Nothing more is sold; what is booked stays.
    Retired,
}

impl Status {
    /// The word used in the API and in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Retired => "retired",
        }
    }
}

/// An offering after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    pub id: OfferingId,
    /// 1, 2, 3 …
    pub version: i64,
    pub status: Status,
    pub created_at: Timestamp,
    /// The request that made this version, so that a request which is decided twice finds its own work.
    pub made_by: Uuid,
    pub terms: Terms,
}
