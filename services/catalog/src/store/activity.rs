//! What guests do with offerings: sums over the newest known state of each review and reservation, never increments.

use super::entity::{booking, review};
use crate::news::{BookingNews, ReviewNews, Standing};
use choreography::{Store, brought, in_chunks, key_chunks, upsert_where};
use kernel::{OfferingId, Ratings, ReservationId, ReviewId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Columns of a row; each is a bound parameter.
const REVIEW_COLUMNS: usize = 5;
const BOOKING_COLUMNS: usize = 4;

/// What guests do with one offering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Of the reviews that are posted.
    pub ratings: Ratings,
    /// Reservations that wait for their payment.
    pub held: i64,
    /// Reservations that are confirmed or checked in.
    pub booked: i64,
}

/// Stores reviews that are newer than what stands, in key order.
pub async fn save_reviews(tx: &DatabaseTransaction, news: BTreeMap<ReviewId, ReviewNews>) -> Result<(), DbErr> {
    use review::Column::{ReviewId, Version};
    let newer = brought(tx, Version).gt(Expr::col((review::Entity, Version)));
    // The version comes last, because the condition reads it.
    let changing = review::Column::iter().filter(|column| !matches!(column, ReviewId | Version)).chain([Version]);
    let newest = upsert_where(tx, [ReviewId], changing, newer);
    let rows = news.into_values().map(|news| review::Model::from(news).into_active_model()).collect();
    for rows in in_chunks::<review::ActiveModel>(rows, REVIEW_COLUMNS) {
        review::Entity::insert_many(rows).on_conflict(newest.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Stores reservations that are newer than what stands, in key order.
pub async fn save_bookings(tx: &DatabaseTransaction, news: BTreeMap<ReservationId, BookingNews>) -> Result<(), DbErr> {
    use booking::Column::{ReservationId, Version};
    let newer = brought(tx, Version).gt(Expr::col((booking::Entity, Version)));
    let changing = booking::Column::iter().filter(|column| !matches!(column, ReservationId | Version)).chain([Version]);
    let newest = upsert_where(tx, [ReservationId], changing, newer);
    let rows = news.into_values().map(|news| booking::Model::from(news).into_active_model()).collect();
    for rows in in_chunks::<booking::ActiveModel>(rows, BOOKING_COLUMNS) {
        booking::Entity::insert_many(rows).on_conflict(newest.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What guests do with each of these offerings, in two queries; who is missing has no activity.
pub async fn activity(store: &Store, offerings: Vec<OfferingId>) -> Result<HashMap<OfferingId, Activity>, DbErr> {
    let mut found = HashMap::<OfferingId, Activity>::new();
    let ids: Vec<Uuid> = offerings.into_iter().map(|id| id.0).collect();
    for ids in key_chunks(ids) {
        for (offering, rating, number) in rated(store, &ids).await? {
            let ratings = &mut found.entry(offering.into()).or_default().ratings;
            ratings.count += number;
            ratings.sum += rating * number;
        }
        for (offering, standing, number) in live(store, &ids).await? {
            let activity = found.entry(offering.into()).or_default();
            match standing == Standing::Held.as_str() {
                true => activity.held += number,
                false => activity.booked += number,
            }
        }
    }
    Ok(found)
}

/// Posted reviews by offering and rating.
async fn rated(store: &Store, offerings: &[Uuid]) -> Result<Vec<(Uuid, i64, i64)>, DbErr> {
    review::Entity::find()
        .select_only()
        .column(review::Column::OfferingId)
        .column(review::Column::Rating)
        .column_as(review::Column::ReviewId.count(), "number")
        .filter(review::Column::OfferingId.is_in(offerings.iter().copied()))
        .filter(review::Column::Posted.eq(true))
        .group_by(review::Column::OfferingId)
        .group_by(review::Column::Rating)
        .into_tuple()
        .all(store.read())
        .await
}

/// Live reservations by offering and standing.
async fn live(store: &Store, offerings: &[Uuid]) -> Result<Vec<(Uuid, String, i64)>, DbErr> {
    booking::Entity::find()
        .select_only()
        .column(booking::Column::OfferingId)
        .column(booking::Column::Standing)
        .column_as(booking::Column::ReservationId.count(), "number")
        .filter(booking::Column::OfferingId.is_in(offerings.iter().copied()))
        .filter(booking::Column::Standing.is_in([Standing::Held.as_str(), Standing::Booked.as_str()]))
        .group_by(booking::Column::OfferingId)
        .group_by(booking::Column::Standing)
        .into_tuple()
        .all(store.read())
        .await
}
