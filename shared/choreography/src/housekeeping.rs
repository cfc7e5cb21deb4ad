//! What keeps the tables small: rows past their time are deleted in pieces, by one replica at a time.

use crate::service::Service;
use crate::store::{Backend, Store, insert_new, statement};
use crate::table::lease as table;
use crate::table::parked;
use jiff::SignedDuration;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, Statement,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often old rows are looked for.
const ROUND_SECONDS: u64 = 30;
/// Rows deleted by one statement.
const PIECE_ROWS_MAX: i64 = 1_000;
/// Pieces of one table in one round.
const PIECES_MAX: usize = 200;
/// Published events stay for healing.
const OUTBOX_DAYS: i64 = 7;
/// Ids stay longer than any event can still arrive: outbox, stream and a day.
const INBOX_DAYS: i64 = 22;
/// Answers that stand are kept for their keys.
const KEY_HOURS: i64 = 24;
const LEASE: &str = "housekeeping";

/// A table whose rows have their time, which an index finds.
pub(crate) struct Aging {
    table: &'static str,
    key: &'static str,
    at: &'static str,
}

/// With the hours that its rows stay.
pub(crate) const AGING: [(Aging, i64); 3] = [
    (Aging { table: "outbox", key: "batch, position", at: "published_us" }, OUTBOX_DAYS * 24),
    (Aging { table: "inbox", key: "event_id", at: "received_us" }, INBOX_DAYS * 24),
    (Aging { table: "idempotency", key: "key_id", at: "opened_us" }, KEY_HOURS),
];

impl Aging {
    /// Deletes some of its rows from before then.
    pub(crate) fn piece(&self, store: &Store, before_us: i64) -> Statement {
        let Self { table, key, at } = self;
        let old = format!("{table} WHERE {at} < $1");
        let sql = match store.backend() {
            Backend::Sqlite | Backend::Postgres => {
                format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {old} LIMIT $2)")
            }
            Backend::MariaDb => format!("DELETE FROM {old} LIMIT $2"),
        };
        statement(store.write(), &sql, [before_us.into(), PIECE_ROWS_MAX.into()])
    }
}

/// Runs until `stop`.
pub(crate) async fn run<S: Service>(store: Store, replica: Uuid, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(Duration::from_secs(ROUND_SECONDS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(fault) = round(&store, replica).await {
            tracing::warn!(%fault, service = S::NAME, "housekeeping");
        }
    }
}

async fn round(store: &Store, replica: Uuid) -> Result<(), DbErr> {
    let ttl = SignedDuration::from_secs(2 * i64::try_from(ROUND_SECONDS).unwrap_or(30));
    if !lease(store, LEASE, replica, ttl).await? {
        return Ok(());
    }
    let now = store.now(store.read()).await?;
    let before = |hours: i64| (now - SignedDuration::from_hours(hours)).as_microsecond();
    for (aging, hours) in AGING {
        delete(store, &aging, before(hours)).await?;
    }
    Ok(())
}

async fn delete(store: &Store, aging: &Aging, before_us: i64) -> Result<(), DbErr> {
    for _ in 0..PIECES_MAX {
        let piece = aging.piece(store, before_us);
        if store.write().execute_raw(piece).await?.rows_affected() == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// Takes or renews the lease `name` for `owner`, by the database's clock; false while another holds it.
///
/// # Errors
/// The database cannot be reached.
pub async fn lease(store: &Store, name: &str, owner: Uuid, ttl: SignedDuration) -> Result<bool, DbErr> {
    let now = store.now(store.write()).await?;
    let row = table::Model { name: name.to_owned(), owner, expires_us: (now + ttl).as_microsecond() };
    let free = Condition::any()
        .add(Expr::col((table::Entity, table::Column::Owner)).eq(owner))
        .add(Expr::col((table::Entity, table::Column::ExpiresUs)).lt(now.as_microsecond()));
    if store.backend() == Backend::MariaDb {
        return take(store.write(), row, free).await;
    }
    let taken = table::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(table::Column::Name)
                .update_columns([table::Column::Owner, table::Column::ExpiresUs])
                .action_cond_where(free)
                .to_owned(),
        )
        .exec_without_returning(store.write())
        .await?;
    Ok(taken > 0)
}

/// Takes a lease on MariaDB, whose upsert knows no condition: where the row is not there, one of several inserts it.
async fn take(connection: &DatabaseConnection, row: table::Model, free: Condition) -> Result<bool, DbErr> {
    let taken = table::Entity::update_many()
        .col_expr(table::Column::Owner, Expr::value(row.owner))
        .col_expr(table::Column::ExpiresUs, Expr::value(row.expires_us))
        .filter(table::Column::Name.eq(row.name.as_str()))
        .filter(free)
        .exec(connection)
        .await?;
    Ok(taken.rows_affected > 0 || !insert_new(connection, vec![row.into_active_model()]).await?.is_empty())
}

/// Gives the lease `name` back, if it is `owner`'s, so that another need not wait until it expires.
///
/// # Errors
/// The database cannot be reached.
pub async fn release(store: &Store, name: &str, owner: Uuid) -> Result<(), DbErr> {
    table::Entity::delete_many()
        .filter(table::Column::Name.eq(name))
        .filter(table::Column::Owner.eq(owner))
        .exec(store.write())
        .await?;
    Ok(())
}

/// Whether a parked row with this id exists, for the admin call.
pub(crate) async fn parked_row(store: &Store, event_id: Uuid) -> Result<Option<parked::Model>, DbErr> {
    parked::Entity::find().filter(parked::Column::EventId.eq(event_id)).one(store.read()).await
}
