//! What is free of an offering, read outside the writer.

use super::entity::{allotment, offering as row};
use choreography::Store;
use jiff::Timestamp;
use kernel::{Bucket, Label, OfferingId, SpanError, bucket_label, nights, slots_between};
use reservation_domain::{Bookable, Offering, Removal, SpanRefusal, SpanRequest, Taken, When, resting, shown};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use thiserror::Error;

/// Most buckets of one answer about availability.
const AVAILABILITY_BUCKETS_MAX: usize = 1_100;

/// What an offering's buckets have, and how many of them a booking may take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    pub stay_min: Option<i64>,
    pub stay_max: Option<i64>,
    pub buckets: Vec<BucketView>,
}

/// Capacity of one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketView {
    pub bucket: String,
    pub units: i64,
    pub free: i64,
    /// Why none is free.
    pub removed_by: Option<Removal>,
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

/// Whose an offering is.
pub async fn business_of(store: &Store, id: OfferingId) -> Result<Option<Label>, DbErr> {
    let business: Option<String> = row::Entity::find_by_id(id.0)
        .select_only()
        .column(row::Column::Business)
        .into_tuple()
        .one(store.read())
        .await?;
    let label = |text| Label::try_from(text).map_err(|_| DbErr::Type("the column business does not read".into()));
    business.map(label).transpose()
}

/// Units and free units of an offering's buckets that begin in the span.
pub async fn availability(store: &Store, id: OfferingId, span: SpanRequest) -> Result<Availability, AvailabilityError> {
    let found = row::Entity::find_by_id(id.0).one(store.read()).await?;
    let offering = Offering::try_from(found.ok_or(AvailabilityError::OfferingNotFound)?)?;
    let buckets = buckets(&offering, span)?;
    let (stay_min, stay_max) = (offering.rules.stay_min, offering.rules.stay_max);
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else {
        return Ok(Availability { stay_min, stay_max, buckets: Vec::new() });
    };
    // A booking keeps its distance to what comes behind it.
    let last = resting(&offering, *last).last().copied().unwrap_or(*last);
    let rows = allotment::Entity::find()
        .filter(allotment::Column::OfferingId.eq(id.0))
        .filter(allotment::Column::Bucket.between(first.0, last.0))
        .all(store.read())
        .await?;
    let taken = |row: allotment::Model| (Bucket(row.bucket), Taken { taken: row.taken, resting: row.resting });
    let taken: HashMap<_, _> = rows.into_iter().map(taken).collect();
    let now = match offering.rules.minimum_notice_minutes {
        Some(_) => store.now(store.read()).await?,
        // No rule asks for the time.
        None => Timestamp::UNIX_EPOCH,
    };
    let buckets = buckets.into_iter().map(|bucket| view(&offering, bucket, now, &taken)).collect();
    Ok(Availability { stay_min, stay_max, buckets })
}

fn view(offering: &Offering, bucket: Bucket, now: Timestamp, taken: &HashMap<Bucket, Taken>) -> BucketView {
    let shown = shown(offering, bucket, now, |bucket| taken.get(&bucket).copied().unwrap_or_default());
    BucketView {
        bucket: bucket_label(offering.bookable.kind(), bucket),
        units: offering.units,
        free: shown.free,
        removed_by: shown.removed_by,
    }
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
