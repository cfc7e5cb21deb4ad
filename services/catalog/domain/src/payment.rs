//! When an offering's money is taken, and for how long units wait for it.

use crate::draft::Draft;
use crate::terms::Invalid;
use kernel::{Kind, OutagePolicy, PaymentMode};
use std::str::FromStr;

const HOLD_SECONDS_PREPAY: i64 = 600;
const HOLD_SECONDS_SETTLE_LATER: i64 = 86_400;

/// When money is taken, and, where a booking waits for it, what an outage means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    Prepay { on_outage: OutagePolicy },
    SettleLater,
    None,
}

impl Payment {
    #[must_use]
    pub const fn mode(self) -> PaymentMode {
        match self {
            Self::Prepay { .. } => PaymentMode::Prepay,
            Self::SettleLater => PaymentMode::SettleLater,
            Self::None => PaymentMode::None,
        }
    }

    /// What an outage means; `refuse` where no booking ever waits for money.
    #[must_use]
    pub const fn on_outage(self) -> OutagePolicy {
        match self {
            Self::Prepay { on_outage } => on_outage,
            Self::SettleLater | Self::None => OutagePolicy::Refuse,
        }
    }

    /// How long units are held, unless the owner says otherwise.
    pub(crate) const fn hold_seconds(self) -> i64 {
        match self {
            Self::Prepay { .. } | Self::None => HOLD_SECONDS_PREPAY,
            Self::SettleLater => HOLD_SECONDS_SETTLE_LATER,
        }
    }

    pub(crate) fn parse(draft: &Draft, kind: Kind) -> Result<Self, Invalid> {
        let usual = match kind {
            Kind::Nights | Kind::Slots | Kind::Seats => PaymentMode::Prepay,
            Kind::Line => PaymentMode::None,
        };
        let mode = word(draft.payment.as_deref(), usual).map_err(Invalid::Payment)?;
        let outage = draft.on_payment_outage.as_deref();
        let payment = match mode {
            PaymentMode::Prepay => {
                Self::Prepay { on_outage: word(outage, OutagePolicy::Refuse).map_err(Invalid::Outage)? }
            }
            PaymentMode::SettleLater | PaymentMode::None if outage.is_some() => {
                return Err(Invalid::OutageWithoutPrepay);
            }
            PaymentMode::SettleLater => Self::SettleLater,
            PaymentMode::None => Self::None,
        };
        match kind {
            Kind::Line if payment != Self::None => Err(Invalid::LinePayment),
            Kind::Nights | Kind::Slots | Kind::Seats | Kind::Line => Ok(payment),
        }
    }
}

/// The choice that `text` names; `usual` when it names none.
pub(crate) fn word<T: FromStr>(text: Option<&str>, usual: T) -> Result<T, T::Err> {
    text.map_or(Ok(usual), str::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{draft, refused, terms};

    fn paid(kind: &str, payment: Option<&str>, outage: Option<&str>) -> Draft {
        let (payment, on_payment_outage) = (payment.map(Into::into), outage.map(Into::into));
        Draft { kind: kind.into(), payment, on_payment_outage, ..draft() }
    }

    #[test]
    fn what_is_not_said_is_prepaid_and_refused_in_an_outage() {
        let usual = terms(paid("nights", None, None));
        assert_eq!(usual.payment, Payment::Prepay { on_outage: OutagePolicy::Refuse });
        assert_eq!(usual.hold_seconds, 600);
        assert_eq!(terms(paid("nights", Some("settle_later"), None)).hold_seconds, 86_400);
        let deferred = terms(paid("nights", Some("prepay"), Some("defer")));
        assert_eq!(deferred.payment, Payment::Prepay { on_outage: OutagePolicy::Defer });
    }

    #[test]
    fn only_who_prepays_meets_an_outage() {
        for mode in ["settle_later", "none"] {
            for outage in ["refuse", "defer", "nonsense"] {
                assert_eq!(refused(paid("nights", Some(mode), Some(outage))), Invalid::OutageWithoutPrepay);
            }
        }
        assert!(matches!(refused(paid("nights", None, Some("nonsense"))), Invalid::Outage(_)));
        assert!(matches!(refused(paid("nights", Some("cash"), None)), Invalid::Payment(_)));
    }

    #[test]
    fn a_line_takes_no_payment() {
        assert_eq!(terms(paid("line", None, None)).payment, Payment::None);
        assert_eq!(terms(paid("line", Some("none"), None)).payment, Payment::None);
        for mode in ["prepay", "settle_later"] {
            assert_eq!(refused(paid("line", Some(mode), None)), Invalid::LinePayment);
        }
    }
}
