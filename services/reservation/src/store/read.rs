//! Queries outside the writer: one reservation, and what the sweeps look for.

use super::convert::PURPOSE_BLOCK;
use super::entity::reservation as row;
use choreography::Store;
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;
use reservation_domain::Reservation;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// Most cases of one sweep.
const SWEEP_MAX: u64 = 256;
/// An unattended stay completes this long after its end, a confirmed one that nobody checked in.
const UNATTENDED_HOURS: i64 = 24;

/// One reservation.
pub async fn reservation(store: &Store, id: ReservationId) -> Result<Option<Reservation>, DbErr> {
    row::Entity::find_by_id(id.0).one(store.read()).await?.map(Reservation::try_from).transpose()
}

async fn ids(query: sea_orm::Select<row::Entity>, store: &Store) -> Result<Vec<ReservationId>, DbErr> {
    let ids: Vec<uuid::Uuid> =
        query.select_only().column(row::Column::ReservationId).limit(SWEEP_MAX).into_tuple().all(store.read()).await?;
    Ok(ids.into_iter().map(ReservationId).collect())
}

/// Holds whose deadline is not after `until`.
pub async fn expired(store: &Store, until: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let query = row::Entity::find()
        .filter(row::Column::Status.eq("held"))
        .filter(row::Column::DeadlineUs.lte(until.as_microsecond()))
        .order_by_asc(row::Column::DeadlineUs);
    ids(query, store).await
}

/// Holds whose synchronous call nobody finished.
pub async fn due_intents(store: &Store, now: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let query = row::Entity::find()
        .filter(row::Column::IntentDueUs.lte(now.as_microsecond()))
        .order_by_asc(row::Column::IntentDueUs);
    ids(query, store).await
}

/// Stays that are over: checked in and past their end, or confirmed and a day past it (and past their placing, so
/// that imported history is not closed under its importer's hands). A block is over at its end: nobody comes late.
pub async fn due_to_complete(store: &Store, now: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let day_ago = (now - SignedDuration::from_hours(UNATTENDED_HOURS)).as_microsecond();
    let attended = row::Entity::find()
        .filter(row::Column::Status.eq("checked_in"))
        .filter(row::Column::EndsUs.lte(now.as_microsecond()))
        .filter(row::Column::PlacedUs.lte(day_ago));
    let unattended = row::Entity::find()
        .filter(row::Column::Status.eq("confirmed"))
        .filter(row::Column::EndsUs.lte(day_ago))
        .filter(row::Column::PlacedUs.lte(day_ago));
    let blocks = row::Entity::find()
        .filter(row::Column::Status.eq("confirmed"))
        .filter(row::Column::EndsUs.lte(now.as_microsecond()))
        .filter(row::Column::Purpose.eq(PURPOSE_BLOCK));
    let mut found = ids(attended, store).await?;
    found.extend(ids(unattended, store).await?);
    found.extend(ids(blocks, store).await?);
    Ok(found)
}

/// The earliest deadline of a hold.
pub async fn first_deadline(store: &Store) -> Result<Option<Timestamp>, DbErr> {
    let first = row::Entity::find()
        .select_only()
        .column(row::Column::DeadlineUs)
        .filter(row::Column::Status.eq("held"))
        .filter(row::Column::DeadlineUs.is_not_null())
        .order_by_asc(row::Column::DeadlineUs)
        .into_tuple::<i64>()
        .one(store.read())
        .await?;
    first.map(|us| Timestamp::from_microsecond(us).map_err(|fault| DbErr::Type(fault.to_string()))).transpose()
}

/// How many holds wait, counted up to `max`.
pub async fn held_count(store: &Store, max: u64) -> Result<u64, DbErr> {
    let held = row::Entity::find().filter(row::Column::Status.eq("held"));
    if max < 10_000 { held.limit(max).count(store.read()).await } else { held.count(store.read()).await }
}

/// The reservations behind `after` in the order of their ids.
pub async fn reservations(store: &Store, after: uuid::Uuid, count: u64) -> Result<Vec<Reservation>, DbErr> {
    let query = row::Entity::find().filter(row::Column::ReservationId.gt(after));
    let page = query.order_by_asc(row::Column::ReservationId).limit(count).all(store.read()).await?;
    page.into_iter().map(Reservation::try_from).collect()
}
