//! Rows to domain values and back; a value that does not read names its column.

use super::entity::{offering, reservation};
use super::runs::{buckets_of, buckets_text};
use crate::events::rules;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{CancellationTier, Kind, Label, Money, Rules, time_zone};
use reservation_domain::{Bookable, Booking, Capture, Offering, Purpose, Reason, Reservation, Span, State};
use sea_orm::DbErr;
use std::fmt::Display;
use std::str::FromStr;

pub(super) fn corrupt(column: &'static str) -> DbErr {
    DbErr::Type(format!("the column {column} does not read"))
}

pub(super) fn parse<T: FromStr>(column: &'static str, text: &str) -> Result<T, DbErr> {
    text.parse().map_err(|_| corrupt(column))
}

fn instant(column: &'static str, us: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(us).map_err(|_| corrupt(column))
}

fn label(column: &'static str, text: String) -> Result<Label, DbErr> {
    Label::try_from(text).map_err(|_| corrupt(column))
}

fn tiers(column: &'static str, text: &str) -> Result<Vec<CancellationTier>, DbErr> {
    let pairs: Vec<(i64, u8)> = serde_json::from_str(text).map_err(|_| corrupt(column))?;
    Ok(pairs
        .into_iter()
        .map(|(before_hours, refund_percent)| CancellationTier { before_hours, refund_percent })
        .collect())
}

fn tiers_text(tiers: &[CancellationTier]) -> String {
    let pairs: Vec<String> =
        tiers.iter().map(|tier| format!("[{},{}]", tier.before_hours, tier.refund_percent)).collect();
    format!("[{}]", pairs.join(","))
}

/// What the column `purpose` says of a block.
pub(super) const PURPOSE_BLOCK: &str = "block";

fn rules_of(text: Option<&str>, kind: Kind) -> Result<Rules, DbErr> {
    let Some(text) = text else { return Ok(Rules::default()) };
    let wire = serde_json::from_str(text).map_err(|_| corrupt("rules"))?;
    rules::read(&wire, kind).map_err(|_| corrupt("rules"))
}

/// A struct of plain numbers and texts always has a JSON text.
fn rules_text(own: &Rules) -> Option<String> {
    rules::written(own).and_then(|wire| serde_json::to_string(&wire).ok())
}

impl TryFrom<offering::Model> for Offering {
    type Error = DbErr;
    fn try_from(row: offering::Model) -> Result<Self, DbErr> {
        let bookable = match (row.kind.as_str(), row.slot_minutes, row.starts_us) {
            ("nights", _, _) => Bookable::Nights,
            ("slots", Some(minutes), _) => Bookable::Slots { minutes },
            ("seats", _, Some(us)) => Bookable::Seats { starts_at: instant("starts_us", us)? },
            ("line", _, _) => Bookable::Line,
            _ => return Err(corrupt("kind")),
        };
        let rules = rules_of(row.rules.as_deref(), bookable.kind())?;
        Ok(Self {
            id: row.offering_id.into(),
            version: row.version,
            open: row.open,
            business: label("business", row.business)?,
            name: row.name,
            bookable,
            units: row.units,
            zone: time_zone(&row.timezone).ok_or_else(|| corrupt("timezone"))?,
            price: Money::new(row.price_amount, parse("currency", &row.currency)?)
                .map_err(|_| corrupt("price_amount"))?,
            payment: parse("payment", &row.payment)?,
            on_payment_outage: parse("on_payment_outage", &row.on_payment_outage)?,
            late_money: parse("late_money", &row.late_money)?,
            hold_seconds: row.hold_seconds,
            cancellation: tiers("cancellation", &row.cancellation)?,
            rules,
        })
    }
}

impl From<&Offering> for offering::Model {
    fn from(offering: &Offering) -> Self {
        let (slot_minutes, starts_us) = match &offering.bookable {
            Bookable::Nights | Bookable::Line => (None, None),
            Bookable::Slots { minutes } => (Some(*minutes), None),
            Bookable::Seats { starts_at } => (None, Some(starts_at.as_microsecond())),
        };
        Self {
            offering_id: offering.id.0,
            version: offering.version,
            open: offering.open,
            business: offering.business.as_str().to_owned(),
            name: offering.name.clone(),
            kind: offering.bookable.kind().as_str().to_owned(),
            units: offering.units,
            timezone: offering.timezone().to_owned(),
            slot_minutes,
            starts_us,
            price_amount: offering.price.amount(),
            currency: offering.price.currency().to_string(),
            payment: offering.payment.to_string(),
            on_payment_outage: offering.on_payment_outage.to_string(),
            late_money: offering.late_money.to_string(),
            hold_seconds: offering.hold_seconds,
            cancellation: tiers_text(&offering.cancellation),
            rules: rules_text(&offering.rules),
        }
    }
}

fn span(row: &reservation::Model) -> Result<Span, DbErr> {
    let to = || row.to_text.as_deref().ok_or_else(|| corrupt("to_text"));
    match row.kind.as_str() {
        "nights" => {
            Ok(Span::Nights { from: parse::<Date>("from_text", &row.from_text)?, to: parse::<Date>("to_text", to()?)? })
        }
        "slots" => Ok(Span::Slots { from: parse("from_text", &row.from_text)?, to: parse("to_text", to()?)? }),
        "seats" => Ok(Span::Seats { starts_at: parse("from_text", &row.from_text)? }),
        _ => Err(corrupt("kind")),
    }
}

/// Both ends as the API and the events write them.
pub(crate) fn span_texts(span: &Span) -> (String, Option<String>) {
    fn text(value: &impl Display) -> String {
        value.to_string()
    }
    match span {
        Span::Nights { from, to } => (text(from), Some(text(to))),
        Span::Slots { from, to } => (text(from), Some(text(to))),
        Span::Seats { starts_at } => (text(starts_at), None),
    }
}

