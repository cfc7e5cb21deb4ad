//! What an offering promises: a draft that kept every rule.

use crate::bookable::{Bookable, SLOT_MINUTES_MAX, SLOT_MINUTES_MIN};
use crate::draft::{Draft, DraftLine, DraftRules, DraftTier};
use crate::payment::{Payment, word};
use crate::rules;
use jiff::tz::TimeZone;
use kernel::{
    CancellationTier, Label, LabelError, LateMoney, LineError, LineRules, Money, MoneyError, PolicyError, Rules,
    RulesError, UnknownWord, YEAR_MAX, YEAR_MIN, time_zone, validate_tiers,
};
use std::ops::RangeInclusive;
use thiserror::Error;

/// Longest name, in Unicode scalar values.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest description, in Unicode scalar values.
pub const DESCRIPTION_CHARS_MAX: usize = 2_000;
/// Longest place, in Unicode scalar values.
pub const PLACE_CHARS_MAX: usize = 200;
/// Most units per bucket.
pub const UNITS_MAX: i64 = 1_000_000;
/// How long units may be held for a payment, in seconds: up to 30 days.
pub const HOLD_SECONDS: RangeInclusive<i64> = 5..=2_592_000;

/// Which rule a draft breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    #[error("`business` is {0}")]
    Business(LabelError),
    #[error(
        "`name` is 1 to {NAME_CHARS_MAX} characters, not all space; of control characters only line breaks and tabs"
    )]
    Name,
    #[error(
        "`description` is at most {DESCRIPTION_CHARS_MAX} characters; of control characters only line breaks and tabs"
    )]
    Description,
    #[error("`place` is at most {PLACE_CHARS_MAX} characters; of control characters only line breaks and tabs")]
    Place,
    #[error("`kind`: {0}")]
    Kind(UnknownWord),
    #[error("`units` is 1 to {UNITS_MAX}; only a change may close sales with 0")]
    Units,
    #[error("`timezone` is an IANA name such as Asia/Seoul, spelled exactly")]
    Timezone,
    #[error(
        "`slot_minutes` belongs to `slots`: {SLOT_MINUTES_MIN} to {SLOT_MINUTES_MAX}, a divisor of {SLOT_MINUTES_MAX}"
    )]
    SlotMinutes,
    #[error(
        "`starts_at` belongs to `seats`: an RFC 3339 instant of whole seconds, in the years {YEAR_MIN} to {YEAR_MAX}"
    )]
    StartsAt,
    #[error("`price`: {0}")]
    Price(MoneyError),
    #[error("`payment`: {0}")]
    Payment(UnknownWord),
    #[error("a line takes no payment: `payment` is `none`")]
    LinePayment,
    #[error("`on_payment_outage`: {0}")]
    Outage(UnknownWord),
    #[error("`on_payment_outage` belongs to `prepay`")]
    OutageWithoutPrepay,
    #[error("`late_money`: {0}")]
    LateMoney(UnknownWord),
    #[error("`hold_seconds` is {} to {}", HOLD_SECONDS.start(), HOLD_SECONDS.end())]
    HoldSeconds,
    #[error("`cancellation`: {0}")]
    Cancellation(PolicyError),
    #[error("`rules`: {0}")]
    Rules(RulesError),
    #[error("`line`: {0}")]
    Line(LineError),
}

/// Everything an offering promises. Only a [`Draft`] that keeps every rule becomes terms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    pub business: Label,
    /// 1 to [`NAME_CHARS_MAX`] characters; may hold line breaks, as real names do.
    pub name: String,
    pub description: Option<String>,
    pub place: Option<String>,
    pub bookable: Bookable,
    /// Per bucket, 0 to [`UNITS_MAX`].
    pub units: i64,
    pub zone: TimeZone,
    pub price: Money,
    pub payment: Payment,
    pub late_money: LateMoney,
    /// Within [`HOLD_SECONDS`].
    pub hold_seconds: i64,
    /// From the earliest cancel to the latest.
    pub cancellation: Vec<CancellationTier>,
    pub rules: Rules,
    /// Of a line, and always there.
    pub line: Option<LineRules>,
}

