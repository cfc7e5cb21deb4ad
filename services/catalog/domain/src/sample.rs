//! Drafts for tests: one that keeps every rule, and arbitrary ones that may break them.

use crate::draft::{Draft, DraftLine, DraftOpening, DraftRules, DraftTier};
use crate::terms::{Invalid, Terms};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// A hotel's room type with everything unsaid that may stay so.
pub fn draft() -> Draft {
    Draft {
        business: "hotel-one".into(),
        name: "Double room".into(),
        description: None,
        place: None,
        kind: "nights".into(),
        units: 10,
        timezone: "Asia/Seoul".into(),
        slot_minutes: None,
        starts_at: None,
        price_amount: 120_000,
        currency: "KRW".into(),
        payment: None,
        on_payment_outage: None,
        late_money: None,
        hold_seconds: None,
        cancellation: Vec::new(),
        rules: DraftRules::default(),
        line: None,
    }
}

pub fn terms(draft: Draft) -> Terms {
    Terms::try_from(draft).unwrap()
}

pub fn refused(draft: Draft) -> Invalid {
    Terms::try_from(draft).unwrap_err()
}

fn words(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

pub fn payments() -> impl Strategy<Value = Option<String>> {
    of(words(&["prepay", "settle_later", "none", "cash"]))
}

pub fn outages() -> impl Strategy<Value = Option<String>> {
    of(words(&["refuse", "defer"]))
}

pub fn tiers() -> impl Strategy<Value = Vec<DraftTier>> {
    let tier =
        (-1..100i64, -1..102i64).prop_map(|(before_hours, refund_percent)| DraftTier { before_hours, refund_percent });
    proptest::collection::vec(tier, 0..3)
}

fn rules() -> impl Strategy<Value = DraftRules> {
    let opening = (words(&["mon", "sun"]), words(&["00:00", "09:00"]), words(&["09:00", "18:30", "24:00"]))
        .prop_map(|(day, opens, closes)| DraftOpening { day, opens, closes });
    let stay = (of(0..9i64), of(0..9i64));
    let hours = proptest::collection::vec(opening, 0..2);
    (hours, of(-1..90i64), stay, of(-1..90i64)).prop_map(
        |(opening_hours, minimum_notice_minutes, (stay_min, stay_max), buffer_minutes)| DraftRules {
            opening_hours,
            minimum_notice_minutes,
            stay_min,
            stay_max,
            buffer_minutes,
        },
    )
}

fn lines() -> impl Strategy<Value = DraftLine> {
    (of(-1..9i64), of(0..9i64), of(-1..9i64), of(words(&["00:00", "05:30", "24:00"]))).prop_map(
        |(passes_max, call_minutes, deferrals_max, day_starts_at)| DraftLine {
            passes_max,
            call_minutes,
            deferrals_max,
            day_starts_at,
        },
    )
}

/// Drafts of which many keep every rule.
pub fn drafts() -> impl Strategy<Value = Draft> {
    let what = ("[a-z\\n]{0,4}", of("\\PC{0,9}"), words(&["nights", "slots", "seats", "line"]), -1..20i64);
    let when = (of(select(&[60i64, 7][..])), of(words(&["2026-12-24T10:30:00Z", "never"])));
    let money = (payments(), outages(), of(words(&["refund", "honour_if_free"])), of(1..90_000i64));
    (what, when, money, tiers(), (rules(), of(lines()))).prop_map(|(what, when, money, cancellation, (rules, line))| {
        let ((name, place, kind, units), (slot_minutes, starts_at)) = (what, when);
        let (payment, on_payment_outage, late_money, hold_seconds) = money;
        Draft {
            name,
            place,
            // Half of all drafts would break this rule alone, were it left to chance.
            slot_minutes: slot_minutes.filter(|_| kind == "slots"),
            starts_at: starts_at.filter(|_| kind == "seats"),
            rules: match kind.as_str() {
                "slots" => rules,
                "nights" => DraftRules { opening_hours: Vec::new(), buffer_minutes: None, ..rules },
                _ => DraftRules::default(),
            },
            line: line.filter(|_| kind == "line"),
            kind,
            units,
            payment,
            on_payment_outage,
            late_money,
            hold_seconds,
            cancellation,
            ..draft()
        }
    })
}
