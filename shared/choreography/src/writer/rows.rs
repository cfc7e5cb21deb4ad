//! What a batch writes beside its aggregates: outbox, inbox, parking place, marks of what was published.

use super::{Item, Work};
use crate::chunks::in_chunks;
use crate::service::{Outgoing, Received, Service};
use crate::store::{insert_new, rows_of};
use crate::table::{inbox, outbox, parked};
use jiff::Timestamp;
use kernel::EventId;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Largest payload of an event; the broker's own bound is 1 MiB with the headers.
const PAYLOAD_BYTES_MAX: usize = 512 * 1024;

/// Rows of one batch that the broker stored one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub batch: Uuid,
    /// First and last position, inclusive.
    pub positions: (i32, i32),
    /// The stream sequence of the first.
    pub stream_seq: i64,
}

/// Claims the events of `items`; the result holds the indexes of what is to be handled: events never seen before or
/// still parked, and whatever came without an event.
pub(super) async fn claim<S: Service>(
    tx: &DatabaseTransaction,
    items: &[Item<S>],
    now: Timestamp,
) -> Result<HashSet<usize>, DbErr> {
    let (mut wanted, mut replayed) = (Vec::new(), Vec::new());
    let mut fresh = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        match &item.event {
            Some(event) if item.parked => replayed.push((event.id.0, index)),
            Some(event) => wanted.push((event.id.0, index)),
            None => {
                fresh.insert(index);
            }
        }
    }
    fresh.extend(receive(tx, wanted, now).await?);
    fresh.extend(take_from_parking(tx, replayed).await?);
    Ok(fresh)
}

/// Claims events in the inbox; the indexes of those that were not there.
async fn receive(
    tx: &DatabaseTransaction,
    mut wanted: Vec<(Uuid, usize)>,
    now: Timestamp,
) -> Result<Vec<usize>, DbErr> {
    wanted.sort_unstable();
    wanted.dedup_by_key(|(id, _)| *id);
    let received_us = now.as_microsecond();
    let rows: Vec<_> = wanted
        .iter()
        .map(|(event_id, _)| inbox::Model { event_id: *event_id, received_us }.into_active_model())
        .collect();
    let claimed: HashSet<Uuid> = insert_new(tx, rows).await?.into_iter().collect();
    Ok(wanted.into_iter().filter(|(id, _)| claimed.contains(id)).map(|(_, index)| index).collect())
}

/// Takes replayed events out of the parking place; the indexes of those that were there, since of two replays at
/// once only one may act.
async fn take_from_parking(tx: &DatabaseTransaction, mut replayed: Vec<(Uuid, usize)>) -> Result<Vec<usize>, DbErr> {
    if replayed.is_empty() {
        return Ok(Vec::new());
    }
    replayed.sort_unstable();
    replayed.dedup_by_key(|(id, _)| *id);
    let named = parked::Column::EventId.is_in(replayed.iter().map(|(id, _)| *id));
    // Locked first: who comes second waits here and finds them gone.
    let there = parked::Entity::find().filter(named.clone()).order_by_asc(parked::Column::EventId).lock_exclusive();
    let taken: HashSet<Uuid> = there.all(tx).await?.into_iter().map(|row| row.event_id).collect();
    parked::Entity::delete_many().filter(named).exec(tx).await?;
    Ok(replayed.into_iter().filter(|(id, _)| taken.contains(id)).map(|(_, index)| index).collect())
}

/// One outbox row, of an event that nobody asked for and nothing caused.
///
/// # Errors
/// A payload that is no text, or one that no broker would take: it would hold up every event behind it.
pub(crate) fn row(outgoing: Outgoing, place: (Uuid, usize), now: Timestamp) -> Result<outbox::Model, DbErr> {
    let size = outgoing.publication.payload.len();
    if size > PAYLOAD_BYTES_MAX {
        return Err(DbErr::Custom(format!("an event of {size} bytes is larger than {PAYLOAD_BYTES_MAX}")));
    }
    let payload = String::from_utf8(outgoing.publication.payload).map_err(|fault| DbErr::Type(fault.to_string()))?;
    Ok(outbox::Model {
        batch: place.0,
        position: i32::try_from(place.1).map_err(|fault| DbErr::Type(fault.to_string()))?,
        event_id: EventId::fresh().0,
        kind: outgoing.publication.kind.to_owned(),
        correlation: outgoing.correlation,
        version: outgoing.version,
        causation: None,
        actor: None,
        traceparent: None,
        payload,
        created_us: now.as_microsecond(),
        published_us: None,
        stream_seq: None,
    })
}

/// Inserts the rows of a batch.
pub(crate) async fn insert(tx: &DatabaseTransaction, rows: &[outbox::Model]) -> Result<(), DbErr> {
    const COLUMNS: usize = 13;
    for chunk in in_chunks(rows.to_vec(), COLUMNS) {
        outbox::Entity::insert_many(chunk.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Parks the fresh events whose work says so.
pub(super) async fn park<S: Service>(
    tx: &DatabaseTransaction,
    items: &[Item<S>],
    fresh: &HashSet<usize>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let rows: Vec<_> = items
        .iter()
        .enumerate()
        .filter(|(index, _)| fresh.contains(index))
        .filter_map(|(_, item)| match (&item.work, &item.event) {
            (Work::Park(reason), Some(event)) => Some(parking(event, &reason.0, now).into_active_model()),
            (Work::Command(_) | Work::Park(_), _) => None,
        })
        .collect();
    if !rows.is_empty() {
        parked::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([parked::Column::EventId])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn parking(event: &Received, reason: &str, now: Timestamp) -> parked::Model {
    // Postgres takes no NUL in a text, and what cannot even be parked would come back for ever.
    let text = |text: &str| text.replace('\0', "\u{fffd}");
    parked::Model {
        event_id: event.id.0,
        kind: text(&event.kind),
        correlation: event.correlation,
        version: event.version,
        causation: event.causation,
        actor: event.actor.as_deref().map(text),
        time_us: event.time.as_microsecond(),
        payload: text(&String::from_utf8_lossy(&event.payload)),
        reason: text(reason),
        parked_us: now.as_microsecond(),
    }
}

/// Notes which rows the stream holds, and where.
pub(super) async fn mark(tx: &DatabaseTransaction, marks: &[Mark], now: Timestamp) -> Result<(), DbErr> {
    use outbox::{Column, Entity};
    let runs = marks.iter().map(|mark| {
        let (first, last) = mark.positions;
        (mark.batch, first, last, mark.stream_seq - i64::from(first))
    });
    for runs in in_chunks(runs.collect(), 4) {
        let position = || Expr::col((Entity, Column::Position));
        let note = Query::update()
            .table(Entity)
            .value(Column::PublishedUs, now.as_microsecond())
            .value(Column::StreamSeq, position().add(Expr::col(("run", "column4"))))
            .from(rows_of(tx, runs, "run"))
            .and_where(Expr::col((Entity, Column::Batch)).equals(("run", "column1")))
            .and_where(position().between(Expr::col(("run", "column2")), Expr::col(("run", "column3"))))
            .to_owned();
        tx.execute(&note).await?;
    }
    Ok(())
}

/// What the relay is handed after a commit.
pub(crate) mod handover {
    use crate::table::outbox;

    /// The committed rows of one batch, in order of position.
    pub(crate) type Rows = Vec<outbox::Model>;
}
