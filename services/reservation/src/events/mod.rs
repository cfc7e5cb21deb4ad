//! Events both ways: what this service hears as commands, and what it tells as publications.

pub mod rules;

use choreography::{Outgoing, Poison, Received};
use contract::MoneyV1;
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use jiff::Timestamp;
use kernel::{CancellationTier, Label, Money, ReservationId, Rules, time_zone};
use reservation_domain::{Bookable, Command, Offering, Outcome, Purpose, Reservation, State, Transition};
use std::str::FromStr;

use crate::store::span_texts;

/// What reservation listens to.
pub const TOPICS: &[&str] = &[
    "catalog.published",
    "catalog.changed",
    "catalog.retired",
    "catalog.state",
    "payment.captured",
    "payment.declined",
];

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    if event.kind.starts_with("catalog.") {
        let event = CatalogEvent::decode(&event.kind, &event.payload)?;
        return Ok(Some(Command::Adopt(Box::new(offering(event.offering())?))));
    }
    match PaymentEvent::decode(&event.kind, &event.payload)? {
        PaymentEvent::Captured(payment) => settle(&payment, Outcome::Captured { at: captured_at(&payment)? }),
        PaymentEvent::Declined(payment) => settle(&payment, Outcome::Declined),
        PaymentEvent::Refunded(_) | PaymentEvent::Voided(_) | PaymentEvent::State(_) => Ok(None),
    }
}

fn settle(payment: &PaymentV1, outcome: Outcome) -> Result<Option<Command>, Poison> {
    Ok(Some(Command::Settle { reservation: ReservationId(payment.reservation_id), outcome }))
}

fn captured_at(payment: &PaymentV1) -> Result<Timestamp, Poison> {
    parse("captured_at", payment.captured_at.as_deref().unwrap_or_default())
}

fn parse<T: FromStr>(field: &str, text: &str) -> Result<T, Poison> {
    text.parse().map_err(|_| Poison(format!("`{field}` does not read")))
}

fn offering(wire: &OfferingV1) -> Result<Offering, Poison> {
    let odd = |field: &str| Poison(format!("`{field}` does not read"));
    let bookable = match (wire.kind.as_str(), wire.slot_minutes, &wire.starts_at) {
        ("nights", _, _) => Bookable::Nights,
        ("slots", Some(minutes), _) => Bookable::Slots { minutes },
        ("seats", _, Some(starts_at)) => Bookable::Seats { starts_at: parse("starts_at", starts_at)? },
        ("line", _, _) => Bookable::Line,
        _ => return Err(odd("kind")),
    };
    let kind = bookable.kind();
    Ok(Offering {
        id: wire.offering_id.into(),
        version: wire.version,
        open: wire.status == "open",
        business: Label::try_from(wire.business.clone()).map_err(|_| odd("business"))?,
        name: wire.name.clone(),
        bookable,
        units: wire.units,
        zone: time_zone(&wire.timezone).ok_or_else(|| odd("timezone"))?,
        price: Money::new(wire.price.amount, parse("price.currency", &wire.price.currency)?)
            .map_err(|_| odd("price"))?,
        payment: parse("payment", &wire.payment)?,
        on_payment_outage: parse("on_payment_outage", &wire.on_payment_outage)?,
        late_money: parse("late_money", &wire.late_money)?,
        hold_seconds: wire.hold_seconds,
        cancellation: wire
            .cancellation
            .iter()
            .map(|tier| CancellationTier { before_hours: tier.before_hours, refund_percent: tier.refund_percent })
            .collect(),
        rules: match &wire.rules {
            None => Rules::default(),
            Some(wire) => rules::read(wire, kind).map_err(|_| odd("rules"))?,
        },
    })
}

/// The event of a transition, with the reservation's whole public state.
pub fn outgoing(transition: Transition, reservation: &Reservation) -> Result<Outgoing, Poison> {
    let body = state(reservation);
    let event = match transition {
        Transition::Held => ReservationEvent::Held(body),
        Transition::Confirmed => ReservationEvent::Confirmed(body),
        Transition::Rejected => ReservationEvent::Rejected(body),
        Transition::Expired => ReservationEvent::Expired(body),
        Transition::Cancelled => ReservationEvent::Cancelled(body),
        Transition::CheckedIn => ReservationEvent::CheckedIn(body),
        Transition::Completed => ReservationEvent::Completed(body),
        Transition::NoShow => ReservationEvent::NoShow(body),
    };
    Outgoing::of(&event, reservation.id.0, reservation.version)
}

/// A reservation as it stands, for whoever has not heard of it.
pub fn present(reservation: &Reservation) -> Result<Outgoing, Poison> {
    Outgoing::of(&ReservationEvent::State(state(reservation)), reservation.id.0, reservation.version)
}

/// A reservation as other services and guests see it.
pub fn state(reservation: &Reservation) -> ReservationV1 {
    let Reservation { id, version, booking, state, intent_due: _ } = reservation;
    let (from, to) = span_texts(&booking.span);
    let (deadline, reason) = match state {
        State::Held { deadline } => (Some(deadline.to_string()), None),
        State::Rejected { reason } => (None, Some(reason.as_str().to_owned())),
        State::Confirmed
        | State::Expired { .. }
        | State::Cancelled { .. }
        | State::CheckedIn
        | State::Completed
        | State::NoShow => (None, None),
    };
    let (purpose, blocked) = match &booking.purpose {
        Purpose::Stay => (None, None),
        Purpose::Block { reason } => (Some("block".to_owned()), reason.as_ref().map(ToString::to_string)),
    };
    ReservationV1 {
        reservation_id: id.0,
        version: *version,
        status: state.status().to_owned(),
        offering_id: booking.offering.0,
        offering_name: booking.offering_name.clone(),
        business: booking.business.to_string(),
        guest_id: booking.guest.to_string(),
        language: booking.language.clone(),
        kind: booking.kind.to_string(),
        quantity: booking.quantity,
        from,
        to,
        timezone: booking.timezone.clone(),
        total: MoneyV1 { amount: booking.total.amount(), currency: booking.total.currency().to_string() },
        payment: booking.payment.to_string(),
        capture: booking.capture.as_str().to_owned(),
        payment_method: booking.payment_method.as_ref().map(ToString::to_string),
        placed_at: booking.placed_at.to_string(),
        deadline,
        keep: reservation.keep(),
        purpose,
        reason: reason.or(blocked),
    }
}
