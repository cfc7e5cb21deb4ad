//! One service's database: a writing connection, reading connections, the clock and the schema.

mod dialect;
mod mariadb;
mod schema;
mod translation;

pub use dialect::{brought, insert_new, rows_of, statement, sum_of, upsert_where};
pub use schema::Migration;

use jiff::Timestamp;
use kernel::Clock;
use sea_orm::sqlx;
use sea_orm::sqlx::mysql::MySqlDatabaseError;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use std::borrow::Cow;
use std::time::Duration;
use thiserror::Error;

/// Why a store cannot be opened or is not the one this program knows.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the database URL must begin with sqlite:, postgres: or mariadb: (or mysql:)")]
    Scheme,
    #[error("the schema lacks migration `{0}`")]
    OlderSchema(&'static str),
    #[error(
        "this database belongs to another service: it has the migration `{0}`; each service needs a database of its own"
    )]
    OtherService(String),
    #[error("another process has been changing the schema for {0} s")]
    SchemaLocked(u64),
    #[error("the database")]
    Database(#[from] DbErr),
}

impl StoreError {
    /// Whether the server answered, and has no database of that name.
    #[must_use]
    pub fn is_no_such_database(&self) -> bool {
        let Self::Database(DbErr::Conn(RuntimeErr::SqlxError(cause))) = self else { return false };
        let Some(answer) = cause.as_database_error() else { return false };
        match answer.try_downcast_ref::<MySqlDatabaseError>() {
            Some(answer) => answer.number() == 1049,
            None => answer.code().as_deref() == Some("3D000"),
        }
    }
}

/// Which engine a store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Backend {
    /// The engine that a database URL names.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mariadb" | "mysql" => Some(Self::MariaDb),
            _ => None,
        }
    }
}

/// Reading connections of one process.
const READERS_MAX: u32 = 6;
/// How long a write may wait for a connection.
const ACQUIRE_SECONDS_MAX: u64 = 10;
/// How long a question may: who waits longer behind others is better told to come back.
const READ_ACQUIRE_SECONDS_MAX: u64 = 3;
/// Prepared statements that a connection to a server keeps.
const STATEMENTS_MAX: usize = 512;
/// How long SQLite waits for another process's lock.
const BUSY_SECONDS_MAX: u64 = 10;

/// A service's own database.
#[derive(Clone, Debug)]
pub struct Store {
    write: DatabaseConnection,
    read: DatabaseConnection,
    clock: Clock,
    backend: Backend,
}

impl Store {
    /// Opens `url` (`sqlite:PATH`, `postgres://…` or `mariadb://…`). An SQLite file is created where it is missing.
    ///
    /// # Errors
    /// Another scheme, or a database that cannot be reached.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let backend = Backend::of(url).ok_or(StoreError::Scheme)?;
        // One writer per process; a server gets a second connection for leases and housekeeping.
        let writers = if backend == Backend::Sqlite { 1 } else { 2 };
        let write = connect(url, writers, ACQUIRE_SECONDS_MAX).await?;
        let read = connect(url, READERS_MAX, READ_ACQUIRE_SECONDS_MAX).await?;
        Ok(Self { write, read, clock, backend })
    }

    /// Connections for queries.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The connection for small writes outside the writer: leases, housekeeping.
    #[must_use]
    pub const fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The connections of each pool, by what it is for: (busy, most).
    pub(crate) fn connections(&self) -> [(&'static str, u32, u32); 2] {
        let used = |connection: &DatabaseConnection| match self.backend {
            Backend::Sqlite => used(connection.get_sqlite_connection_pool()),
            Backend::Postgres => used(connection.get_postgres_connection_pool()),
            Backend::MariaDb => used(connection.get_mysql_connection_pool()),
        };
        [("read", &self.read), ("write", &self.write)].map(|(pool, connection)| {
            let (busy, most) = used(connection);
            (pool, busy, most)
        })
    }

    /// A write transaction. On SQLite it takes the file's lock at once, so that it cannot fail half-way.
    ///
    /// # Errors
    /// The database cannot be reached, or stayed locked.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = match self.backend {
            Backend::Sqlite => Some(SqliteTransactionMode::Immediate),
            Backend::Postgres | Backend::MariaDb => None,
        };
        self.write.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() }).await
    }

    /// The database's clock: the engine's own, or the host's for SQLite. Microseconds.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn now<C: ConnectionTrait>(&self, connection: &C) -> Result<Timestamp, DbErr> {
        let sql = match self.backend {
            Backend::Sqlite => return Ok(self.clock.now()),
            Backend::Postgres => "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint AS now_us",
            Backend::MariaDb => "SELECT CAST(unix_timestamp(now(6)) * 1000000 AS SIGNED) AS now_us",
        };
        let row = connection
            .query_one_raw(Statement::from_string(connection.get_database_backend(), sql))
            .await?
            .ok_or_else(|| DbErr::Custom("the clock gave no row".into()))?;
        timestamp(row.try_get("", "now_us")?)
    }
}

fn used<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> (u32, u32) {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    (pool.size().saturating_sub(idle), pool.options().get_max_connections())
}

/// A database's microseconds as a timestamp.
pub(crate) fn timestamp(us: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(us).map_err(|fault| DbErr::Type(fault.to_string()))
}

async fn connect(url: &str, connections_max: u32, acquire_seconds_max: u64) -> Result<DatabaseConnection, DbErr> {
    // The driver knows MariaDB by the older name only.
    let url = url.strip_prefix("mariadb:").map_or(Cow::Borrowed(url), |rest| format!("mysql:{rest}").into());
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(acquire_seconds_max))
        .connect_timeout(Duration::from_secs(ACQUIRE_SECONDS_MAX))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|postgres| {
            // Prepared plans outlive the size that a table had when they were made: one made on an empty table reads
            // it whole for ever after. All our queries name keys or index ranges, so the index is always right.
            let by_index = [("enable_seqscan", "off"), ("jit", "off")];
            postgres.statement_cache_capacity(STATEMENTS_MAX).options(by_index)
        })
        .map_sqlx_mysql_opts(mariadb::options)
        .map_sqlx_mysql_pool_opts(mariadb::pool_options)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(BUSY_SECONDS_MAX))
        });
    // Boxed: with three drivers in it, it is deeper than the compiler looks from a test.
    Box::pin(Database::connect(options)).await
}
