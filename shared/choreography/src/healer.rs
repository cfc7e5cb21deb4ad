//! The healer: finds what the broker forgot (power cut, restored disk, new stream) and frees it for publishing again.

use crate::broker::{Broker, BrokerError};
use crate::store::Store;
use crate::table::outbox;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};
use thiserror::Error;

/// Why healing could not be finished; it is tried again.
#[derive(Debug, Error)]
pub(crate) enum HealFault {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("the database")]
    Database(#[from] DbErr),
}

/// Steps of one bisection: enough for any number of 64 bits.
const STEPS_MAX: u32 = 64;

/// Compares the broker's memory with the outbox's and frees what is missing; returns how many rows.
///
/// The newest published row is asked for first. If the stream holds it, it holds all before it; if not, bisection
/// finds the first that it lacks, since a stream loses its end, never its middle. Rows older than the stream's
/// first message have aged out, unless the stream is younger than they are.
pub(crate) async fn heal(store: &Store, broker: &Broker) -> Result<u64, HealFault> {
    let mut stream = broker.stream().await?;
    let info = stream.info().await.map_err(|fault| BrokerError(fault.to_string()))?;
    let (first_seq, created) = (info.state.first_sequence, info.created);
    let Some(newest) = row_from(store, 0, true).await? else { return Ok(0) };
    if holds(broker, &newest).await? {
        return Ok(0);
    }
    let created_us = i64::try_from(created.unix_timestamp_nanos() / 1_000).unwrap_or(0);
    if newest.stream_seq < i64::try_from(first_seq).unwrap_or(i64::MAX) && newest.published_us >= created_us {
        return Ok(0);
    }
    // Invariant: every row below `low` is held or aged out, the row at or above `high` is not held.
    let (mut low, mut high) = (0_i64, newest.stream_seq);
    for _ in 0..STEPS_MAX {
        if low >= high {
            break;
        }
        let middle = low + (high - low) / 2;
        match row_from(store, middle, false).await? {
            Some(row) if row.stream_seq < high || row.stream_seq == newest.stream_seq => {
                let aged_out = row.stream_seq < i64::try_from(first_seq).unwrap_or(0) && row.published_us >= created_us;
                if aged_out || holds(broker, &row).await? {
                    low = row.stream_seq + 1;
                } else {
                    high = middle;
                }
            }
            Some(_) | None => high = middle,
        }
    }
    Ok(forget_from(store, u64::try_from(high).unwrap_or(0)).await?)
}

/// Frees every row from `stream_seq` on for publishing again.
pub(crate) async fn forget_from(store: &Store, stream_seq: u64) -> Result<u64, DbErr> {
    let from = i64::try_from(stream_seq).unwrap_or(i64::MAX);
    let freed = outbox::Entity::update_many()
        .col_expr(outbox::Column::PublishedUs, Expr::value(Value::BigInt(None)))
        .col_expr(outbox::Column::StreamSeq, Expr::value(Value::BigInt(None)))
        .filter(outbox::Column::StreamSeq.gte(from))
        .exec(store.write())
        .await?;
    Ok(freed.rows_affected)
}

#[derive(Debug, FromQueryResult)]
struct Published {
    event_id: sea_orm::prelude::Uuid,
    published_us: i64,
    stream_seq: i64,
}

async fn row_from(store: &Store, stream_seq: i64, newest: bool) -> Result<Option<Published>, DbErr> {
    published_from(stream_seq, newest).into_model::<Published>().one(store.read()).await
}

/// The newest published row, or the first at or above `stream_seq`.
pub(crate) fn published_from(stream_seq: i64, newest: bool) -> Select<outbox::Entity> {
    let query = outbox::Entity::find()
        .select_only()
        .columns([outbox::Column::EventId, outbox::Column::PublishedUs, outbox::Column::StreamSeq])
        .filter(Expr::col(outbox::Column::StreamSeq).is_not_null())
        .filter(outbox::Column::StreamSeq.gte(stream_seq));
    let query = if newest {
        query.order_by_desc(outbox::Column::StreamSeq)
    } else {
        query.order_by_asc(outbox::Column::StreamSeq)
    };
    query.limit(1)
}

async fn holds(broker: &Broker, row: &Published) -> Result<bool, BrokerError> {
    let sequence = u64::try_from(row.stream_seq).unwrap_or(0);
    Ok(broker.event_at(sequence).await? == Some(row.event_id))
}