fn state(row: &reservation::Model) -> Result<State, DbErr> {
    match row.status.as_str() {
        "held" => {
            let deadline_us = row.deadline_us.ok_or_else(|| corrupt("deadline_us"))?;
            Ok(State::Held { deadline: instant("deadline_us", deadline_us)? })
        }
        "confirmed" => Ok(State::Confirmed),
        "rejected" => {
            let reason = row.reason.as_deref().and_then(Reason::named).ok_or_else(|| corrupt("reason"))?;
            Ok(State::Rejected { reason })
        }
        "expired" => Ok(State::Expired { undecided: row.keep.is_none() }),
        "cancelled" => Ok(State::Cancelled { keep: row.keep.ok_or_else(|| corrupt("keep"))? }),
        "checked_in" => Ok(State::CheckedIn),
        "completed" => Ok(State::Completed),
        "no_show" => Ok(State::NoShow),
        _ => Err(corrupt("status")),
    }
}

impl TryFrom<reservation::Model> for Reservation {
    type Error = DbErr;
    fn try_from(row: reservation::Model) -> Result<Self, DbErr> {
        let (span, state) = (span(&row)?, state(&row)?);
        let purpose = match row.purpose.as_deref() {
            None => Purpose::Stay,
            Some(PURPOSE_BLOCK) => Purpose::Block { reason: row.note.map(|text| label("note", text)).transpose()? },
            Some(_) => return Err(corrupt("purpose")),
        };
        let booking = Booking {
            offering: row.offering_id.into(),
            offering_name: row.offering_name,
            business: label("business", row.business)?,
            guest: label("guest_id", row.guest_id)?,
            language: row.language,
            kind: parse("kind", &row.kind)?,
            quantity: row.quantity,
            span,
            buckets: buckets_of(&row.buckets)?,
            resting: row.resting.as_deref().map_or_else(|| Ok(Vec::new()), buckets_of)?,
            purpose,
            timezone: row.timezone,
            starts_at: instant("starts_us", row.starts_us)?,
            ends_at: instant("ends_us", row.ends_us)?,
            total: Money::new(row.total_amount, parse("currency", &row.currency)?)
                .map_err(|_| corrupt("total_amount"))?,
            payment: parse("payment", &row.payment)?,
            on_payment_outage: parse("on_payment_outage", &row.on_payment_outage)?,
            late_money: parse("late_money", &row.late_money)?,
            capture: Capture::named(&row.capture).ok_or_else(|| corrupt("capture"))?,
            payment_method: row.payment_method.map(|text| label("payment_method", text)).transpose()?,
            cancellation: tiers("cancellation", &row.cancellation)?,
            placed_at: instant("placed_us", row.placed_us)?,
        };
        let intent_due = row.intent_due_us.map(|us| instant("intent_due_us", us)).transpose()?;
        Ok(Self { id: row.reservation_id.into(), version: row.version, booking, state, intent_due })
    }
}

/// The columns of a state.
pub(super) struct StateColumns {
    pub status: &'static str,
    pub deadline_us: Option<i64>,
    pub keep: Option<i64>,
    pub reason: Option<&'static str>,
}

impl From<&State> for StateColumns {
    fn from(state: &State) -> Self {
        let (deadline_us, keep, reason) = match state {
            State::Held { deadline } => (Some(deadline.as_microsecond()), None, None),
            State::Rejected { reason } => (None, None, Some(reason.as_str())),
            State::Expired { undecided } => (None, (!undecided).then_some(0), None),
            State::Cancelled { keep } => (None, Some(*keep), None),
            State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => (None, None, None),
        };
        Self { status: state.status(), deadline_us, keep, reason }
    }
}

impl From<&Reservation> for reservation::Model {
    fn from(reservation: &Reservation) -> Self {
        let Reservation { id, version, booking, state, intent_due } = reservation;
        let columns = StateColumns::from(state);
        let (from_text, to_text) = span_texts(&booking.span);
        let (purpose, note) = match &booking.purpose {
            Purpose::Stay => (None, None),
            Purpose::Block { reason } => (Some(PURPOSE_BLOCK.to_owned()), reason.clone().map(Label::into_string)),
        };
        Self {
            reservation_id: id.0,
            version: *version,
            status: columns.status.to_owned(),
            offering_id: booking.offering.0,
            offering_name: booking.offering_name.clone(),
            business: booking.business.as_str().to_owned(),
            guest_id: booking.guest.as_str().to_owned(),
            language: booking.language.clone(),
            kind: booking.kind.as_str().to_owned(),
            quantity: booking.quantity,
            from_text,
            to_text,
            buckets: buckets_text(&booking.buckets),
            timezone: booking.timezone.clone(),
            starts_us: booking.starts_at.as_microsecond(),
            ends_us: booking.ends_at.as_microsecond(),
            total_amount: booking.total.amount(),
            currency: booking.total.currency().to_string(),
            payment: booking.payment.to_string(),
            on_payment_outage: booking.on_payment_outage.to_string(),
            late_money: booking.late_money.to_string(),
            capture: booking.capture.as_str().to_owned(),
            payment_method: booking.payment_method.as_ref().map(ToString::to_string),
            cancellation: tiers_text(&booking.cancellation),
            placed_us: booking.placed_at.as_microsecond(),
            deadline_us: columns.deadline_us,
            intent_due_us: intent_due.map(|due| due.as_microsecond()),
            keep: columns.keep,
            reason: columns.reason.map(ToOwned::to_owned),
            resting: (!booking.resting.is_empty()).then(|| buckets_text(&booking.resting)),
            purpose,
            note,
        }
    }
}
