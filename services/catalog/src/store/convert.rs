//! Rows to offerings and back; a value that does not read names its column.

use super::entity::offering::Model;
use super::search;
use crate::events;
use catalog_domain::{Bookable, Draft, DraftLine, DraftOpening, DraftRules, DraftTier, Offering, Status, Terms};
use contract::catalog::{LineRulesV1, OpeningV1, RulesV1};
use jiff::Timestamp;
use sea_orm::DbErr;
use serde::Serialize;

fn corrupt(column: &'static str) -> DbErr {
    DbErr::Type(format!("the column {column} does not read"))
}

fn instant(column: &'static str, us: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(us).map_err(|_| corrupt(column))
}

fn tiers(column: &'static str, text: &str) -> Result<Vec<DraftTier>, DbErr> {
    let pairs: Vec<(i64, i64)> = serde_json::from_str(text).map_err(|_| corrupt(column))?;
    Ok(pairs.into_iter().map(|(before_hours, refund_percent)| DraftTier { before_hours, refund_percent }).collect())
}

fn tiers_text(tiers: &[DraftTier]) -> String {
    let pairs: Vec<String> =
        tiers.iter().map(|tier| format!("[{},{}]", tier.before_hours, tier.refund_percent)).collect();
    format!("[{}]", pairs.join(","))
}

fn rules(text: Option<&str>) -> Result<DraftRules, DbErr> {
    let Some(text) = text else { return Ok(DraftRules::default()) };
    let RulesV1 { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } =
        serde_json::from_str(text).map_err(|_| corrupt("rules"))?;
    let opening = |OpeningV1 { day, opens, closes }| DraftOpening { day, opens, closes };
    let opening_hours = opening_hours.into_iter().map(opening).collect();
    Ok(DraftRules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes })
}

fn line(text: Option<&str>) -> Result<Option<DraftLine>, DbErr> {
    let Some(text) = text else { return Ok(None) };
    let LineRulesV1 { passes_max, call_minutes, deferrals_max, day_starts_at } =
        serde_json::from_str(text).map_err(|_| corrupt("line"))?;
    Ok(Some(DraftLine {
        passes_max: Some(passes_max),
        call_minutes: Some(call_minutes),
        deferrals_max: Some(deferrals_max),
        day_starts_at: Some(day_starts_at),
    }))
}

/// A struct of plain numbers and texts always has a JSON text.
fn json(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

impl TryFrom<Model> for Offering {
    type Error = DbErr;
    fn try_from(row: Model) -> Result<Self, DbErr> {
        let starts_at = row.starts_us.map(|us| instant("starts_us", us)).transpose()?;
        let draft = Draft {
            business: row.business,
            name: row.name,
            description: row.description,
            place: row.place,
            kind: row.kind,
            units: row.units,
            timezone: row.timezone,
            slot_minutes: row.slot_minutes,
            starts_at: starts_at.map(|at| at.to_string()),
            price_amount: row.price_amount,
            currency: row.currency,
            payment: Some(row.payment),
            on_payment_outage: row.on_payment_outage,
            late_money: Some(row.late_money),
            hold_seconds: Some(row.hold_seconds),
            cancellation: tiers("cancellation", &row.cancellation)?,
            rules: rules(row.rules.as_deref())?,
            line: line(row.line.as_deref())?,
        };
        // The broken rule names the field, and columns are called like fields.
        let terms = Terms::try_from(draft)
            .map_err(|broken| DbErr::Type(format!("the offering {} does not read: {broken}", row.offering_id)))?;
        Ok(Self {
            id: row.offering_id.into(),
            version: row.version,
            status: if row.open { Status::Open } else { Status::Retired },
            created_at: instant("created_us", row.created_us)?,
            made_by: row.made_by,
            terms,
        })
    }
}

impl From<&Offering> for Model {
    fn from(offering: &Offering) -> Self {
        let Offering { id, version, status, created_at, made_by, terms } = offering;
        let starts_us = match &terms.bookable {
            Bookable::Nights | Bookable::Slots { .. } | Bookable::Line => None,
            Bookable::Seats { starts_at } => Some(starts_at.as_microsecond()),
        };
        let search_text = search::text(&terms.name, terms.place.as_deref(), terms.business.as_str());
        let Draft {
            business,
            name,
            description,
            place,
            kind,
            units,
            timezone,
            slot_minutes,
            starts_at: _,
            price_amount,
            currency,
            payment: _,
            on_payment_outage,
            late_money: _,
            hold_seconds: _,
            cancellation,
            rules: _,
            line: _,
        } = terms.draft();
        Self {
            offering_id: id.0,
            version: *version,
            open: matches!(status, Status::Open),
            created_us: created_at.as_microsecond(),
            made_by: *made_by,
            business,
            name,
            description,
            place,
            kind,
            units,
            timezone,
            slot_minutes,
            starts_us,
            price_amount,
            currency,
            payment: terms.payment.mode().to_string(),
            on_payment_outage,
            late_money: terms.late_money.to_string(),
            hold_seconds: terms.hold_seconds,
            cancellation: tiers_text(&cancellation),
            search_text,
            rules: events::rules(&terms.rules).as_ref().and_then(json),
            line: terms.line.as_ref().map(events::line).as_ref().and_then(json),
        }
    }
}
