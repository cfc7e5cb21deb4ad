//! What this service hears: every transition of a reservation, and refunds.

use crate::command::{Command, Refund, Transition};
use crate::text::Template;
use choreography::{Poison, Received};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::ReservationEvent;

/// What notification listens to. State that is told again is no transition, and nobody gets a message about it.
pub const TOPICS: &[&str] = &[
    "reservation.held",
    "reservation.confirmed",
    "reservation.rejected",
    "reservation.cancelled",
    "reservation.expired",
    "reservation.checked-in",
    "reservation.completed",
    "reservation.no-show",
    "payment.refunded",
];

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    if event.kind.starts_with("payment.") {
        return match PaymentEvent::decode(&event.kind, &event.payload)? {
            PaymentEvent::Refunded(payment) => Ok(Some(refund(event, payment))),
            PaymentEvent::Captured(_)
            | PaymentEvent::Declined(_)
            | PaymentEvent::Voided(_)
            | PaymentEvent::State(_) => Ok(None),
        };
    }
    let (template, reservation) = match ReservationEvent::decode(&event.kind, &event.payload)? {
        ReservationEvent::Held(body) => (Template::Held, body),
        ReservationEvent::Confirmed(body) => (Template::Confirmed, body),
        ReservationEvent::Rejected(body) => (Template::Rejected, body),
        ReservationEvent::Cancelled(body) => (Template::Cancelled, body),
        ReservationEvent::Expired(body) => (Template::Expired, body),
        ReservationEvent::CheckedIn(body) => (Template::CheckedIn, body),
        ReservationEvent::Completed(body) => (Template::Completed, body),
        ReservationEvent::NoShow(body) => (Template::NoShow, body),
        ReservationEvent::State(_) => return Ok(None),
    };
    let (event_id, time_us) = (event.id.0, event.time.as_microsecond());
    Ok(Some(Command::Transition(Box::new(Transition { event_id, time_us, template, reservation }))))
}

fn refund(event: &Received, payment: PaymentV1) -> Command {
    Command::Refund(Refund {
        event_id: event.id.0,
        time_us: event.time.as_microsecond(),
        reservation_id: payment.reservation_id,
        amount: payment.refunded,
        currency: payment.total.currency,
    })
}
