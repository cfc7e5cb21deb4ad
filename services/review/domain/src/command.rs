//! What can be asked of reviews, what is heard of reservations, and what a decision is.

use crate::booking::Booking;
use crate::change::{self, Change};
use crate::post::{self, Post};
use crate::remove::{self, Remove};
use crate::review::Review;
use crate::working::Working;
use jiff::Timestamp;
use kernel::{ReservationId, ReviewId};
use thiserror::Error;

/// A guest's wish, or news of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A reservation has this state, unless a newer one is known.
    Note(Box<Booking>),
    Post(Box<Post>),
    Change(Box<Change>),
    Remove(Remove),
}

impl Command {
    /// The reservation whose state it brings or asks for.
    #[must_use]
    pub fn reservation(&self) -> Option<ReservationId> {
        match self {
            Self::Note(booking) => Some(booking.reservation),
            Self::Post(post) => Some(post.reservation),
            Self::Change(_) | Self::Remove(_) => None,
        }
    }

    /// The review that it names.
    #[must_use]
    pub fn review(&self) -> Option<ReviewId> {
        match self {
            Self::Note(_) => None,
            Self::Post(post) => Some(ReviewId::of(post.reservation)),
            Self::Change(change) => Some(change.review),
            Self::Remove(remove) => Some(remove.review),
        }
    }
}

/// Why a guest is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no reservation with this id is known here")]
    UnknownReservation,
    #[error("only a guest whose booking of this offering stands may review it")]
    NotAGuest,
    #[error("this reservation is already reviewed")]
    AlreadyReviewed {
        /// The review that stands.
        review: ReviewId,
    },
    #[error("no review has this id")]
    NotFound,
    #[error("a review is changed and removed only by who wrote it")]
    NotTheAuthor,
}

/// What happened to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Posted,
    Changed,
    Removed,
}

/// What a command is told, and what happened if anything did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The review as it stands now; none where only a reservation's state was noted.
    pub told: Result<Option<Review>, Refusal>,
    /// Nothing on a refusal, on a repeat and on a change that changes nothing.
    pub happened: Option<Fact>,
}

/// Decides one command. A refusal leaves `working` as it was.
pub fn decide(working: &mut Working, command: &Command, now: Timestamp) -> Decision {
    let decided = match command {
        Command::Note(booking) => {
            working.note(booking);
            return Decision { told: Ok(None), happened: None };
        }
        Command::Post(post) => post::decide(working, post, now),
        Command::Change(change) => change::decide(working, change),
        Command::Remove(remove) => remove::decide(working, remove),
    };
    match decided {
        Ok((happened, review)) => Decision { told: Ok(Some(review)), happened },
        Err(refusal) => Decision { told: Err(refusal), happened: None },
    }
}

/// What a verb decides: the review as it stands now, and what happened to it.
pub(crate) type Decided = Result<(Option<Fact>, Review), Refusal>;
