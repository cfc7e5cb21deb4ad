//! What MariaDB needs that the others do not: a session's settings, and migrations whose changes are committed one by one.

use super::schema::{Migration, note};
use super::{BUSY_SECONDS_MAX, STATEMENTS_MAX, StoreError, dialect::statement, translation::translated};
use sea_orm::sqlx::mysql::{MySql, MySqlConnectOptions};
use sea_orm::sqlx::{self, pool::PoolOptions};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

/// By code points, and a space at the end counts.
pub(super) const COLLATION: &str = "utf8mb4_nopad_bin";
/// How long a start waits while another process changes the schema.
const SCHEMA_SECONDS_MAX: u64 = 60;
/// One lock per database: its name is known to the whole server.
const SCHEMA_LOCK: &str = "concat('yeyak.', md5(database()))";

pub(super) fn options(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options.statement_cache_capacity(STATEMENTS_MAX).collation(COLLATION)
}

/// Every connection refuses what does not fit instead of cutting it off, reads quotes and pipes as the standard says, and sees what is committed, statement by
/// statement, as on Postgres.
pub(super) fn pool_options(options: PoolOptions<MySql>) -> PoolOptions<MySql> {
    options.after_connect(|connection, _| {
        Box::pin(async move {
            let session = format!(
                "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ANSI_QUOTES,PIPES_AS_CONCAT', SESSION tx_isolation = \
                 'READ-COMMITTED', SESSION innodb_lock_wait_timeout = {BUSY_SECONDS_MAX}"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(session)).execute(connection).await.map(|_| ())
        })
    })
}

pub(super) async fn lock_schema(tx: &DatabaseTransaction) -> Result<(), StoreError> {
    let sql = format!("SELECT get_lock({SCHEMA_LOCK}, {SCHEMA_SECONDS_MAX}) AS locked");
    let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    match row.map(|row| row.try_get::<Option<i64>>("", "locked")).transpose()?.flatten() {
        Some(1) => Ok(()),
        Some(_) | None => Err(StoreError::SchemaLocked(SCHEMA_SECONDS_MAX)),
    }
}

pub(super) async fn unlock_schema(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("DO release_lock({SCHEMA_LOCK})")).await.map(|_| ())
}

/// Applies a migration from where an earlier attempt came to, which its notes `<migration>/<statement>` say.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    (before, migration): (&[Migration], &Migration),
    applied: &[String],
    now_us: i64,
) -> Result<(), DbErr> {
    let step = |number: usize| format!("{}/{number}", migration.name);
    for (number, sql) in (1..).zip(translated(before, migration.sql)) {
        if applied.contains(&step(number)) {
            continue;
        }
        // Rows and their note are one transaction; a change of schema may be repeated.
        tx.execute_unprepared("START TRANSACTION").await?;
        tx.execute_unprepared(&sql).await?;
        note(tx, &step(number), now_us).await?;
        tx.execute_unprepared("COMMIT").await?;
    }
    tx.execute_unprepared("START TRANSACTION").await?;
    note(tx, migration.name, now_us).await?;
    let sql = "DELETE FROM migration WHERE name LIKE $1";
    tx.execute_raw(statement(tx, sql, [step_pattern(migration.name).into()])).await?;
    tx.execute_unprepared("COMMIT").await.map(|_| ())
}

fn step_pattern(migration: &str) -> String {
    format!("{migration}/%")
}
