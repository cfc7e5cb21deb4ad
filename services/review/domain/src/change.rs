//! Changing: the author rates or words it otherwise.

use crate::command::{Decided, Fact, Refusal};
use crate::review::{Review, Words};
use crate::working::Working;
use kernel::{Label, Rating, ReviewId};
use uuid::Uuid;

/// A change of a review; what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The request's own id.
    pub request: Uuid,
    pub review: ReviewId,
    pub guest: Label,
    pub rating: Option<Rating>,
    pub text: Option<Words>,
}

pub(crate) fn decide(working: &mut Working, change: &Change) -> Decided {
    let review = working.posted(change.review).ok_or(Refusal::NotFound)?;
    if review.guest != change.guest {
        return Err(Refusal::NotTheAuthor);
    }
    let rating = change.rating.unwrap_or(review.rating);
    let text = change.text.as_ref().unwrap_or(&review.text);
    if review.made_by == change.request || (rating == review.rating && *text == review.text) {
        return Ok((None, review.clone()));
    }
    let changed =
        Review { version: review.version + 1, rating, text: text.clone(), made_by: change.request, ..review.clone() };
    working.put(changed.clone());
    Ok((Some(Fact::Changed), changed))
}
