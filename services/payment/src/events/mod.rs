//! Events both ways: what the reservation tells as commands, and what this service tells as publications.

use choreography::{Outgoing, Poison, Received};
use contract::MoneyV1;
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use kernel::{Label, Money};
use payment_domain::{Capture, Command, Owner, Payment, Snapshot, Standing, State, Terms, Transition};
use std::str::FromStr;

/// What payment listens to: the holds that wait for money, and all that ends them. A confirmation changes nothing
/// here, because it follows from a capture.
pub const TOPICS: &[&str] =
    &["reservation.held", "reservation.rejected", "reservation.cancelled", "reservation.expired", "reservation.state"];

/// The command that an event means; none where nothing is to be paid.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    let event = ReservationEvent::decode(&event.kind, &event.payload)?;
    let told = event.reservation();
    let capture = match told.capture.as_str() {
        "nobody" => return Ok(None),
        "by_call" => Capture::ByCall,
        "by_event" => Capture::ByEvent,
        "by_call_then_event" => Capture::ByCallThenEvent,
        _ => return Err(odd("capture")),
    };
    Ok(Some(Command::Follow(Box::new(Snapshot {
        reservation: told.reservation_id.into(),
        version: told.version,
        standing: standing(told)?,
        owner: Owner {
            guest: label("guest_id", told.guest_id.clone())?,
            business: label("business", told.business.clone())?,
        },
        terms: terms(told)?,
        capture,
        placed_at: parse("placed_at", &told.placed_at)?,
    }))))
}

fn standing(told: &ReservationV1) -> Result<Standing, Poison> {
    match (told.status.as_str(), told.keep) {
        ("held", _) => Ok(Standing::Held),
        ("confirmed" | "checked_in" | "completed" | "no_show", _) => Ok(Standing::Stands),
        ("expired", None) => Ok(Standing::Undecided),
        ("expired" | "rejected" | "cancelled", Some(keep)) if keep >= 0 => Ok(Standing::Ended { keep }),
        ("expired" | "rejected" | "cancelled", _) => Err(odd("keep")),
        _ => Err(odd("status")),
    }
}

fn terms(told: &ReservationV1) -> Result<Terms, Poison> {
    let currency = parse("total.currency", &told.total.currency)?;
    let method = told.payment_method.clone().ok_or_else(|| odd("payment_method"))?;
    Ok(Terms {
        total: Money::new(told.total.amount, currency).map_err(|_| odd("total.amount"))?,
        method: label("payment_method", method)?,
    })
}

fn label(field: &str, text: String) -> Result<Label, Poison> {
    Label::try_from(text).map_err(|_| odd(field))
}

fn odd(field: &str) -> Poison {
    Poison(format!("`{field}` does not read"))
}

fn parse<T: FromStr>(field: &str, text: &str) -> Result<T, Poison> {
    text.parse().map_err(|_| odd(field))
}

/// The event of a transition, with the payment's whole public state.
pub fn outgoing(transition: Transition, payment: &Payment) -> Result<Outgoing, Poison> {
    let body = state(payment);
    let event = match transition {
        Transition::Captured => PaymentEvent::Captured(body),
        Transition::Declined => PaymentEvent::Declined(body),
        Transition::Refunded => PaymentEvent::Refunded(body),
        Transition::Voided => PaymentEvent::Voided(body),
    };
    Outgoing::of(&event, payment.reservation.0, payment.version)
}

/// A payment as it stands, for whoever has not heard of it.
pub fn present(payment: &Payment) -> Result<Outgoing, Poison> {
    Outgoing::of(&PaymentEvent::State(state(payment)), payment.reservation.0, payment.version)
}

/// A payment as other services and guests see it.
pub fn state(payment: &Payment) -> PaymentV1 {
    let Payment { reservation, version, claim: _, owner: _, terms, state } = payment;
    let charge = payment.charge();
    let reason = match state {
        State::Declined { reason } => Some(reason.clone()),
        State::Unasked { .. }
        | State::Requested { .. }
        | State::Captured { .. }
        | State::Voided
        | State::Refunding { .. }
        | State::Refunded { .. } => None,
    };
    PaymentV1 {
        payment_id: payment.id().0,
        version: *version,
        reservation_id: reservation.0,
        status: payment.status().to_owned(),
        total: MoneyV1 { amount: terms.total.amount(), currency: terms.total.currency().to_string() },
        captured: charge.map_or(0, |charge| charge.amount),
        refunded: payment.refunded(),
        captured_at: charge.map(|charge| charge.at.to_string()),
        reason,
    }
}
