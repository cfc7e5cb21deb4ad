//! Queries outside the writer: one review, an offering's reviews and what they come to.

use super::entity::review as row;
use choreography::Store;
use kernel::{OfferingId, Ratings, ReviewId};
use review_domain::Review;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// A place in an offering's list: by time, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub posted_us: i64,
    pub id: Uuid,
}

/// Some of an offering's reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub reviews: Vec<Review>,
    /// Where the next page begins, if there is more.
    pub next: Option<Place>,
}

/// One review that is posted.
pub async fn review(store: &Store, id: ReviewId) -> Result<Option<Review>, DbErr> {
    let posted = row::Entity::find_by_id(id.0).filter(row::Column::Posted.eq(true));
    posted.one(store.read()).await?.map(Review::try_from).transpose()
}

/// An offering's reviews after a place, the newest first; at most `limit`.
pub async fn list(store: &Store, offering: OfferingId, after: Option<Place>, limit: usize) -> Result<Page, DbErr> {
    let mut rows = row::Entity::find()
        .filter(row::Column::OfferingId.eq(offering.0))
        .filter(row::Column::Posted.eq(true))
        .apply_if(after, |query, Place { posted_us, id }| {
            let key = Expr::tuple([Expr::col(row::Column::PostedUs), Expr::col(row::Column::ReviewId)]);
            query.filter(key.lt(Expr::tuple([Expr::val(posted_us), Expr::val(id)])))
        })
        .order_by_desc(row::Column::PostedUs)
        .order_by_desc(row::Column::ReviewId)
        // One more than asked for tells whether there is a next page.
        .limit(limit as u64 + 1)
        .all(store.read())
        .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| Place { posted_us: row.posted_us, id: row.review_id });
    let reviews = rows.into_iter().map(Review::try_from).collect::<Result<_, _>>()?;
    Ok(Page { reviews, next })
}

/// What all posted reviews of an offering come to. Ratings are counted by their value, so that no engine's sum of another
/// type than its column's has to be read.
pub async fn ratings(store: &Store, offering: OfferingId) -> Result<Ratings, DbErr> {
    let counted: Vec<(i64, i64)> = row::Entity::find()
        .select_only()
        .column(row::Column::Rating)
        .column_as(row::Column::ReviewId.count(), "number")
        .filter(row::Column::OfferingId.eq(offering.0))
        .filter(row::Column::Posted.eq(true))
        .group_by(row::Column::Rating)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(counted.into_iter().fold(Ratings::default(), |all, (rating, number)| Ratings {
        count: all.count + number,
        sum: all.sum + rating * number,
    }))
}

/// The reviews behind `after` in the order of their ids, removed ones too.
pub async fn reviews(store: &Store, after: Uuid, count: u64) -> Result<Vec<Review>, DbErr> {
    let query = row::Entity::find().filter(row::Column::ReviewId.gt(after));
    let page = query.order_by_asc(row::Column::ReviewId).limit(count).all(store.read()).await?;
    page.into_iter().map(Review::try_from).collect()
}
