//! Bodies as they arrive, and what they become: terms, or changes.

use catalog_domain::{Changes, Draft, DraftLine, DraftOpening, DraftRules, DraftTier, Invalid, Refusal, Terms};
use runtime::http::Object;
use serde::{Deserialize, Deserializer, Serialize};

/// Body of `POST /offerings`; serialized again, it is what an idempotency key stands for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    pub business: String,
    name: String,
    description: Option<String>,
    place: Option<String>,
    kind: String,
    units: i64,
    timezone: String,
    slot_minutes: Option<i64>,
    starts_at: Option<String>,
    price: Object<Price>,
    payment: Option<String>,
    on_payment_outage: Option<String>,
    late_money: Option<String>,
    hold_seconds: Option<i64>,
    cancellation: Option<Vec<Object<Tier>>>,
    rules: Option<Object<Rules>>,
    line: Option<Object<Line>>,
}

/// Body of `PATCH /offerings/{id}`. Of what never changes only the presence matters, yet it must read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(default, deserialize_with = "given")]
    business: Option<String>,
    #[serde(default, deserialize_with = "given")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "given")]
    timezone: Option<String>,
    #[serde(default, deserialize_with = "given")]
    slot_minutes: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    starts_at: Option<String>,
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    place: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    units: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    price: Option<Object<Price>>,
    #[serde(default, deserialize_with = "given")]
    payment: Option<String>,
    #[serde(default, deserialize_with = "given")]
    on_payment_outage: Option<String>,
    #[serde(default, deserialize_with = "given")]
    late_money: Option<String>,
    #[serde(default, deserialize_with = "given")]
    hold_seconds: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    cancellation: Option<Vec<Object<Tier>>>,
    #[serde(default, deserialize_with = "given")]
    rules: Option<Object<Rules>>,
    #[serde(default, deserialize_with = "given")]
    line: Option<Object<Line>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    amount: i64,
    currency: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    before_hours: i64,
    refund_percent: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    opening_hours: Option<Vec<Object<Opening>>>,
    minimum_notice_minutes: Option<i64>,
    stay_min: Option<i64>,
    stay_max: Option<i64>,
    buffer_minutes: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    day: String,
    opens: String,
    closes: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    passes_max: Option<i64>,
    call_minutes: Option<i64>,
    deferrals_max: Option<i64>,
    day_starts_at: Option<String>,
}

/// A field that is there: `null` counts only where the field can be taken away.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn tiers(tiers: Vec<Object<Tier>>) -> Vec<DraftTier> {
    let draft = |Object(Tier { before_hours, refund_percent })| DraftTier { before_hours, refund_percent };
    tiers.into_iter().map(draft).collect()
}

fn rules(Object(rules): Object<Rules>) -> DraftRules {
    let Rules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = rules;
    let opening = |Object(Opening { day, opens, closes })| DraftOpening { day, opens, closes };
    DraftRules {
        opening_hours: opening_hours.unwrap_or_default().into_iter().map(opening).collect(),
        minimum_notice_minutes,
        stay_min,
        stay_max,
        buffer_minutes,
    }
}

fn line(Object(line): Object<Line>) -> DraftLine {
    let Line { passes_max, call_minutes, deferrals_max, day_starts_at } = line;
    DraftLine { passes_max, call_minutes, deferrals_max, day_starts_at }
}

impl TryFrom<New> for Terms {
    type Error = Invalid;
    fn try_from(new: New) -> Result<Self, Invalid> {
        Self::try_from(Draft {
            business: new.business,
            name: new.name,
            description: new.description,
            place: new.place,
            kind: new.kind,
            units: new.units,
            timezone: new.timezone,
            slot_minutes: new.slot_minutes,
            starts_at: new.starts_at,
            price_amount: new.price.0.amount,
            currency: new.price.0.currency,
            payment: new.payment,
            on_payment_outage: new.on_payment_outage,
            late_money: new.late_money,
            hold_seconds: new.hold_seconds,
            cancellation: tiers(new.cancellation.unwrap_or_default()),
            rules: new.rules.map(rules).unwrap_or_default(),
            line: new.line.map(line),
        })
    }
}

impl TryFrom<Patch> for Changes {
    type Error = Refusal;
    fn try_from(patch: Patch) -> Result<Self, Refusal> {
        let fixed = [
            ("business", patch.business.is_some()),
            ("kind", patch.kind.is_some()),
            ("timezone", patch.timezone.is_some()),
            ("slot_minutes", patch.slot_minutes.is_some()),
            ("starts_at", patch.starts_at.is_some()),
        ];
        if let Some((field, _)) = fixed.into_iter().find(|(_, named)| *named) {
            return Err(Refusal::Immutable { field });
        }
        Ok(Self {
            name: patch.name,
            description: patch.description,
            place: patch.place,
            units: patch.units,
            price: patch.price.map(|Object(price)| (price.amount, price.currency)),
            payment: patch.payment,
            on_payment_outage: patch.on_payment_outage,
            late_money: patch.late_money,
            hold_seconds: patch.hold_seconds,
            cancellation: patch.cancellation.map(tiers),
            rules: patch.rules.map(rules),
            line: patch.line.map(line),
        })
    }
}
