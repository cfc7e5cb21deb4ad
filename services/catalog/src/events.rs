//! What this service tells: each change of an offering, with its whole public state.

use catalog_domain::{Bookable, Fact, Offering, Terms};
use choreography::{Outgoing, Poison};
use contract::catalog::{CatalogEvent, LineRulesV1, OfferingV1, OpeningV1, RulesV1};
use contract::{MoneyV1, TierV1};
use kernel::{LineRules, Opening, Rules};

/// The event of a fact.
pub fn outgoing(fact: Fact, offering: &Offering) -> Result<Outgoing, Poison> {
    let body = state(offering);
    let event = match fact {
        Fact::Published => CatalogEvent::Published(body),
        Fact::Changed => CatalogEvent::Changed(body),
        Fact::Retired => CatalogEvent::Retired(body),
    };
    Outgoing::of(&event, offering.id.0, offering.version)
}

/// An offering as it stands, for whoever has not heard of it.
pub fn present(offering: &Offering) -> Result<Outgoing, Poison> {
    Outgoing::of(&CatalogEvent::State(state(offering)), offering.id.0, offering.version)
}

/// An offering as everybody sees it.
pub fn state(offering: &Offering) -> OfferingV1 {
    let Offering { id, version, status, created_at: _, made_by: _, terms } = offering;
    let (slot_minutes, starts_at) = when(terms);
    OfferingV1 {
        offering_id: id.0,
        version: *version,
        status: status.as_str().to_owned(),
        business: terms.business.to_string(),
        name: terms.name.clone(),
        description: terms.description.clone(),
        place: terms.place.clone(),
        kind: terms.bookable.kind().to_string(),
        units: terms.units,
        timezone: terms.timezone().to_owned(),
        slot_minutes,
        starts_at,
        price: MoneyV1 { amount: terms.price.amount(), currency: terms.price.currency().to_string() },
        payment: terms.payment.mode().to_string(),
        on_payment_outage: terms.payment.on_outage().to_string(),
        late_money: terms.late_money.to_string(),
        hold_seconds: terms.hold_seconds,
        cancellation: terms
            .cancellation
            .iter()
            .map(|tier| TierV1 { before_hours: tier.before_hours, refund_percent: tier.refund_percent })
            .collect(),
        rules: rules(&terms.rules),
        line: terms.line.as_ref().map(line),
    }
}

/// Rules as they travel; nothing where nothing is ruled.
pub fn rules(rules: &Rules) -> Option<RulesV1> {
    let Rules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = rules;
    let opening = |hours: &Opening| {
        let (day, opens, closes) = hours.texts();
        OpeningV1 { day: day.to_owned(), opens, closes }
    };
    let travels = RulesV1 {
        opening_hours: opening_hours.iter().map(opening).collect(),
        minimum_notice_minutes: *minimum_notice_minutes,
        stay_min: *stay_min,
        stay_max: *stay_max,
        buffer_minutes: *buffer_minutes,
    };
    (travels != RulesV1::default()).then_some(travels)
}

/// Rules of a line as they travel.
pub fn line(line: &LineRules) -> LineRulesV1 {
    LineRulesV1 {
        passes_max: line.passes_max,
        call_minutes: line.call_minutes,
        deferrals_max: line.deferrals_max,
        day_starts_at: line.day_starts_at(),
    }
}

fn when(terms: &Terms) -> (Option<i64>, Option<String>) {
    match &terms.bookable {
        Bookable::Nights | Bookable::Line => (None, None),
        Bookable::Slots { minutes } => (Some(*minutes), None),
        Bookable::Seats { starts_at } => (None, Some(starts_at.to_string())),
    }
}
