//! Queries outside the writer: one reservation, and what the sweeps look for.

use super::convert::PURPOSE_BLOCK;
use super::entity::reservation as row;
use choreography::Store;
use jiff::{SignedDuration, Timestamp};
use kernel::ReservationId;
use reservation_domain::Reservation;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// Most cases of one sweep.
const SWEEP_MAX: u64 = 256;
/// An unattended stay completes this long after its end, a confirmed one that nobody checked in.
const UNATTENDED_HOURS: i64 = 24;

/// One reservation.
pub async fn reservation(store: &Store, id: ReservationId) -> Result<Option<Reservation>, DbErr> {
    row::Entity::find_by_id(id.0).one(store.read()).await?.map(Reservation::try_from).transpose()
}

async fn ids(query: Select<row::Entity>, store: &Store) -> Result<Vec<ReservationId>, DbErr> {
    let ids: Vec<uuid::Uuid> = page(query).into_tuple().all(store.read()).await?;
    Ok(ids.into_iter().map(ReservationId).collect())
}

/// What one sweep takes on.
fn page(query: Select<row::Entity>) -> Select<row::Entity> {
    query.select_only().column(row::Column::ReservationId).limit(SWEEP_MAX)
}

/// Holds whose deadline is not after `until`.
pub async fn expired(store: &Store, until: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    ids(past_deadline(until), store).await
}

fn past_deadline(until: Timestamp) -> Select<row::Entity> {
    held().filter(row::Column::DeadlineUs.lte(until.as_microsecond())).order_by_asc(row::Column::DeadlineUs)
}

/// Holds whose synchronous call nobody finished.
pub async fn due_intents(store: &Store, now: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    ids(unfinished(now), store).await
}

fn unfinished(now: Timestamp) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::IntentDueUs.lte(now.as_microsecond()))
        .order_by_asc(row::Column::IntentDueUs)
}

/// Stays that are over: checked in and past their end, or confirmed and a day past it (and past their placing, so
/// that imported history is not closed under its importer's hands). A block is over at its end: nobody comes late.
pub async fn due_to_complete(store: &Store, now: Timestamp) -> Result<Vec<ReservationId>, DbErr> {
    let mut found = Vec::new();
    for query in over(now) {
        found.extend(ids(query, store).await?);
    }
    Ok(found)
}

/// Attended stays, unattended ones, and blocks; each is found whole in the index of ends.
fn over(now: Timestamp) -> [Select<row::Entity>; 3] {
    let day_ago = now - SignedDuration::from_hours(UNATTENDED_HOURS);
    let ended = |status: &str, at: Timestamp| {
        let ended = row::Entity::find().filter(row::Column::Status.eq(status));
        ended.filter(row::Column::EndsUs.lte(at.as_microsecond()))
    };
    let stays = |query: Select<row::Entity>| {
        query.filter(row::Column::Purpose.is_null()).filter(row::Column::PlacedUs.lte(day_ago.as_microsecond()))
    };
    [
        stays(ended("checked_in", now)),
        stays(ended("confirmed", day_ago)),
        ended("confirmed", now).filter(row::Column::Purpose.eq(PURPOSE_BLOCK)),
    ]
}

/// The earliest deadline of a hold.
pub async fn first_deadline(store: &Store) -> Result<Option<Timestamp>, DbErr> {
    let first = deadlines().into_tuple::<i64>().one(store.read()).await?;
    first.map(|us| Timestamp::from_microsecond(us).map_err(|fault| DbErr::Type(fault.to_string()))).transpose()
}

fn deadlines() -> Select<row::Entity> {
    held().select_only().column(row::Column::DeadlineUs).order_by_asc(row::Column::DeadlineUs).limit(1)
}

/// A hold has a deadline, and nothing else has.
fn held() -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::DeadlineUs.is_not_null())
}

/// How many holds wait, counted up to `max`.
pub async fn held_count(store: &Store, max: u64) -> Result<u64, DbErr> {
    if max < 10_000 { held().limit(max).count(store.read()).await } else { held().count(store.read()).await }
}

/// The reservations behind `after` in the order of their ids.
pub async fn reservations(store: &Store, after: uuid::Uuid, count: u64) -> Result<Vec<Reservation>, DbErr> {
    let query = row::Entity::find().filter(row::Column::ReservationId.gt(after));
    let page = query.order_by_asc(row::Column::ReservationId).limit(count).all(store.read()).await?;
    page.into_iter().map(Reservation::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::MIGRATIONS;
    use super::*;
    use kernel::Clock;
    use sea_orm::QueryTrait;

    testing::on_every_backend! {
        async fn what_is_asked_again_and_again_is_looked_up(db: Db) {
            let store = Store::open(&db.url, Clock::system()).await.unwrap();
            store.migrate(MIGRATIONS).await.unwrap();
            let (read, now) = (store.read(), Timestamp::UNIX_EPOCH);
            let ends = over(now).map(|query| (page(query), "reservation_over", "ends_us"));
            let holds = [page(past_deadline(now)), deadlines()].map(|query| (query, "reservation_hold", "deadline_us"));
            let intents = (page(unfinished(now)), "reservation_intent", "intent_due_us");
            for (query, index, column) in ends.into_iter().chain(holds).chain([intents]) {
                testing::assert_looked_up(read, query.build(read.get_database_backend()), index, column).await;
            }
        }
    }
}
