//! Every change of floors and parties, and the one function that decides it.

use crate::claim::{self, Claim};
use crate::end;
use crate::floor::Store;
use crate::party::{Standing, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};
use thiserror::Error;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Catalog told of a store's newest state.
    Adopt(Store),
    /// Waitlist wants seats.
    Claim(Claim),
    /// The party stood up.
    Leave { offering: OfferingId, ticket: TicketId },
    /// The party's ticket was cancelled or it did not come, whether or not its claim has been heard of.
    Release { offering: OfferingId, ticket: TicketId, party_size: i64 },
}

impl Command {
    /// The floor it names.
    #[must_use]
    pub const fn offering(&self) -> OfferingId {
        match self {
            Self::Adopt(store) => store.offering,
            Self::Claim(claim) => claim.offering,
            Self::Leave { offering, .. } | Self::Release { offering, .. } => *offering,
        }
    }

    /// The party it names.
    #[must_use]
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Adopt(_) => None,
            Self::Claim(claim) => Some(claim.ticket),
            Self::Leave { ticket, .. } | Self::Release { ticket, .. } => Some(*ticket),
        }
    }
}

/// What the asker is told when nothing was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// How the party stands now, and whether that was so already.
    Stands { standing: Standing, repeated: bool },
    /// A claim that was decided and seats nobody: too few seats are free.
    NoRoom {
        /// Seats that are.
        free: i64,
        /// The floor's version that this is about.
        floor_version: i64,
    },
    /// Nothing that anybody sees: a store was adopted, or a ticket that owns no seats ended.
    Noted,
}

/// Why a command changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no such floor is known here; a new one is known moments after its store was published")]
    FloorNotFound,
    #[error("no such party is known on this floor")]
    PartyNotFound,
    #[error("`party_size` is 1 or more")]
    PartySize,
    #[error("`claim` is 1 or more")]
    ClaimNumber,
    #[error("this claim, or one that the line made after it, has been decided")]
    ClaimSuperseded,
    #[error("the party's seats were given back; a ticket has seats once")]
    PartyEnded,
    #[error("the ticket's party has another size or another store")]
    Mismatch,
    #[error("the party is {status}")]
    WrongState {
        /// Its status word.
        status: &'static str,
    },
}

/// What a command came to: an answer, and at most one thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub told: Result<Told, Refusal>,
    pub happened: Option<(Transition, Standing)>,
}

impl Decision {
    pub(crate) const fn noted() -> Self {
        Self::told(Told::Noted)
    }

    pub(crate) const fn told(told: Told) -> Self {
        Self { told: Ok(told), happened: None }
    }

    pub(crate) const fn repeated(standing: Standing) -> Self {
        Self::told(Told::Stands { standing, repeated: true })
    }

    pub(crate) fn happened(transition: Transition, standing: Standing) -> Self {
        let told = Ok(Told::Stands { standing: standing.clone(), repeated: false });
        Self { told, happened: Some((transition, standing)) }
    }
}

impl From<Refusal> for Decision {
    fn from(refusal: Refusal) -> Self {
        Self { told: Err(refusal), happened: None }
    }
}

/// Decides `command` at `now`. A refusal leaves the working set exactly as it was.
#[must_use]
pub fn decide(working: &mut Working, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Adopt(store) => {
            working.adopt(store);
            Decision::noted()
        }
        Command::Claim(claim) => claim::decide(working, *claim, now).unwrap_or_else(Decision::from),
        Command::Leave { offering, ticket } => end::leave(working, *offering, *ticket).unwrap_or_else(Decision::from),
        Command::Release { offering, ticket, party_size } => {
            end::release(working, (*offering, *ticket), *party_size, now).unwrap_or_else(Decision::from)
        }
    }
}
