//! Loading: whatever the commands of a batch name, locked in key order.

use super::entity::{allotment, offering, reservation as row};
use choreography::{insert_new, key_chunks, rows_of};
use kernel::{Bucket, LateMoney, OfferingId, ReservationId};
use reservation_domain::{Command, Offering, Outcome, Reservation, State, Working};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Bucket rows remembered as present.
const PRESENT_MAX: usize = 1_000_000;

/// Which bucket rows are known to be there. Rows are never deleted, so that knowledge cannot go stale.
#[derive(Debug, Default)]
pub struct Present(Mutex<HashSet<(OfferingId, Bucket)>>);

/// Loads the working set of `commands`: offerings, then reservations, then buckets, each in key order.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command], present: &Present) -> Result<Working, DbErr> {
    let mut working = Working::default();
    let (mut adopted, mut wanted, mut cases) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for command in commands {
        match command {
            Command::Adopt(offering) => {
                adopted.insert(offering.id.0);
            }
            Command::Place(place) => {
                wanted.insert(place.offering.0);
                cases.insert(place.id.0);
            }
            Command::Settle { reservation, .. }
            | Command::Recall { reservation }
            | Command::TakeUp { reservation, .. }
            | Command::Cancel { reservation }
            | Command::CheckIn { reservation }
            | Command::NoShow { reservation }
            | Command::Complete { reservation }
            | Command::Expire { reservation } => {
                cases.insert(reservation.0);
            }
        }
    }
    load_offerings(tx, &mut working, &adopted, true).await?;
    load_reservations(tx, &mut working, &cases).await?;
    let late = commands.iter().filter_map(|command| late_money(&working, command));
    wanted.extend(late.map(|offering| offering.0).collect::<Vec<_>>());
    let missing = wanted.difference(&adopted).copied().collect();
    load_offerings(tx, &mut working, &missing, false).await?;
    let buckets = commands.iter().flat_map(|command| buckets_named(&working, command)).collect();
    load_buckets(tx, &mut working, buckets, present).await?;
    reload_units(tx, &mut working, &missing).await?;
    Ok(working)
}

/// The offering whose units a capture may have to take again, because its hold has expired or does so in this batch.
fn late_money(working: &Working, command: &Command) -> Option<OfferingId> {
    match command {
        Command::Settle { reservation, outcome: Outcome::Captured { .. } } => working
            .reservation(*reservation)
            .filter(|known| known.booking.late_money == LateMoney::HonourIfFree)
            .map(|known| known.booking.offering),
        Command::Adopt(_)
        | Command::Place(_)
        | Command::Settle { outcome: Outcome::Declined | Outcome::Unavailable, .. }
        | Command::Recall { .. }
        | Command::TakeUp { .. }
        | Command::Cancel { .. }
        | Command::CheckIn { .. }
        | Command::NoShow { .. }
        | Command::Complete { .. }
        | Command::Expire { .. } => None,
    }
}

/// The buckets whose units a command may move. A confirmation in time moves none.
fn buckets_named(working: &Working, command: &Command) -> Vec<(OfferingId, Bucket)> {
    let of = |id: &ReservationId| {
        let booking = working.reservation(*id).map(|known| &known.booking);
        booking.map_or_else(Vec::new, |booking| booking.takes().map(|bucket| (booking.offering, bucket)).collect())
    };
    match command {
        Command::Place(place) => working
            .offerings
            .get(&place.offering)
            .and_then(|offering| place.claim(offering).ok())
            .map_or_else(Vec::new, |claim| claim.takes().map(|bucket| (place.offering, bucket)).collect()),
        Command::Settle { reservation, outcome: Outcome::Captured { at } } => {
            let keeps_them = working.reservation(*reservation).is_none_or(|known| {
                known.booking.late_money == LateMoney::Refund
                    && matches!(known.state, State::Held { deadline } if *at <= deadline)
            });
            if keeps_them { Vec::new() } else { of(reservation) }
        }
        Command::Settle { reservation, outcome: Outcome::Declined | Outcome::Unavailable }
        | Command::Cancel { reservation }
        | Command::Expire { reservation } => of(reservation),
        Command::Adopt(_)
        | Command::Recall { .. }
        | Command::TakeUp { .. }
        | Command::CheckIn { .. }
        | Command::NoShow { .. }
        | Command::Complete { .. } => Vec::new(),
    }
}

