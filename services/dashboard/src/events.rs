//! What this service hears: everything that is published.

use crate::working::{Change, Command, Record, Since};
use choreography::{Poison, Received};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::notification::NotificationEvent;
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::{ReviewEvent, ReviewV1};
use contract::seating::{PartyV1, SeatingEvent};
use contract::waitlist::{TicketV1, WaitlistEvent};
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
    "waitlist.joined",
    "waitlist.issued",
    "waitlist.deferred",
    "waitlist.called",
    "waitlist.seated",
    "waitlist.left",
    "waitlist.cancelled",
    "waitlist.no-show",
    "waitlist.state",
    "waitlist.line-paused",
    "waitlist.line-resumed",
    "waitlist.line-state",
    "seating.party-seated",
    "seating.seats-freed",
    "seating.state",
    "review.posted",
    "review.changed",
    "review.removed",
    "review.state",
    "notification.sent",
    "notification.failed",
];

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Command, Poison> {
    let source = source(event);
    let change = change(event)?;
    // State that is told again is nothing that happened.
    let record = if is_state(event) { None } else { Some(record(event, source)?) };
    Ok(Command { record, change })
}

/// The service that published an event.
pub fn source(event: &Received) -> &str {
    event.kind.split('.').next().unwrap_or_default()
}

/// Whether an event only tells again what is so, for a rebuild or a new service.
pub fn is_state(event: &Received) -> bool {
    event.kind.ends_with("state.v1")
}

/// What the views take from an event.
pub fn change(event: &Received) -> Result<Option<Change>, Poison> {
    let Received { kind, payload, .. } = event;
    match source(event) {
        "catalog" => offering(CatalogEvent::decode(kind, payload)?.offering()).map(Some),
        "payment" => payment(PaymentEvent::decode(kind, payload)?.payment()).map(Some),
        "waitlist" => waitlist(WaitlistEvent::decode(kind, payload)?).map(Some),
        "seating" => party(SeatingEvent::decode(kind, payload)?.party()).map(Some),
        "review" => review(ReviewEvent::decode(kind, payload)?.review()).map(Some),
        "notification" => {
            NotificationEvent::decode(kind, payload)?;
            Ok(None)
        }
        _ => reservation(ReservationEvent::decode(kind, payload)?.reservation()).map(Some),
    }
}

fn offering(told: &OfferingV1) -> Result<Change, Poison> {
    let OfferingV1 { business, name, kind, price, status, timezone, .. } = told;
    storable([business, name, kind, &price.currency, status, timezone])?;
    storable(told.line.iter().map(|line| &line.day_starts_at))?;
    for hours in told.rules.iter().flat_map(|rules| &rules.opening_hours) {
        storable([&hours.day, &hours.opens, &hours.closes])?;
    }
    Ok(Change::Offering(Box::new(told.clone())))
}

fn reservation(told: &ReservationV1) -> Result<Change, Poison> {
    let ReservationV1 { status, offering_name, business, guest_id, kind, from, to, timezone, .. } = told;
    storable([status, offering_name, business, guest_id, kind, from, timezone, &told.total.currency])?;
    storable(to.iter().chain(&told.deadline).chain(&told.reason).chain(&told.purpose))?;
    Ok(Change::Reservation(Box::new(since("placed_at", &told.placed_at, told)?)))
}

fn payment(told: &PaymentV1) -> Result<Change, Poison> {
    let PaymentV1 { status, total, .. } = told;
    storable([status, &total.currency])?;
    Ok(Change::Payment(Box::new(told.clone())))
}

fn waitlist(event: WaitlistEvent) -> Result<Change, Poison> {
    match event {
        WaitlistEvent::Joined(told)
        | WaitlistEvent::Issued(told)
        | WaitlistEvent::Deferred(told)
        | WaitlistEvent::Called(told)
        | WaitlistEvent::Seated(told)
        | WaitlistEvent::Left(told)
        | WaitlistEvent::Cancelled(told)
        | WaitlistEvent::NoShow(told)
        | WaitlistEvent::State(told) => ticket(&told),
        WaitlistEvent::LinePaused(told) | WaitlistEvent::LineResumed(told) | WaitlistEvent::LineState(told) => {
            storable([&told.business, &told.status])?;
            Ok(Change::Line(told))
        }
    }
}

fn ticket(told: &TicketV1) -> Result<Change, Poison> {
    let TicketV1 { status, offering_name, business, guest_id, service_day, timezone, .. } = told;
    storable([status, offering_name, business, guest_id, service_day, timezone])?;
    storable(told.called_at.iter().chain(&told.call_deadline).chain(&told.seated_at))?;
    Ok(Change::Ticket(Box::new(since("joined_at", &told.joined_at, told)?)))
}

fn party(told: &PartyV1) -> Result<Change, Poison> {
    storable([&told.status])?;
    Ok(Change::Party(told.clone()))
}

fn review(told: &ReviewV1) -> Result<Change, Poison> {
    let ReviewV1 { status, offering_name, business, guest_id, text, .. } = told;
    storable([status, offering_name, business, guest_id, text])?;
    Ok(Change::Review(Box::new(since("posted_at", &told.posted_at, told)?)))
}

fn since<T: Clone>(field: &str, at: &str, told: &T) -> Result<Since<T>, Poison> {
    let at: Timestamp = at.parse().map_err(|fault| Poison(format!("`{field}` does not read: {fault}")))?;
    Ok(Since { us: at.as_microsecond(), told: told.clone() })
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
