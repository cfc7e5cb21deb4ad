//! What this service hears, reviews and reservations, of which it keeps as much as it shows.

use choreography::{Poison, Received};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::{ReviewEvent, ReviewV1};
use kernel::{OfferingId, Rating, ReservationId, ReviewId};

/// What catalog listens to.
pub const TOPICS: &[&str] = &[
    "review.posted",
    "review.changed",
    "review.removed",
    "review.state",
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

/// Units that the host took out of sale: nobody's booking.
const BLOCK: &str = "block";

/// The state of something else that belongs to an offering, at one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Review(ReviewNews),
    Booking(BookingNews),
}

/// A review, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewNews {
    pub review: ReviewId,
    pub version: i64,
    pub offering: OfferingId,
    pub rating: Rating,
    /// False once it is removed.
    pub posted: bool,
}

/// A reservation, as far as it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingNews {
    pub reservation: ReservationId,
    pub version: i64,
    pub offering: OfferingId,
    pub standing: Standing,
}

/// How a reservation stands, seen from its offering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its units are taken until its deadline.
    Held,
    /// Somebody comes or is there.
    Booked,
    /// Nobody comes any more, or everybody has left.
    Over,
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Over => "over",
        }
    }
}

/// The news that an event brings.
pub fn translate(event: &Received) -> Result<News, Poison> {
    if event.kind.starts_with("review.") {
        return review(ReviewEvent::decode(&event.kind, &event.payload)?.review()).map(News::Review);
    }
    booking(ReservationEvent::decode(&event.kind, &event.payload)?.reservation()).map(News::Booking)
}

fn review(told: &ReviewV1) -> Result<ReviewNews, Poison> {
    let posted = match told.status.as_str() {
        "posted" => true,
        "removed" => false,
        unknown => return Err(strange("review", unknown)),
    };
    let rating = Rating::try_from(told.rating).map_err(|fault| Poison(fault.to_string()))?;
    let (review, offering) = (told.review_id.into(), told.offering_id.into());
    Ok(ReviewNews { review, version: told.version, offering, rating, posted })
}

fn booking(told: &ReservationV1) -> Result<BookingNews, Poison> {
    let block = told.purpose.as_deref() == Some(BLOCK);
    let standing = match told.status.as_str() {
        "held" | "confirmed" | "checked_in" if block => Standing::Over,
        "held" => Standing::Held,
        "confirmed" | "checked_in" => Standing::Booked,
        "rejected" | "expired" | "cancelled" | "completed" | "no_show" => Standing::Over,
        unknown => return Err(strange("reservation", unknown)),
    };
    let (reservation, offering) = (told.reservation_id.into(), told.offering_id.into());
    Ok(BookingNews { reservation, version: told.version, offering, standing })
}

fn strange(what: &str, status: &str) -> Poison {
    Poison(format!("no {what} is `{}`", status.chars().take(80).collect::<String>()))
}
