//! Every change of a line and its parties, and the one function that decides it.

use crate::join::{self, Join, QUEUE_MAX};
use crate::line::{Line, LineTransition, Shop};
use crate::settle::{self, Outcome, count};
use crate::ticket::{State, Ticket, Transition};
use crate::wait::Quote;
use crate::working::Working;
use crate::{advance, change};
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};
use thiserror::Error;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Catalog told of a store's newest state.
    Adopt(Box<Shop>),
    Join(Box<Join>),
    /// What seating says of a party, by call or by event.
    Settle {
        ticket: TicketId,
        outcome: Outcome,
    },
    /// Looks for the next party to call, after a change and now and then.
    Advance {
        line: OfferingId,
    },
    /// A ticket's deadline has passed.
    Due {
        ticket: TicketId,
    },
    /// Says how a ticket stands; changes nothing.
    Recall {
        ticket: TicketId,
    },
    Cancel {
        ticket: TicketId,
    },
    Defer {
        ticket: TicketId,
    },
    /// The host says that a called party sat down.
    Seat {
        ticket: TicketId,
    },
    Pause {
        line: OfferingId,
    },
    Resume {
        line: OfferingId,
    },
}

/// What whoever asked does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Asks for the party's seats at seating and settles what it says.
    Claim {
        /// The number of the claim.
        claim: i64,
    },
    /// Settles without a call, as [`Outcome::Unavailable`]: others are first.
    Number,
    Nothing,
}

/// How a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub ticket: Ticket,
    /// Parties before it; 0 unless it is queued.
    pub ahead: i64,
    /// What a party in its place would be told now; of a waiting one.
    pub wait: Option<Quote>,
    pub next: Next,
    /// Of a party that was just called: whether that was within the p90 it was told.
    pub within: Option<bool>,
}

/// What the asker is told when nothing was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Stands(Box<Standing>),
    Line(Box<Line>),
    /// Nobody can be called now.
    Resting,
}

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no such line is known here; a new one is known moments after it was published")]
    OfferingNotFound,
    #[error("the store is retired")]
    OfferingRetired,
    #[error("the line is paused")]
    LinePaused,
    #[error("{QUEUE_MAX} parties wait already")]
    LineFull,
    #[error("`party_size` is 1 or more")]
    PartySize,
    #[error("the store has {units} seats")]
    PartyTooLarge {
        /// Seats in the store.
        units: i64,
    },
    #[error("no such ticket")]
    TicketNotFound,
    #[error("the ticket is {status}")]
    WrongState {
        /// Its status word.
        status: &'static str,
    },
    #[error("the party has deferred as often as it may")]
    DeferralsUsed,
    #[error("nobody is behind the party")]
    NobodyBehind,
    #[error("the party is being called")]
    BeingCalled,
    #[error("it is not due")]
    NotDue,
}

/// Something that happened; each is one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    Ticket(Transition, Box<Ticket>),
    Line(LineTransition, Box<Line>),
}

/// What a command came to: an answer, and at most one thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub told: Result<Told, Refusal>,
    pub happened: Option<Happened>,
}

impl Decision {
    pub(crate) fn told(told: Told) -> Self {
        Self { told: Ok(told), happened: None }
    }

    pub(crate) fn ticket(transition: Transition, ticket: Ticket, told: Told) -> Self {
        Self { told: Ok(told), happened: Some(Happened::Ticket(transition, Box::new(ticket))) }
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
    let decision = match command {
        Command::Adopt(shop) => {
            working.adopt(shop, now);
            working.known_line(shop.id).map(|line| Decision::told(Told::Line(Box::new(line))))
        }
        Command::Join(join) => join::decide(working, join, now),
        Command::Settle { ticket, outcome } => settle::decide(working, *ticket, *outcome, now),
        Command::Advance { line } => advance::decide(working, *line, now),
        Command::Due { ticket } => advance::due(working, *ticket, now),
        Command::Recall { ticket } => working
            .known(*ticket)
            .map(|(ticket, line)| Decision::told(standing(working, &ticket, &line, Next::Nothing))),
        Command::Cancel { ticket } => change::cancel(working, *ticket, now),
        Command::Defer { ticket } => change::defer(working, *ticket, now),
        Command::Seat { ticket } => change::seat(working, *ticket, now),
        Command::Pause { line } => change::pause(working, *line, true, now),
        Command::Resume { line } => change::pause(working, *line, false, now),
    };
    decision.unwrap_or_else(Decision::from)
}

pub(crate) fn standing(working: &Working, ticket: &Ticket, line: &Line, next: Next) -> Told {
    let is_queued = ticket.state.is_queued();
    let ahead = if is_queued { count(working.ahead(line.id(), ticket.place)) } else { 0 };
    let wait = (ticket.state == State::Waiting).then(|| line.history.quote(ahead));
    Told::Stands(Box::new(Standing { ticket: ticket.clone(), ahead, wait, next, within: None }))
}
