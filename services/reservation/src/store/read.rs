//! Queries outside the writer: one reservation, availability, and what the sweeps look for.

use super::entity::{allotment, offering, reservation as row};
use choreography::Store;
use jiff::{SignedDuration, Timestamp};
use kernel::{Bucket, Kind, OfferingId, ReservationId, SpanError, bucket_label, nights, slots_between};
use reservation_domain::{Bookable, Offering, Reservation, SpanRefusal, SpanRequest, When};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use thiserror::Error;

/// Most buckets of one answer about availability.
const AVAILABILITY_BUCKETS_MAX: usize = 1_100;
/// Most cases of one sweep.
const SWEEP_MAX: u64 = 256;
/// An unattended stay completes this long after its end, a confirmed one that nobody checked in.
const UNATTENDED_HOURS: i64 = 24;

/// Capacity of one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketView {
    pub bucket: String,
    pub units: i64,
    pub free: i64,
}

/// Why availability cannot be told.
#[derive(Debug, Error)]
pub enum AvailabilityError {
    #[error("no such offering")]
    OfferingNotFound,
    #[error(transparent)]
    Span(#[from] SpanRefusal),
    #[error("the database")]
    Database(#[from] DbErr),
}

impl From<SpanError> for AvailabilityError {
    fn from(fault: SpanError) -> Self {
        Self::Span(SpanRefusal::Span(fault))
    }
}

/// One reservation.
pub async fn reservation(store: &Store, id: ReservationId) -> Result<Option<Reservation>, DbErr> {
    row::Entity::find_by_id(id.0).one(store.read()).await?.map(Reservation::try_from).transpose()
}

/// Units and free units of an offering's buckets that begin in the span.
pub async fn availability(
    store: &Store,
    id: OfferingId,
    span: SpanRequest,
) -> Result<Vec<BucketView>, AvailabilityError> {
    let found = offering::Entity::find_by_id(id.0).one(store.read()).await?;
    let offering = Offering::try_from(found.ok_or(AvailabilityError::OfferingNotFound)?)?;
    let buckets = buckets(&offering, span)?;
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Ok(Vec::new()) };
    let rows = allotment::Entity::find()
        .filter(allotment::Column::OfferingId.eq(id.0))
        .filter(allotment::Column::Bucket.between(first.0, last.0))
        .all(store.read())
        .await?;
    let taken: HashMap<i64, i64> = rows.into_iter().map(|row| (row.bucket, row.taken)).collect();
    let kind = offering.bookable.kind();
    Ok(buckets.into_iter().map(|bucket| view(&offering, kind, bucket, &taken)).collect())
}

fn view(offering: &Offering, kind: Kind, bucket: Bucket, taken: &HashMap<i64, i64>) -> BucketView {
    let taken = taken.get(&bucket.0).copied().unwrap_or(0);
    let free = if offering.open { (offering.units - taken).max(0) } else { 0 };
    BucketView { bucket: bucket_label(kind, bucket), units: offering.units, free }
}

fn buckets(offering: &Offering, span: SpanRequest) -> Result<Vec<Bucket>, AvailabilityError> {
    let max = AVAILABILITY_BUCKETS_MAX;
    match (&offering.bookable, span.from, span.to) {
        (Bookable::Nights, Some(When::Day(from)), Some(When::Day(to))) => Ok(nights(from, to, max)?),
        (Bookable::Nights, _, _) => Err(SpanRefusal::WantsDates.into()),
        (Bookable::Slots { minutes }, Some(When::Instant(from)), Some(When::Instant(to))) => {
            if to <= from {
                return Err(SpanError::Empty.into());
            }
            Ok(slots_between(from, to, *minutes, &offering.zone, max)?)
        }
        (Bookable::Slots { .. }, _, _) => Err(SpanRefusal::WantsInstants.into()),
        (Bookable::Seats { starts_at }, _, _) => Ok(vec![Bucket(starts_at.as_second())]),
        (Bookable::Line, _, _) => Err(SpanRefusal::IsLine.into()),
    }
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
/// that imported history is not closed under its importer's hands).
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
    let mut found = ids(attended, store).await?;
    found.extend(ids(unattended, store).await?);
    Ok(found)
}

/// How many holds wait, counted up to `max`.
pub async fn held_count(store: &Store, max: u64) -> Result<u64, DbErr> {
    let held = row::Entity::find().filter(row::Column::Status.eq("held"));
    if max < 10_000 { held.limit(max).count(store.read()).await } else { held.count(store.read()).await }
}
