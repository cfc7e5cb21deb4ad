//! The port to whoever moves the money, and the provider that tests and demonstrations use.

mod book;
mod ledger;
mod line;
mod test;

pub use test::TestProvider;

use jiff::{SignedDuration, Timestamp};
use kernel::{Label, Money, PaymentId, ReservationId};
use std::future::Future;
use thiserror::Error;

/// A capture as the provider is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// A second capture with this key takes nothing and gets the first one's answer.
    pub key: PaymentId,
    pub reservation: ReservationId,
    pub total: Money,
    pub method: Label,
}

/// A refund as the provider is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The capture it gives back from.
    pub charge: Charge,
    /// Minor units to give back.
    pub amount: i64,
    /// Minor units that have gone back after it. With the payment's id it is the refund's key: a second refund with
    /// that key gives nothing.
    pub goal: i64,
}

/// The provider took the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charged {
    /// By the provider's clock.
    pub at: Timestamp,
}

/// The provider did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    #[error("the provider refuses: {reason}")]
    Refused {
        /// The provider's word.
        reason: String,
    },
    #[error("the provider failed")]
    Failed,
    #[error("the provider does not answer")]
    NoAnswer,
}

/// Whoever moves the money. Every call is idempotent by its key, and may be lost on its way there or back.
pub trait Provider: Send + Sync + 'static {
    /// Takes the money.
    fn capture(&self, charge: &Charge) -> impl Future<Output = Result<Charged, ProviderError>> + Send;

    /// Whether money was taken with this key.
    fn find(&self, charge: &Charge) -> impl Future<Output = Result<Option<Charged>, ProviderError>> + Send;

    /// How long after it was asked for, with a margin, a charge that is not found yet may still come: minutes, for one
    /// that answers slowly. Nobody looks for it afterwards.
    fn charges_within(&self, charge: &Charge) -> SignedDuration;

    /// Gives money back.
    fn refund(&self, refund: &Refund) -> impl Future<Output = Result<(), ProviderError>> + Send;
}
