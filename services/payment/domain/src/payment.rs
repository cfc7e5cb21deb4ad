//! The payment: what is to be paid, the claim on it, and the state it is in.

use crate::command::{Next, Work};
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, Money, PaymentId, ReservationId};

/// Whoever is handed a call to the provider has it for this long; then a sweep may take it up again.
pub(crate) const LEASE_SECONDS: i64 = 30;
/// Longest pause between two tries of a call whose outcome is not known.
const PAUSE_SECONDS_MAX: i64 = 60;

/// What a reservation's version says about the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its money; only now may a capture begin.
    Held,
    /// Confirmed, or later in its life: what was captured stays.
    Stands,
    /// Expired, and late money may still honour it: what was captured stays until that is decided.
    Undecided,
    /// Over: of what was captured the business keeps `keep` minor units.
    Ended {
        /// Minor units, 0 or more.
        keep: i64,
    },
}

/// The newest version of the reservation that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The reservation's change number; older ones are ignored.
    pub version: i64,
    pub standing: Standing,
}

/// Whose money it is about: those who may ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub guest: Label,
    pub business: Label,
}

/// What is to be paid, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub total: Money,
    /// The provider's name of the means of payment.
    pub method: Label,
}

/// Money that the provider took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Minor units.
    pub amount: i64,
    /// By the provider's clock.
    pub at: Timestamp,
}

/// The state of a payment, with what only that state knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked for the money; nothing was published.
    Unasked {
        /// When a sweep may begin the capture; none while only a call may.
        due_at: Option<Timestamp>,
    },
    /// The provider is asked, and the outcome is not known yet.
    Requested {
        /// When the provider may have been asked to charge last, as far as is known.
        asked_at: Timestamp,
        /// Calls that ended without a known outcome.
        attempts: u32,
        /// When a sweep may take it up.
        due_at: Timestamp,
    },
    Captured {
        charge: Charge,
    },
    Declined {
        /// The provider's word.
        reason: String,
    },
    /// Ended before anything was charged.
    Voided,
    /// Money is on its way back.
    Refunding {
        charge: Charge,
        /// Minor units that are known to have gone back.
        refunded: i64,
        /// Minor units that have gone back once the call under way has succeeded; the call's key holds it.
        goal: i64,
        /// Calls that ended without a known outcome.
        attempts: u32,
        /// Times the provider refused: above 0, a person has to look.
        refusals: u32,
        /// When a sweep may take it up.
        due_at: Timestamp,
    },
    Refunded {
        charge: Charge,
        /// Minor units, 1 to the charge's amount.
        refunded: i64,
    },
}

/// The one payment of a reservation, after `version` published changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub reservation: ReservationId,
    /// Published changes so far.
    pub version: i64,
    /// None until the first event of the reservation arrives.
    pub claim: Option<Claim>,
    /// None until the first event of the reservation arrives; it never changes then.
    pub owner: Option<Owner>,
    pub terms: Terms,
    pub state: State,
}

/// What happened to a payment; each kind is an event of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Captured,
    Declined,
    Refunded,
    Voided,
}

impl Payment {
    /// A payment that nobody has asked for, before its first decision.
    #[must_use]
    pub const fn unasked(reservation: ReservationId, terms: Terms) -> Self {
        Self { reservation, version: 0, claim: None, owner: None, terms, state: State::Unasked { due_at: None } }
    }

    /// Its id, which is the provider's idempotency key.
    #[must_use]
    pub fn id(&self) -> PaymentId {
        PaymentId::of(self.reservation)
    }

    /// The status word of the API, the events and the database.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self.state {
            State::Unasked { .. } => "unasked",
            State::Requested { .. } => "requested",
            State::Captured { .. } => "captured",
            State::Declined { .. } => "declined",
            State::Voided => "voided",
            State::Refunding { .. } => "refunding",
            State::Refunded { .. } => "refunded",
        }
    }

    /// What the provider took, if it took anything.
    #[must_use]
    pub const fn charge(&self) -> Option<Charge> {
        match self.state {
            State::Captured { charge } | State::Refunding { charge, .. } | State::Refunded { charge, .. } => {
                Some(charge)
            }
            State::Unasked { .. } | State::Requested { .. } | State::Declined { .. } | State::Voided => None,
        }
    }

    /// Minor units that are known to have gone back.
    #[must_use]
    pub const fn refunded(&self) -> i64 {
        match self.state {
            State::Refunding { refunded, .. } | State::Refunded { refunded, .. } => refunded,
            State::Unasked { .. }
            | State::Requested { .. }
            | State::Captured { .. }
            | State::Declined { .. }
            | State::Voided => 0,
        }
    }

    /// What the newest version of the reservation says; none before its first event.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.claim.map(|claim| claim.standing)
    }

    /// Whether another capture may be sent, while the outcome of those before is not known.
    pub(crate) fn may_be_sent(&self) -> bool {
        match self.standing() {
            None | Some(Standing::Held | Standing::Stands) => true,
            Some(Standing::Undecided | Standing::Ended { .. }) => false,
        }
    }

    /// Asks the provider for the money, for the first time.
    pub(crate) fn begin(&mut self, now: Timestamp) -> Next {
        self.state = State::Requested { asked_at: now, attempts: 0, due_at: lease_end(now) };
        Next::Call(Work::Capture { find_first: false })
    }

    /// Moves to what `charge`, of which `refunded` went back, comes to under the newest claim.
    pub(crate) fn hold(&mut self, charge: Charge, refunded: i64, now: Timestamp) -> Next {
        let goal = self.owed(charge);
        if goal > refunded {
            let due_at = lease_end(now);
            self.state = State::Refunding { charge, refunded, goal, attempts: 0, refusals: 0, due_at };
            return Next::Call(Work::Refund { amount: goal - refunded, goal });
        }
        self.state = if refunded > 0 { State::Refunded { charge, refunded } } else { State::Captured { charge } };
        Next::Rest
    }

    /// Minor units of `charge` that the newest claim does not let the business keep.
    fn owed(&self, charge: Charge) -> i64 {
        match self.standing() {
            None | Some(Standing::Held | Standing::Stands | Standing::Undecided) => 0,
            Some(Standing::Ended { keep }) => charge.amount - keep.clamp(0, charge.amount),
        }
    }
}

/// When the lease of a call handed out at `now` ends.
pub(crate) fn lease_end(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(LEASE_SECONDS)
}

/// When a call whose outcome is unknown for the `attempts`th time may be tried again: 1, 2, 4 … 60 seconds later.
pub(crate) fn retry_at(now: Timestamp, attempts: u32) -> Timestamp {
    let doublings = attempts.saturating_sub(1).min(6);
    now + SignedDuration::from_secs((1_i64 << doublings).min(PAUSE_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn the_pause_doubles_up_to_a_minute() {
        let pauses: Vec<i64> = [1, 2, 3, 6, 7, 8, u32::MAX]
            .map(|attempts| retry_at(at(0), attempts).as_second() - at(0).as_second())
            .into();
        assert_eq!(pauses, [1, 2, 4, 32, 60, 60, 60]);
    }
}