impl Terms {
    /// The zone's IANA name.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The draft that gives these terms again.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let Self {
            business,
            name,
            description,
            place,
            bookable,
            units,
            zone: _,
            price,
            payment,
            late_money,
            hold_seconds,
            cancellation,
            rules,
            line,
        } = self;
        let (slot_minutes, starts_at) = match bookable {
            Bookable::Nights | Bookable::Line => (None, None),
            Bookable::Slots { minutes } => (Some(*minutes), None),
            Bookable::Seats { starts_at } => (None, Some(starts_at.to_string())),
        };
        let on_payment_outage = match payment {
            Payment::Prepay { on_outage } => Some(on_outage.to_string()),
            Payment::SettleLater | Payment::None => None,
        };
        Draft {
            business: business.to_string(),
            name: name.clone(),
            description: description.clone(),
            place: place.clone(),
            kind: bookable.kind().to_string(),
            units: *units,
            timezone: self.timezone().to_owned(),
            slot_minutes,
            starts_at,
            price_amount: price.amount(),
            currency: price.currency().to_string(),
            payment: Some(payment.mode().to_string()),
            on_payment_outage,
            late_money: Some(late_money.to_string()),
            hold_seconds: Some(*hold_seconds),
            cancellation: cancellation.iter().map(DraftTier::from).collect(),
            rules: DraftRules::from(rules),
            line: line.as_ref().map(DraftLine::from),
        }
    }
}

impl TryFrom<Draft> for Terms {
    type Error = Invalid;
    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        let zone = time_zone(&draft.timezone).ok_or(Invalid::Timezone)?;
        let bookable = Bookable::parse(&draft, &zone)?;
        let payment = Payment::parse(&draft, bookable.kind())?;
        let late_money = word(draft.late_money.as_deref(), LateMoney::Refund).map_err(Invalid::LateMoney)?;
        let hold_seconds = draft.hold_seconds.unwrap_or(payment.hold_seconds());
        let currency = draft.currency.parse().map_err(Invalid::Price)?;
        let rules = rules::parse(&draft.rules, bookable.kind()).map_err(Invalid::Rules)?;
        let line = rules::parse_line(draft.line.as_ref(), bookable.kind()).map_err(Invalid::Line)?;
        let fits = |text: &Option<String>, max| text.as_deref().is_none_or(|text| is_text(text, max));
        if !is_text(&draft.name, NAME_CHARS_MAX) || draft.name.trim().is_empty() {
            return Err(Invalid::Name);
        }
        if !fits(&draft.description, DESCRIPTION_CHARS_MAX) {
            return Err(Invalid::Description);
        }
        if !fits(&draft.place, PLACE_CHARS_MAX) {
            return Err(Invalid::Place);
        }
        if !(0..=UNITS_MAX).contains(&draft.units) {
            return Err(Invalid::Units);
        }
        if !HOLD_SECONDS.contains(&hold_seconds) {
            return Err(Invalid::HoldSeconds);
        }
        Ok(Self {
            business: Label::try_from(draft.business).map_err(Invalid::Business)?,
            name: draft.name,
            description: draft.description,
            place: draft.place,
            bookable,
            units: draft.units,
            zone,
            price: Money::new(draft.price_amount, currency).map_err(Invalid::Price)?,
            payment,
            late_money,
            hold_seconds,
            cancellation: tiers(&draft.cancellation).map_err(Invalid::Cancellation)?,
            rules,
            line,
        })
    }
}

impl From<&CancellationTier> for DraftTier {
    fn from(tier: &CancellationTier) -> Self {
        Self { before_hours: tier.before_hours, refund_percent: tier.refund_percent.into() }
    }
}

