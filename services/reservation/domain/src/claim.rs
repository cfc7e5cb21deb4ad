//! What a booking takes of its offering, and what it costs: the buckets of its span are paid, those behind it in which
//! its units rest are not.

use crate::command::Refusal;
use crate::offering::Offering;
use crate::place::Place;
use crate::reservation::{Capture, Purpose};
use crate::rules;
use crate::span::{Span, SpanRefusal};
use kernel::{Bucket, Money, OutagePolicy, PaymentMode};

/// What a booking would take of its offering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub span: Span,
    /// In rising order.
    pub buckets: Vec<Bucket>,
    /// Behind `buckets`, in rising order: its units rest there, because the next booking keeps a distance.
    pub resting: Vec<Bucket>,
}

impl Claim {
    /// Every bucket whose units nobody else may have.
    pub fn takes(&self) -> impl Iterator<Item = Bucket> {
        self.buckets.iter().chain(&self.resting).copied()
    }
}

impl Place {
    /// What it would take of `offering`; a block wants no distance.
    ///
    /// # Errors
    /// As [`Span::of`].
    pub fn claim(&self, offering: &Offering) -> Result<Claim, SpanRefusal> {
        let (span, buckets) = Span::of(offering, self.span)?;
        let resting = match (&self.purpose, buckets.last()) {
            (Purpose::Stay, Some(last)) => rules::resting(offering, *last),
            (Purpose::Stay, None) | (Purpose::Block { .. }, _) => Vec::new(),
        };
        Ok(Claim { span, buckets, resting })
    }
}

/// The total, and who begins its capture; a block costs nothing.
pub(crate) fn price(place: &Place, offering: &Offering, claim: &Claim) -> Result<(Money, Capture), Refusal> {
    let quantity = match place.purpose {
        Purpose::Stay => place.quantity,
        Purpose::Block { .. } => 0,
    };
    let total = offering.price.times(quantity, i64::try_from(claim.buckets.len()).unwrap_or(i64::MAX))?;
    Ok((total, capture(offering, total)))
}

fn capture(offering: &Offering, total: Money) -> Capture {
    if total.is_zero() {
        return Capture::Nobody;
    }
    match (offering.payment, offering.on_payment_outage) {
        (PaymentMode::None, _) => Capture::Nobody,
        (PaymentMode::SettleLater, _) => Capture::ByEvent,
        (PaymentMode::Prepay, OutagePolicy::Refuse) => Capture::ByCall,
        (PaymentMode::Prepay, OutagePolicy::Defer) => Capture::ByCallThenEvent,
    }
}
