//! Posting: a guest whose booking stands says how it is.

use crate::booking::Standing;
use crate::command::{Decided, Fact, Refusal};
use crate::review::{Review, Status, Words};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{Label, OfferingId, Rating, ReservationId, ReviewId};
use uuid::Uuid;

/// A new review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The request's own id.
    pub request: Uuid,
    pub reservation: ReservationId,
    pub offering: OfferingId,
    pub guest: Label,
    pub rating: Rating,
    pub text: Words,
}

pub(crate) fn decide(working: &mut Working, post: &Post, now: Timestamp) -> Decided {
    let id = ReviewId::of(post.reservation);
    let known = working.review(id);
    if let Some(review) = known.filter(|review| review.made_by == post.request) {
        return Ok((None, review.clone()));
    }
    let booking = working.booking(post.reservation).ok_or(Refusal::UnknownReservation)?;
    let theirs = booking.guest == post.guest.as_str() && booking.offering == post.offering;
    match booking.standing {
        Standing::Stands if theirs => {}
        Standing::Stands | Standing::Not => return Err(Refusal::NotAGuest),
    }
    let before = match known.map(|review| (review.status, review.version)) {
        None => 0,
        // Its author took it back: what is posted now is its next version.
        Some((Status::Removed, version)) => version,
        Some((Status::Posted, _)) => return Err(Refusal::AlreadyReviewed { review: id }),
    };
    let review = Review {
        id,
        version: before + 1,
        status: Status::Posted,
        reservation: post.reservation,
        offering: booking.offering,
        offering_name: booking.offering_name.clone(),
        business: booking.business.clone(),
        guest: post.guest.clone(),
        rating: post.rating,
        text: post.text.clone(),
        posted_at: now,
        made_by: post.request,
    };
    working.put(review.clone());
    Ok((Some(Fact::Posted), review))
}
