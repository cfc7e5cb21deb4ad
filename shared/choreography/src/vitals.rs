//! What operators are told of a service whether or not the broker answers: what waits, what is parked, what is used up.

use crate::broker::Broker;
use crate::service::Service;
use crate::store::Store;
use crate::table::{outbox, parked};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect, Select};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked at.
const ROUND_MS: u64 = 1_000;
/// Rounds between two looks at how full the stream is.
const STREAM_EVERY: u64 = 15;

/// Runs until `stop`, also in the midst of a look that a silent database does not answer.
pub(crate) async fn run<S: Service>(store: Store, broker: Broker, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(Duration::from_millis(ROUND_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let rounds = async {
        for round in 0_u64.. {
            ticks.tick().await;
            look::<S>(&store, &broker, round).await;
        }
    };
    // Whether it ended by itself or was stopped, nobody waits for an outcome.
    let _stopped = stop.run_until_cancelled(rounds).await;
}

async fn look<S: Service>(store: &Store, broker: &Broker, round: u64) {
    let connected = broker.is_connected();
    metrics::gauge!("yeyak_broker_connected", "service" => S::NAME).set(u8::from(connected));
    for (pool, busy, most) in store.connections() {
        let labels = [("service", S::NAME), ("pool", pool)];
        metrics::gauge!("yeyak_database_connections_busy", &labels).set(busy);
        metrics::gauge!("yeyak_database_connections_max", &labels).set(most);
    }
    if let Err(fault) = tables::<S>(store).await {
        tracing::warn!(%fault, service = S::NAME, "what waits cannot be counted");
    }
    if connected && round.is_multiple_of(STREAM_EVERY) {
        stream(broker).await;
    }
}

/// Counts events that left for the broker; what is published again counts again.
pub(crate) fn count_published<S: Service>(rows: &[&outbox::Model]) {
    let mut kinds = BTreeMap::<&str, u64>::new();
    for row in rows {
        *kinds.entry(&row.kind).or_default() += 1;
    }
    for (kind, count) in kinds {
        metrics::counter!("yeyak_events_published_total", "service" => S::NAME, "event" => kind.to_owned())
            .increment(count);
    }
}

async fn tables<S: Service>(store: &Store) -> Result<(), DbErr> {
    let (depth, oldest_seconds) = waiting(store).await?;
    metrics::gauge!("yeyak_outbox_depth", "service" => S::NAME).set(depth);
    metrics::gauge!("yeyak_outbox_oldest_age_seconds", "service" => S::NAME).set(oldest_seconds);
    let parked = parked::Entity::find().count(store.read()).await?;
    metrics::gauge!("yeyak_parked", "service" => S::NAME).set(u32::try_from(parked).unwrap_or(u32::MAX));
    Ok(())
}

async fn stream(broker: &Broker) {
    match broker.fill().await {
        Ok((bytes, most)) => {
            metrics::gauge!("yeyak_stream_bytes").set(as_float(i64::try_from(bytes).unwrap_or(i64::MAX)));
            metrics::gauge!("yeyak_stream_bytes_max").set(as_float(most));
        }
        Err(fault) => tracing::debug!(%fault, "the stream cannot be measured"),
    }
}

/// How many rows of the outbox wait, and for how many seconds the oldest has.
async fn waiting(store: &Store) -> Result<(f64, f64), DbErr> {
    #[derive(FromQueryResult)]
    struct Waiting {
        depth: i64,
        oldest_us: Option<i64>,
    }
    let waiting = backlog().into_model::<Waiting>().one(store.read()).await?;
    let now_us = store.now(store.read()).await?.as_microsecond();
    Ok(waiting.map_or((0.0, 0.0), |waiting| {
        (as_float(waiting.depth), waiting.oldest_us.map_or(0.0, |oldest| as_float(now_us - oldest) / 1e6))
    }))
}

/// What waits, by a column that the index of waiting rows holds: servers answer from it alone, however many there are.
pub(crate) fn backlog() -> Select<outbox::Entity> {
    outbox::Entity::find()
        .select_only()
        .column_as(outbox::Column::CreatedUs.count(), "depth")
        .column_as(outbox::Column::CreatedUs.min(), "oldest_us")
        .filter(outbox::Column::PublishedUs.is_null())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; 2^53 rows, bytes or microseconds are beyond any of them")]
fn as_float(count: i64) -> f64 {
    count as f64
}
