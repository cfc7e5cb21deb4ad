//! Removing: the author takes it back; its words are gone, its place stays known.

use crate::command::{Decided, Fact, Refusal};
use crate::review::{Review, Status, Words};
use crate::working::Working;
use kernel::{Label, ReviewId};
use uuid::Uuid;

/// A review's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remove {
    /// The request's own id.
    pub request: Uuid,
    pub review: ReviewId,
    pub guest: Label,
}

pub(crate) fn decide(working: &mut Working, remove: &Remove) -> Decided {
    let review = working.review(remove.review).ok_or(Refusal::NotFound)?;
    if review.guest != remove.guest {
        return Err(Refusal::NotTheAuthor);
    }
    match review.status {
        Status::Posted => {}
        Status::Removed => return Ok((None, review.clone())),
    }
    let removed = Review {
        version: review.version + 1,
        status: Status::Removed,
        text: Words::default(),
        made_by: remove.request,
        ..review.clone()
    };
    working.put(removed.clone());
    Ok((Some(Fact::Removed), removed))
}
