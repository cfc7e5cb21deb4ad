//! What this service hears: everything that is published.

use crate::working::{Booking, Change, Command, Record};
use choreography::{Poison, Received};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use jiff::Timestamp;

/// What dashboard listens to.
pub const TOPICS: &[&str] = &[
    "catalog.published",
    "catalog.changed",
    "catalog.retired",
    "catalog.state",
    "reservation.held",
    "reservation.confirmed",
    "reservation.rejected",
    "reservation.cancelled",
    "reservation.expired",
    "reservation.checked-in",
    "reservation.completed",
    "reservation.no-show",
    "reservation.state",
    "payment.captured",
    "payment.declined",
    "payment.refunded",
    "payment.voided",
    "payment.state",
];

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Command, Poison> {
    let source = event.kind.split('.').next().unwrap_or_default();
    let (change, is_state) = match source {
        "catalog" => offering(&CatalogEvent::decode(&event.kind, &event.payload)?)?,
        "payment" => payment(&PaymentEvent::decode(&event.kind, &event.payload)?)?,
        _ => reservation(&ReservationEvent::decode(&event.kind, &event.payload)?)?,
    };
    // State that is told again is nothing that happened.
    let record = if is_state { None } else { Some(record(event, source)?) };
    Ok(Command { record, change })
}

fn offering(event: &CatalogEvent) -> Result<(Change, bool), Poison> {
    let told = event.offering();
    let OfferingV1 { business, name, kind, price, status, .. } = told;
    storable([business, name, kind, &price.currency, status])?;
    Ok((Change::Offering(Box::new(told.clone())), matches!(event, CatalogEvent::State(_))))
}

fn reservation(event: &ReservationEvent) -> Result<(Change, bool), Poison> {
    let told = event.reservation();
    let ReservationV1 { status, offering_name, business, guest_id, kind, from, to, timezone, .. } = told;
    storable([status, offering_name, business, guest_id, kind, from, timezone, &told.total.currency])?;
    storable(to.iter().chain(&told.deadline).chain(&told.reason))?;
    let placed: Timestamp =
        told.placed_at.parse().map_err(|fault| Poison(format!("`placed_at` does not read: {fault}")))?;
    let booking = Booking { placed_us: placed.as_microsecond(), told: told.clone() };
    Ok((Change::Reservation(Box::new(booking)), matches!(event, ReservationEvent::State(_))))
}

fn payment(event: &PaymentEvent) -> Result<(Change, bool), Poison> {
    let told = event.payment();
    let PaymentV1 { status, total, .. } = told;
    storable([status, &total.currency])?;
    Ok((Change::Payment(Box::new(told.clone())), matches!(event, PaymentEvent::State(_))))
}

fn record(event: &Received, source: &str) -> Result<Record, Poison> {
    let payload = std::str::from_utf8(&event.payload).map_err(|fault| Poison(fault.to_string()))?;
    storable(&event.actor)?;
    Ok(Record {
        id: event.id.0,
        correlation: event.correlation,
        kind: event.kind.clone(),
        source: source.to_owned(),
        time_us: event.time.as_microsecond(),
        version: event.version,
        causation: event.causation,
        actor: event.actor.clone(),
        payload: payload.to_owned(),
    })
}

/// No database column for text takes a NUL: the one event that holds it is parked, and not the batch it is in.
fn storable<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), Poison> {
    if texts.into_iter().any(|text| text.contains('\0')) {
        return Err(Poison("a text holds the character U+0000".into()));
    }
    Ok(())
}
