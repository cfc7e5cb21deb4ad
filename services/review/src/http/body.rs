//! Bodies as they arrive, and the commands they become.

use kernel::{Label, Rating, ReviewId};
use review_domain::{Change, Invalid, Post, Words};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

/// Body of `POST /reviews`; serialized again, it is what an idempotency key stands for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    offering_id: Uuid,
    pub reservation_id: Uuid,
    pub guest_id: String,
    rating: i64,
    text: String,
}

/// Body of `PATCH /reviews/{id}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    guest_id: String,
    #[serde(default, deserialize_with = "given")]
    rating: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    text: Option<String>,
}

/// A field that is there is not `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn rating(stars: i64) -> Result<Rating, Invalid> {
    Rating::try_from(stars).map_err(|_| Invalid::Rating)
}

impl TryFrom<New> for Post {
    type Error = Invalid;
    fn try_from(new: New) -> Result<Self, Invalid> {
        Ok(Self {
            request: Uuid::now_v7(),
            reservation: new.reservation_id.into(),
            offering: new.offering_id.into(),
            guest: Label::try_from(new.guest_id)?,
            rating: rating(new.rating)?,
            text: Words::try_from(new.text)?,
        })
    }
}

impl Patch {
    /// The change of `review` that it asks for.
    pub fn change(self, review: ReviewId) -> Result<Change, Invalid> {
        Ok(Change {
            request: Uuid::now_v7(),
            review,
            guest: Label::try_from(self.guest_id)?,
            rating: self.rating.map(rating).transpose()?,
            text: self.text.map(Words::try_from).transpose()?,
        })
    }
}
