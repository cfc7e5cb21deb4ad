//! The reservation: what was booked, and the state it is in.

use crate::span::Span;
use jiff::Timestamp;
use kernel::{
    Bucket, CancellationTier, Kind, Label, LateMoney, Money, OfferingId, OutagePolicy, PaymentMode, ReservationId,
};

/// Who begins the capture of a reservation's payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Nothing is to be paid.
    Nobody,
    /// The synchronous call alone (prepay, `refuse`).
    ByCall,
    /// The event alone (settle later).
    ByEvent,
    /// The call, and the event once the hold is older than a second (prepay, `defer`).
    ByCallThenEvent,
}

impl Capture {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::ByCall => "by_call",
            Self::ByEvent => "by_event",
            Self::ByCallThenEvent => "by_call_then_event",
        }
    }

    /// The capture of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Nobody, Self::ByCall, Self::ByEvent, Self::ByCallThenEvent].into_iter().find(|own| own.as_str() == name)
    }

    /// Whether the request that places the reservation calls payment.
    #[must_use]
    pub const fn begins_by_call(self) -> bool {
        match self {
            Self::ByCall | Self::ByCallThenEvent => true,
            Self::Nobody | Self::ByEvent => false,
        }
    }
}

/// Why a reservation was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    PaymentDeclined,
    /// Payment could not answer, and the offering refuses then.
    PaymentUnavailable,
    /// The money came after the deadline and the units were gone.
    SoldMeanwhile,
}

impl Reason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentDeclined => "payment-declined",
            Self::PaymentUnavailable => "payment-unavailable",
            Self::SoldMeanwhile => "sold-meanwhile",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::PaymentDeclined, Self::PaymentUnavailable, Self::SoldMeanwhile]
            .into_iter()
            .find(|own| own.as_str() == name)
    }
}

/// The state of a reservation, with what only that state knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Held {
        deadline: Timestamp,
    },
    Confirmed,
    Rejected {
        reason: Reason,
    },
    /// Undecided while late money may still honour it.
    Expired {
        undecided: bool,
    },
    /// `keep`: minor units that the business keeps.
    Cancelled {
        keep: i64,
    },
    CheckedIn,
    Completed,
    NoShow,
}

impl State {
    /// The status word of the API, the events and the database.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::Confirmed => "confirmed",
            Self::Rejected { .. } => "rejected",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::CheckedIn => "checked_in",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// Whether the reservation has its units.
    #[must_use]
    pub const fn holds_units(&self) -> bool {
        match self {
            Self::Held { .. } | Self::Confirmed | Self::CheckedIn | Self::Completed | Self::NoShow => true,
            Self::Rejected { .. } | Self::Expired { .. } | Self::Cancelled { .. } => false,
        }
    }
}

/// What a reservation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A guest uses what was booked.
    Stay,
    /// The host took the units out of sale; nobody stays there and nothing is paid.
    Block { reason: Option<Label> },
}

/// What was agreed when the reservation was placed; it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub offering: OfferingId,
    pub offering_name: String,
    pub business: Label,
    pub guest: Label,
    /// `ko` or `en`.
    pub language: String,
    pub kind: Kind,
    pub quantity: i64,
    pub span: Span,
    /// The buckets of the span in rising order, as they were cut when it was placed.
    pub buckets: Vec<Bucket>,
    /// The buckets behind them in which its units rest, because the next booking keeps a distance.
    pub resting: Vec<Bucket>,
    pub purpose: Purpose,
    pub timezone: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub total: Money,
    pub payment: PaymentMode,
    pub on_payment_outage: OutagePolicy,
    pub late_money: LateMoney,
    pub capture: Capture,
    pub payment_method: Option<Label>,
    pub cancellation: Vec<CancellationTier>,
    pub placed_at: Timestamp,
}

impl Booking {
    /// Every bucket whose units nobody else may have.
    pub fn takes(&self) -> impl Iterator<Item = Bucket> {
        self.buckets.iter().chain(&self.resting).copied()
    }
}

/// One booking, after its change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub id: ReservationId,
    pub version: i64,
    pub booking: Booking,
    pub state: State,
    /// When a sweep may call payment again for it; of holds that begin by call.
    pub intent_due: Option<Timestamp>,
}

impl Reservation {
    /// What the business may keep of captured money, in minor units; none while undecided.
    #[must_use]
    pub const fn keep(&self) -> Option<i64> {
        match self.state {
            State::Held { .. } | State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => {
                Some(self.booking.total.amount())
            }
            State::Rejected { .. } => Some(0),
            State::Expired { undecided } => {
                if undecided {
                    None
                } else {
                    Some(0)
                }
            }
            State::Cancelled { keep } => Some(keep),
        }
    }
}

/// What happened to a reservation; each kind is an event of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Held,
    Confirmed,
    Rejected,
    Expired,
    Cancelled,
    CheckedIn,
    Completed,
    NoShow,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Desk, days, offering, request};
    use crate::offering::Bookable;

    #[test]
    fn keep_and_units_follow_the_state() {
        let room = offering(1, Bookable::Nights, 1);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 1, days("2026-06-06", "2026-06-08")));
        let deadline = desk.now;
        for (state, keep, holds_units) in [
            (State::Held { deadline }, Some(200), true),
            (State::Confirmed, Some(200), true),
            (State::CheckedIn, Some(200), true),
            (State::Completed, Some(200), true),
            (State::NoShow, Some(200), true),
            (State::Rejected { reason: Reason::SoldMeanwhile }, Some(0), false),
            (State::Expired { undecided: false }, Some(0), false),
            (State::Expired { undecided: true }, None, false),
            (State::Cancelled { keep: 70 }, Some(70), false),
        ] {
            let reservation = Reservation { state, ..desk.stored(1) };
            assert_eq!((reservation.keep(), state.holds_units()), (keep, holds_units), "{}", state.status());
        }
    }

    #[test]
    fn words_read_back_as_what_they_name() {
        for capture in [Capture::Nobody, Capture::ByCall, Capture::ByEvent, Capture::ByCallThenEvent] {
            assert_eq!(Capture::named(capture.as_str()), Some(capture));
        }
        for reason in [Reason::PaymentDeclined, Reason::PaymentUnavailable, Reason::SoldMeanwhile] {
            assert_eq!(Reason::named(reason.as_str()), Some(reason));
        }
        assert_eq!((Capture::named("held"), Reason::named("")), (None, None));
    }
}
