//! Changing: the owner, who has seen a version, says what is different from it.

use crate::command::{Decided, Fact, Refusal};
use crate::draft::{DraftLine, DraftRules, DraftTier};
use crate::offering::{Offering, Status};
use crate::terms::Terms;
use crate::working::Working;
use kernel::{OfferingId, PaymentMode};
use uuid::Uuid;

/// A change of an offering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub offering: OfferingId,
    /// The request's own id.
    pub request: Uuid,
    /// The version that the owner has seen.
    pub seen: i64,
    pub changes: Changes,
}

/// Raw new values; what is absent stays. What never changes cannot be said here, but for the price's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub name: Option<String>,
    /// The inner absence takes it away.
    pub description: Option<Option<String>>,
    /// The inner absence takes it away.
    pub place: Option<Option<String>>,
    pub units: Option<i64>,
    /// Minor units and the currency, which must be the present one.
    pub price: Option<(i64, String)>,
    pub payment: Option<String>,
    pub on_payment_outage: Option<String>,
    pub late_money: Option<String>,
    pub hold_seconds: Option<i64>,
    pub cancellation: Option<Vec<DraftTier>>,
    /// All rules at once: those that it does not name are gone.
    pub rules: Option<DraftRules>,
    /// All rules of the line at once: those that it does not name are as usual.
    pub line: Option<DraftLine>,
}

pub(crate) fn decide(working: &mut Working, change: &Change) -> Decided {
    let offering = working.known(change.offering)?;
    if offering.made_by == change.request {
        return Ok((None, offering));
    }
    match offering.status {
        Status::Open => {}
        Status::Retired => return Err(Refusal::Retired),
    }
    if offering.version != change.seen {
        return Err(Refusal::Stale { current: offering.version });
    }
    let terms = change.changes.applied(&offering.terms)?;
    if terms == offering.terms {
        return Ok((None, offering));
    }
    let changed = Offering { version: offering.version + 1, made_by: change.request, terms, ..offering };
    working.put(changed.clone());
    Ok((Some(Fact::Changed), changed))
}

impl Changes {
    /// The terms with these changes; checked as a whole, since one value may rule another out.
    fn applied(&self, terms: &Terms) -> Result<Terms, Refusal> {
        let Self {
            name,
            description,
            place,
            units,
            price,
            payment,
            on_payment_outage,
            late_money,
            hold_seconds,
            cancellation,
            rules,
            line,
        } = self;
        let mut draft = terms.draft();
        set(&mut draft.name, name);
        set(&mut draft.description, description);
        set(&mut draft.place, place);
        set(&mut draft.units, units);
        if let Some((amount, currency)) = price {
            if *currency != draft.currency {
                return Err(Refusal::Immutable { field: "price.currency" });
            }
            draft.price_amount = *amount;
        }
        // Without prepayment no booking meets an outage, so that what was said about it falls.
        if payment.as_ref().is_some_and(|mode| mode != PaymentMode::Prepay.as_str()) {
            draft.on_payment_outage = None;
        }
        set_some(&mut draft.payment, payment);
        set_some(&mut draft.on_payment_outage, on_payment_outage);
        set_some(&mut draft.late_money, late_money);
        set_some(&mut draft.hold_seconds, hold_seconds);
        set(&mut draft.cancellation, cancellation);
        set(&mut draft.rules, rules);
        set_some(&mut draft.line, line);
        Ok(Terms::try_from(draft)?)
    }
}

fn set<T: Clone>(place: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

fn set_some<T: Clone>(place: &mut Option<T>, value: &Option<T>) {
    if value.is_some() {
        place.clone_from(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::payment::Payment;
    use crate::sample::{draft, terms};
    use crate::terms::Invalid;
    use kernel::OutagePolicy;

    fn applied(draft: Draft, changes: Changes) -> Result<Terms, Refusal> {
        changes.applied(&terms(draft))
    }

    #[test]
    fn what_is_absent_stays_and_what_is_empty_goes() {
        let full = Draft { description: Some("quiet".into()), place: Some("Seoul".into()), ..draft() };
        let changes = Changes { units: Some(0), description: Some(None), ..Changes::default() };
        let changed = applied(full.clone(), changes).unwrap();
        assert_eq!(changed, Terms { units: 0, description: None, ..terms(full) });
    }

    #[test]
    fn an_outage_is_forgotten_with_prepayment() {
        let deferred = Draft { on_payment_outage: Some("defer".into()), ..draft() };
        let later = Changes { payment: Some("settle_later".into()), ..Changes::default() };
        let changed = applied(deferred.clone(), later).unwrap();
        assert_eq!((changed.payment, changed.hold_seconds), (Payment::SettleLater, 600));
        let again = Changes { payment: Some("prepay".into()), ..Changes::default() };
        assert_eq!(applied(deferred, again).unwrap().payment, Payment::Prepay { on_outage: OutagePolicy::Defer });
        let outage = Changes { on_payment_outage: Some("defer".into()), ..Changes::default() };
        let settled = Draft { payment: Some("settle_later".into()), ..draft() };
        assert_eq!(applied(settled, outage), Err(Invalid::OutageWithoutPrepay.into()));
    }

    #[test]
    fn a_price_keeps_its_currency() {
        let price = |currency: &str| Changes { price: Some((5, currency.into())), ..Changes::default() };
        assert_eq!(applied(draft(), price("KRW")).unwrap().price.amount(), 5);
        assert_eq!(applied(draft(), price("EUR")), Err(Refusal::Immutable { field: "price.currency" }));
    }

    #[test]
    fn rules_are_changed_as_a_whole() {
        let ruled = |rules: DraftRules| Draft { rules, ..draft() };
        let (short, noticed) = (
            DraftRules { stay_max: Some(3), ..DraftRules::default() },
            DraftRules { minimum_notice_minutes: Some(60), ..DraftRules::default() },
        );
        for rules in [noticed, DraftRules::default()] {
            let changes = Changes { rules: Some(rules.clone()), ..Changes::default() };
            assert_eq!(applied(ruled(short.clone()), changes), Ok(terms(ruled(rules))));
        }
        assert_eq!(applied(ruled(short.clone()), Changes::default()), Ok(terms(ruled(short))));
    }

    #[test]
    fn a_line_never_takes_payment() {
        let line = Draft { kind: "line".into(), ..draft() };
        let prepaid = Changes { payment: Some("prepay".into()), ..Changes::default() };
        assert_eq!(applied(line, prepaid), Err(Invalid::LinePayment.into()));
    }
}
