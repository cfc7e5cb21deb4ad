//! What this service is told: a transition of a reservation, or money given back.

use crate::text::Template;
use contract::reservation::ReservationV1;
use uuid::Uuid;

/// An event that somebody gets a message about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Transition(Box<Transition>),
    Refund(Refund),
}

/// A transition of a reservation, with all that its messages say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub event_id: Uuid,
    /// When it happened, in microseconds.
    pub time_us: i64,
    pub template: Template,
    pub reservation: ReservationV1,
}

/// Money given back; whom it concerns is known from the reservation's own events only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    pub event_id: Uuid,
    /// When it happened, in microseconds.
    pub time_us: i64,
    pub reservation_id: Uuid,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
}

impl Command {
    /// The case.
    pub fn reservation_id(&self) -> Uuid {
        match self {
            Self::Transition(transition) => transition.reservation.reservation_id,
            Self::Refund(refund) => refund.reservation_id,
        }
    }
}
