//! Events both ways: transitions and refunds that are heard, ends of deliveries that are published.

use crate::command::{About, Command, Refund, Transition};
use crate::text::Template;
use choreography::{Poison, Received};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::ReservationEvent;
use contract::review::ReviewEvent;
use contract::waitlist::WaitlistEvent;

/// What notification listens to. State that is told again is no transition, and nobody gets a message about it; a party
/// that has just joined is seated or gets its number a moment later, and is told then.
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
    "waitlist.issued",
    "waitlist.deferred",
    "waitlist.called",
    "waitlist.seated",
    "waitlist.left",
    "waitlist.cancelled",
    "waitlist.no-show",
    "review.posted",
    "review.changed",
    "review.removed",
];

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    let publisher = event.kind.split('.').next().unwrap_or_default();
    let told = match publisher {
        "payment" => {
            return Ok(refunded(PaymentEvent::decode(&event.kind, &event.payload)?).map(|told| refund(event, told)));
        }
        "waitlist" => of_waitlist(WaitlistEvent::decode(&event.kind, &event.payload)?),
        "review" => of_review(ReviewEvent::decode(&event.kind, &event.payload)?),
        _ => of_reservation(ReservationEvent::decode(&event.kind, &event.payload)?),
    };
    let (event_id, time_us) = (event.id.0, event.time.as_microsecond());
    Ok(told.map(|(template, about)| Command::Transition(Box::new(Transition { event_id, time_us, template, about }))))
}

fn of_reservation(event: ReservationEvent) -> Option<(Template, About)> {
    let (template, told) = match event {
        ReservationEvent::Held(told) => (Template::Held, told),
        ReservationEvent::Confirmed(told) => (Template::Confirmed, told),
        ReservationEvent::Rejected(told) => (Template::Rejected, told),
        ReservationEvent::Cancelled(told) => (Template::Cancelled, told),
        ReservationEvent::Expired(told) => (Template::Expired, told),
        ReservationEvent::CheckedIn(told) => (Template::CheckedIn, told),
        ReservationEvent::Completed(told) => (Template::Completed, told),
        ReservationEvent::NoShow(told) => (Template::NoShow, told),
        ReservationEvent::State(_) => return None,
    };
    Some((template, About::Reservation(told)))
}

fn of_waitlist(event: WaitlistEvent) -> Option<(Template, About)> {
    let (template, told) = match event {
        WaitlistEvent::Issued(told) => (Template::Issued, told),
        WaitlistEvent::Deferred(told) => (Template::Deferred, told),
        WaitlistEvent::Called(told) => (Template::Called, told),
        WaitlistEvent::Seated(told) => (Template::Seated, told),
        WaitlistEvent::Left(told) => (Template::Left, told),
        WaitlistEvent::Cancelled(told) => (Template::TicketCancelled, told),
        WaitlistEvent::NoShow(told) => (Template::TicketNoShow, told),
        WaitlistEvent::Joined(_)
        | WaitlistEvent::State(_)
        | WaitlistEvent::LinePaused(_)
        | WaitlistEvent::LineResumed(_)
        | WaitlistEvent::LineState(_) => return None,
    };
    Some((template, About::Ticket(told)))
}

fn of_review(event: ReviewEvent) -> Option<(Template, About)> {
    let (template, told) = match event {
        ReviewEvent::Posted(told) => (Template::ReviewPosted, told),
        ReviewEvent::Changed(told) => (Template::ReviewChanged, told),
        ReviewEvent::Removed(told) => (Template::ReviewRemoved, told),
        ReviewEvent::State(_) => return None,
    };
    Some((template, About::Review(told)))
}

fn refunded(event: PaymentEvent) -> Option<PaymentV1> {
    match event {
        PaymentEvent::Refunded(payment) => Some(payment),
        PaymentEvent::Captured(_) | PaymentEvent::Declined(_) | PaymentEvent::Voided(_) | PaymentEvent::State(_) => {
            None
        }
    }
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