fn tiers(drafts: &[DraftTier]) -> Result<Vec<CancellationTier>, PolicyError> {
    let tier = |draft: &DraftTier| {
        let refund_percent = u8::try_from(draft.refund_percent).map_err(|_| PolicyError::Percent)?;
        Ok(CancellationTier { before_hours: draft.before_hours, refund_percent })
    };
    validate_tiers(drafts.iter().map(tier).collect::<Result<_, _>>()?)
}

/// Real names break lines, so that line breaks and tabs pass; what else is a control character would only hide.
fn is_text(text: &str, chars_max: usize) -> bool {
    text.chars().count() <= chars_max && !text.chars().any(|letter| letter.is_control() && !"\n\t".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{draft, refused, terms};
    use proptest::prelude::*;

    #[test]
    fn names_are_what_people_write() {
        let named = |name: &str| Draft { name: name.into(), ..draft() };
        for name in ["a", "한옥 스테이", "Cozy\nroom\tin Harlem", "🏠", "\u{202e}right to left", &"é".repeat(200)]
        {
            assert_eq!(terms(named(name)).name, name);
        }
        for name in ["", " ", "\n\t", "bell\u{7}", "nul\0", "cr\r\n", "\u{85}next", &"a".repeat(201)] {
            assert_eq!(refused(named(name)), Invalid::Name, "{name:?}");
        }
    }

    #[test]
    fn a_zone_keeps_the_name_it_was_given() {
        for name in ["UTC", "Etc/UTC", "Asia/Seoul", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Ushuaia"] {
            assert_eq!(terms(Draft { timezone: name.into(), ..draft() }).timezone(), name);
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let tier = |before_hours, refund_percent| DraftTier { before_hours, refund_percent };
        let long = |chars: usize| Some("a".repeat(chars));
        for (broken, rule) in [
            (Draft { business: "".into(), ..draft() }, Invalid::Business(LabelError)),
            (Draft { description: long(2_001), ..draft() }, Invalid::Description),
            (Draft { place: long(201), ..draft() }, Invalid::Place),
            (Draft { units: -1, ..draft() }, Invalid::Units),
            (Draft { units: UNITS_MAX + 1, ..draft() }, Invalid::Units),
            (Draft { timezone: "asia/seoul".into(), ..draft() }, Invalid::Timezone),
            (Draft { timezone: "Mars/Olympus".into(), ..draft() }, Invalid::Timezone),
            (Draft { timezone: "Etc/Unknown".into(), ..draft() }, Invalid::Timezone),
            (Draft { price_amount: -1, ..draft() }, Invalid::Price(MoneyError::Negative)),
            (Draft { price_amount: i64::MAX, ..draft() }, Invalid::Price(MoneyError::TooLarge)),
            (Draft { currency: "krw".into(), ..draft() }, Invalid::Price(MoneyError::Currency)),
            (Draft { hold_seconds: Some(4), ..draft() }, Invalid::HoldSeconds),
            (Draft { hold_seconds: Some(2_592_001), ..draft() }, Invalid::HoldSeconds),
            (Draft { cancellation: vec![tier(1, 256)], ..draft() }, Invalid::Cancellation(PolicyError::Percent)),
            (Draft { cancellation: vec![tier(1, -1)], ..draft() }, Invalid::Cancellation(PolicyError::Percent)),
            (
                Draft { cancellation: vec![tier(24, 100), tier(72, 50)], ..draft() },
                Invalid::Cancellation(PolicyError::Rising),
            ),
        ] {
            assert_eq!(refused(broken), rule);
        }
        assert!(matches!(refused(Draft { late_money: Some("keep".into()), ..draft() }), Invalid::LateMoney(_)));
    }

    proptest! {
        #[test]
        fn terms_give_their_draft_and_the_draft_gives_the_terms(draft in crate::sample::drafts()) {
            if let Ok(terms) = Terms::try_from(draft) {
                prop_assert_eq!(Terms::try_from(terms.draft()), Ok(terms));
            }
        }
    }
}