async fn load_offerings(
    tx: &DatabaseTransaction,
    working: &mut Working,
    ids: &BTreeSet<Uuid>,
    to_change: bool,
) -> Result<(), DbErr> {
    for ids in key_chunks(ids.iter().copied().collect()) {
        let query = offering::Entity::find()
            .filter(offering::Column::OfferingId.is_in(ids))
            .order_by_asc(offering::Column::OfferingId);
        // A booking needs no lock on the offering: the buckets it takes are locked, and the units are read once more then.
        let query = if to_change { query.lock_exclusive() } else { query };
        for row in query.all(tx).await? {
            let offering = Offering::try_from(row)?;
            working.offerings.insert(offering.id, offering);
        }
    }
    Ok(())
}

/// Reads the units again once the buckets are locked: who changes them has done so by now, or waits for these buckets.
/// (Who cannot see a new bucket does not wait; its ceiling is set right by the next booking that takes of it.) Nothing
/// else is read again, since it said which buckets to lock.
async fn reload_units(tx: &DatabaseTransaction, working: &mut Working, ids: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    for ids in key_chunks(ids.iter().copied().collect()) {
        let rows: Vec<(Uuid, i64)> = offering::Entity::find()
            .select_only()
            .columns([offering::Column::OfferingId, offering::Column::Units])
            .filter(offering::Column::OfferingId.is_in(ids))
            .into_tuple()
            .all(tx)
            .await?;
        for (id, units) in rows {
            if let Some(offering) = working.offerings.get_mut(&id.into()) {
                offering.units = units;
            }
        }
    }
    Ok(())
}

async fn load_reservations(tx: &DatabaseTransaction, working: &mut Working, ids: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    for ids in key_chunks(ids.iter().copied().collect()) {
        let rows = row::Entity::find()
            .filter(row::Column::ReservationId.is_in(ids))
            .order_by_asc(row::Column::ReservationId)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            working.load(Reservation::try_from(row)?);
        }
    }
    Ok(())
}

/// Inserts the bucket rows that may be missing, then locks and reads all that are named, both in key order.
async fn load_buckets(
    tx: &DatabaseTransaction,
    working: &mut Working,
    named: BTreeSet<(OfferingId, Bucket)>,
    present: &Present,
) -> Result<(), DbErr> {
    if named.is_empty() {
        return Ok(());
    }
    let absent: Vec<_> = {
        let present = present.0.lock().unwrap_or_else(PoisonError::into_inner);
        named.iter().filter(|key| !present.contains(key)).copied().collect()
    };
    let inserted = insert_buckets(tx, working, &absent).await?;
    for keys in key_chunks(named.iter().map(|(offering, bucket)| (offering.0, bucket.0)).collect()) {
        // A joined list of values is looked up by index; a list of pairs behind `IN` would be tried one by one.
        let named = Query::select().columns(["column1", "column2"]).from(rows_of(tx, keys, "named")).to_owned();
        let rows = allotment::Entity::find()
            .filter(
                Expr::tuple([Expr::col(allotment::Column::OfferingId), Expr::col(allotment::Column::Bucket)])
                    .in_subquery(named),
            )
            .order_by_asc(allotment::Column::OfferingId)
            .order_by_asc(allotment::Column::Bucket)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            working.allotments.load(row.offering_id.into(), Bucket(row.bucket), row.taken);
        }
    }
    // Rows of our own that a rollback would take away are not yet known to be there.
    let mut present = present.0.lock().unwrap_or_else(PoisonError::into_inner);
    if present.len() > PRESENT_MAX {
        present.clear();
    }
    present.extend(absent.into_iter().filter(|(offering, bucket)| !inserted.contains(&(offering.0, bucket.0))));
    Ok(())
}

async fn insert_buckets(
    tx: &DatabaseTransaction,
    working: &Working,
    absent: &[(OfferingId, Bucket)],
) -> Result<HashSet<(Uuid, i64)>, DbErr> {
    let rows: Vec<_> = absent
        .iter()
        .filter_map(|(id, bucket)| {
            let offering = working.offerings.get(id)?;
            let (offering_id, bucket, ceiling) = (id.0, bucket.0, offering.units);
            Some(allotment::Model { offering_id, bucket, taken: 0, ceiling, resting: 0 }.into_active_model())
        })
        .collect();
    Ok(insert_new(tx, rows).await?.into_iter().collect())
}
