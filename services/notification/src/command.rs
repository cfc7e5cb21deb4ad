//! What this service is told: a transition, money given back, an address, what became of a delivery.

use crate::delivery::Attempt;
use crate::recipient::Registration;
use crate::text::{Language, Role, Template, Values, of_reservation, of_review, of_ticket};
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::waitlist::TicketV1;
use uuid::Uuid;

/// Something to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Transition(Box<Transition>),
    Refund(Refund),
    /// Where a reader is reached from now on.
    Register(Box<Registration>),
    /// A reader is reached nowhere any more, in these roles.
    Forget {
        recipient: String,
        roles: Vec<Role>,
    },
    /// What became of an attempt to deliver.
    Record(Attempt),
    /// A delivery that has ended is to be tried again.
    Redeliver {
        delivery: Uuid,
    },
}

/// A transition of a reservation, a ticket or a review, with all that its messages say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub event_id: Uuid,
    /// When it happened, in microseconds.
    pub time_us: i64,
    pub template: Template,
    pub about: About,
}

/// What a transition is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Reservation(ReservationV1),
    Ticket(TicketV1),
    Review(ReviewV1),
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

impl About {
    /// The case.
    pub const fn case(&self) -> Uuid {
        match self {
            Self::Reservation(told) => told.reservation_id,
            Self::Ticket(told) => told.ticket_id,
            Self::Review(told) => told.reservation_id,
        }
    }

    pub fn guest(&self) -> &str {
        match self {
            Self::Reservation(told) => &told.guest_id,
            Self::Ticket(told) => &told.guest_id,
            Self::Review(told) => &told.guest_id,
        }
    }

    pub fn business(&self) -> &str {
        match self {
            Self::Reservation(told) => &told.business,
            Self::Ticket(told) => &told.business,
            Self::Review(told) => &told.business,
        }
    }

    /// What the guest reads; a review does not say.
    pub fn language(&self) -> Language {
        match self {
            Self::Reservation(told) => Language::of(&told.language),
            Self::Ticket(told) => Language::of(&told.language),
            Self::Review(_) => Language::En,
        }
    }

    pub fn values(&self, language: Language) -> Values<'_> {
        match self {
            Self::Reservation(told) => of_reservation(told, language),
            Self::Ticket(told) => of_ticket(told, language),
            Self::Review(told) => of_review(told, language),
        }
    }

    /// Whether the host took its own units out of sale: nobody needs to be told.
    pub fn is_block(&self) -> bool {
        match self {
            Self::Reservation(told) => told.purpose.as_deref() == Some("block"),
            Self::Ticket(_) | Self::Review(_) => false,
        }
    }
}
