//! What this service hears, every state of a reservation, and what it tells, every change of a review.

use choreography::{Outgoing, Poison, Received};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::{ReviewEvent, ReviewV1};
use review_domain::{Booking, Command, Fact, Review, Standing};

/// What review listens to.
pub const TOPICS: &[&str] = &[
    "reservation.held",
    "reservation.confirmed",
    "reservation.rejected",
    "reservation.cancelled",
    "reservation.expired",
    "reservation.checked-in",
    "reservation.completed",
    "reservation.no-show",
    "reservation.state",
];

/// A span that the host took out of sale: nobody stays there.
const BLOCK: &str = "block";

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    let heard = ReservationEvent::decode(&event.kind, &event.payload)?;
    Ok(Some(Command::Note(Box::new(booking(heard.reservation())?))))
}

fn booking(told: &ReservationV1) -> Result<Booking, Poison> {
    let block = told.purpose.as_deref() == Some(BLOCK);
    let standing = match told.status.as_str() {
        "confirmed" | "checked_in" | "completed" if !block => Standing::Stands,
        "confirmed" | "checked_in" | "completed" => Standing::Not,
        "held" | "rejected" | "expired" | "cancelled" | "no_show" => Standing::Not,
        unknown => return Err(Poison(format!("no reservation is `{}`", unknown.chars().take(80).collect::<String>()))),
    };
    Ok(Booking {
        reservation: told.reservation_id.into(),
        version: told.version,
        offering: told.offering_id.into(),
        offering_name: told.offering_name.clone(),
        business: told.business.clone(),
        guest: told.guest_id.clone(),
        standing,
    })
}

/// The event of a fact.
pub fn outgoing(fact: Fact, review: &Review) -> Result<Outgoing, Poison> {
    let body = state(review);
    let event = match fact {
        Fact::Posted => ReviewEvent::Posted(body),
        Fact::Changed => ReviewEvent::Changed(body),
        Fact::Removed => ReviewEvent::Removed(body),
    };
    Outgoing::of(&event, review.reservation.0, review.version)
}

/// A review as it stands, for whoever has not heard of it.
pub fn present(review: &Review) -> Result<Outgoing, Poison> {
    Outgoing::of(&ReviewEvent::State(state(review)), review.reservation.0, review.version)
}

/// A review as other services hear of it.
pub fn state(review: &Review) -> ReviewV1 {
    let Review {
        id,
        version,
        status,
        reservation,
        offering,
        offering_name,
        business,
        guest,
        rating,
        text,
        posted_at,
        made_by: _,
    } = review;
    ReviewV1 {
        review_id: id.0,
        version: *version,
        status: status.as_str().to_owned(),
        offering_id: offering.0,
        offering_name: offering_name.clone(),
        business: business.clone(),
        reservation_id: reservation.0,
        guest_id: guest.to_string(),
        rating: rating.get(),
        text: text.as_str().to_owned(),
        posted_at: posted_at.to_string(),
    }
}
