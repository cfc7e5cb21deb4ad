//! Values to rows.

use super::entity::{history, line_view, offering_view, reservation_view, review_view, ticket_view};
use crate::calendar;
use crate::working::{Case, Record, Since, Visit};
use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::waitlist::LineV1;
use uuid::Uuid;

impl From<Record> for history::Model {
    fn from(record: Record) -> Self {
        let Record { id, correlation, kind, source, time_us, version, causation, actor, payload } = record;
        Self { id, correlation, kind, source, time_us, version, causation, actor, payload }
    }
}

/// The row of an offering in a generation.
pub fn offering(generation: i64, told: &OfferingV1) -> offering_view::Model {
    let hours = told.rules.as_ref().map(|rules| &rules.opening_hours).filter(|hours| !hours.is_empty());
    offering_view::Model {
        generation,
        offering_id: told.offering_id,
        version: told.version,
        business: told.business.clone(),
        name: told.name.clone(),
        kind: told.kind.clone(),
        units: told.units,
        price: told.price.amount,
        currency: told.price.currency.clone(),
        status: told.status.clone(),
        timezone: Some(told.timezone.clone()),
        slot_minutes: told.slot_minutes,
        starts_day: told.starts_at.as_ref().and_then(|at| calendar::local(at, &told.timezone)),
        opening_hours: hours.and_then(|hours| serde_json::to_string(hours).ok()),
        day_starts_at: told.line.as_ref().map(|line| line.day_starts_at.clone()),
    }
}

/// The row of a reservation in a generation, with as much as is known.
pub fn reservation(generation: i64, reservation_id: Uuid, case: &Case) -> reservation_view::Model {
    let mut row = blank(generation, reservation_id);
    if let Some(Since { us, told }) = &case.booking {
        let ReservationV1 { version, status, offering_id, offering_name, business, guest_id, kind, quantity, .. } =
            told;
        row.version = *version;
        row.status = Some(status.clone());
        row.offering_id = Some(*offering_id);
        row.offering_name = Some(offering_name.clone());
        row.business = Some(business.clone());
        row.guest_id = Some(guest_id.clone());
        row.kind = Some(kind.clone());
        row.quantity = Some(*quantity);
        row.span_from = Some(told.from.clone());
        row.span_to.clone_from(&told.to);
        row.timezone = Some(told.timezone.clone());
        row.total = Some(told.total.amount);
        row.currency = Some(told.total.currency.clone());
        row.placed_us = Some(*us);
        row.deadline.clone_from(&told.deadline);
        row.reason.clone_from(&told.reason);
        row.purpose.clone_from(&told.purpose);
        row = with_days(row);
    }
    if let Some(PaymentV1 { version, status, total, captured, refunded, .. }) = &case.payment {
        row.payment_version = *version;
        row.payment_status = Some(status.clone());
        row.captured = Some(*captured);
        row.refunded = Some(*refunded);
        row.payment_currency = Some(total.currency.clone());
    }
    row
}

/// A reservation's row with the days of its stay.
pub fn with_days(row: reservation_view::Model) -> reservation_view::Model {
    let reservation_view::Model { kind: Some(kind), span_from: Some(from), timezone: Some(timezone), .. } = &row else {
        return row;
    };
    let days = calendar::stay(kind, from, row.span_to.as_deref(), timezone);
    reservation_view::Model {
        first_day: days.as_ref().map(|days| days.start),
        end_day: days.as_ref().map(|days| days.end),
        ..row
    }
}

/// The row of a ticket in a generation, with as much as is known.
pub fn ticket(generation: i64, ticket_id: Uuid, visit: &Visit) -> ticket_view::Model {
    let ticket = visit.ticket.as_ref();
    let told = ticket.map(|ticket| &ticket.told);
    let party = visit.party.as_ref();
    let quoted = told.and_then(|told| told.quoted.as_ref());
    ticket_view::Model {
        generation,
        ticket_id,
        version: told.map_or(0, |told| told.version),
        status: told.map(|told| told.status.clone()),
        offering_id: told.map(|told| told.offering_id),
        offering_name: told.map(|told| told.offering_name.clone()),
        business: told.map(|told| told.business.clone()),
        guest_id: told.map(|told| told.guest_id.clone()),
        party_size: told.map(|told| told.party_size),
        number: told.and_then(|told| told.number),
        service_day: told.map(|told| told.service_day.clone()),
        timezone: told.map(|told| told.timezone.clone()),
        joined_us: ticket.map(|ticket| ticket.us),
        called_at: told.and_then(|told| told.called_at.clone()),
        call_deadline: told.and_then(|told| told.call_deadline.clone()),
        seated_at: told.and_then(|told| told.seated_at.clone()),
        deferrals: told.map(|told| told.deferrals),
        passes: told.map(|told| told.passes),
        quoted_p50: quoted.map(|quoted| quoted.p50),
        quoted_p90: quoted.map(|quoted| quoted.p90),
        party_version: party.map_or(0, |party| party.version),
        party_status: party.map(|party| party.status.clone()),
        floor_id: party.map(|party| party.offering_id),
        seats: party.map(|party| party.party_size),
    }
}

/// The row of a line in a generation.
pub fn line(generation: i64, told: &LineV1) -> line_view::Model {
    let LineV1 { offering_id, version, business, status } = told.clone();
    line_view::Model { generation, offering_id, version, business, status }
}

/// The row of a review in a generation.
pub fn review(generation: i64, review: &Since<ReviewV1>) -> review_view::Model {
    let Since { us: posted_us, told } = review.clone();
    let ReviewV1 { review_id, version, status, offering_id, offering_name, business, reservation_id, .. } = told;
    review_view::Model {
        generation,
        review_id,
        version,
        status,
        offering_id,
        offering_name,
        business,
        reservation_id,
        guest_id: told.guest_id,
        rating: told.rating,
        text: told.text,
        posted_us,
    }
}

fn blank(generation: i64, reservation_id: Uuid) -> reservation_view::Model {
    reservation_view::Model {
        generation,
        reservation_id,
        version: 0,
        status: None,
        offering_id: None,
        offering_name: None,
        business: None,
        guest_id: None,
        kind: None,
        quantity: None,
        span_from: None,
        span_to: None,
        timezone: None,
        total: None,
        currency: None,
        placed_us: None,
        deadline: None,
        reason: None,
        purpose: None,
        first_day: None,
        end_day: None,
        payment_version: 0,
        payment_status: None,
        captured: None,
        refunded: None,
        payment_currency: None,
    }
}
