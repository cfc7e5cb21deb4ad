//! One service's database: a writing connection, reading connections, the clock and the schema.

use jiff::Timestamp;
use kernel::Clock;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;

/// Why a store cannot be opened or is not the one this program knows.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the database URL must begin with sqlite: or postgres:")]
    Scheme,
    #[error("the schema lacks migration `{0}`")]
    OlderSchema(&'static str),
    #[error(
        "this database belongs to another service: it has the migration `{0}`; each service needs a database of its own"
    )]
    OtherService(String),
    #[error("the database")]
    Database(#[from] DbErr),
}

/// Which engine a store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A forward-only step of a schema, in SQL that every supported engine reads; statements end with `;`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Unique, and sorted like the order of application.
    pub name: &'static str,
    pub sql: &'static str,
}

/// Reading connections of one process.
const READERS_MAX: u32 = 6;
/// How long a write may wait for a connection.
const ACQUIRE_SECONDS_MAX: u64 = 10;
/// How long a question may: who waits longer behind others is better told to come back.
const READ_ACQUIRE_SECONDS_MAX: u64 = 3;
/// Prepared statements that a Postgres connection keeps.
const STATEMENTS_MAX: usize = 512;
/// How long SQLite waits for another process's lock.
const BUSY_SECONDS_MAX: u64 = 10;
/// The advisory lock under which a schema changes ("yeyak" in ASCII).
const MIGRATION_LOCK: i64 = 0x79_65_79_61_6b;

/// A service's own database.
#[derive(Clone, Debug)]
pub struct Store {
    write: DatabaseConnection,
    read: DatabaseConnection,
    clock: Clock,
    backend: Backend,
}

impl Store {
    /// Opens `url` (`sqlite:PATH` or `postgres://…`). An SQLite file is created where it is missing.
    ///
    /// # Errors
    /// Another scheme, or a database that cannot be reached.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let backend = if url.starts_with("sqlite:") {
            Backend::Sqlite
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Backend::Postgres
        } else {
            return Err(StoreError::Scheme);
        };
        // One writer per process; Postgres gets a second connection for leases and housekeeping.
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

    /// A write transaction. On SQLite it takes the file's lock at once, so that it cannot fail half-way.
    ///
    /// # Errors
    /// The database cannot be reached, or stayed locked.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = match self.backend {
            Backend::Sqlite => Some(SqliteTransactionMode::Immediate),
            Backend::Postgres => None,
        };
        self.write.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() }).await
    }

    /// The database's clock: the engine's own, or the host's for SQLite. Microseconds.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn now<C: ConnectionTrait>(&self, connection: &C) -> Result<Timestamp, DbErr> {
        match self.backend {
            Backend::Sqlite => Ok(self.clock.now()),
            Backend::Postgres => {
                let sql = "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint AS now_us";
                let row = connection
                    .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
                    .await?
                    .ok_or_else(|| DbErr::Custom("the clock gave no row".into()))?;
                timestamp(row.try_get("", "now_us")?)
            }
        }
    }

    /// Applies what is missing of `migrations`, under a lock, so that several replicas may start at once.
    ///
    /// # Errors
    /// A statement that the engine refuses; the step it belongs to is not applied then. [`StoreError::OtherService`]
    /// where another service lives: two would take each other's events for their own repeats.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if self.backend == Backend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        }
        tx.execute_unprepared(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_us bigint NOT NULL)",
        )
        .await?;
        let now_us = self.now(&tx).await?.as_microsecond();
        let applied = applied(&tx).await?;
        let own = [crate::table::MIGRATIONS, migrations].map(|own| own.first().map(|first| service_of(first.name)));
        if let (Some(_), Some(foreign)) = (own[1], applied.iter().find(|name| !own.contains(&Some(service_of(name))))) {
            return Err(StoreError::OtherService(foreign.clone()));
        }
        for migration in crate::table::MIGRATIONS.iter().chain(migrations) {
            if !applied.iter().any(|name| name == migration.name) {
                tx.execute_unprepared(migration.sql).await?;
                let note = Statement::from_sql_and_values(
                    tx.get_database_backend(),
                    "INSERT INTO migration (name, applied_us) VALUES ($1, $2)",
                    [migration.name.into(), now_us.into()],
                );
                tx.execute_raw(note).await?;
            }
        }
        if identity(&tx).await?.is_none() {
            let sql = "INSERT INTO identity (id) VALUES ($1)";
            let born = Statement::from_sql_and_values(tx.get_database_backend(), sql, [Uuid::now_v7().into()]);
            tx.execute_raw(born).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What tells this database from every other: made once, with its schema.
    pub(crate) async fn identity(&self) -> Result<Uuid, DbErr> {
        identity(&self.read).await?.ok_or_else(|| DbErr::Custom("the schema is not there yet".into()))
    }

    /// Checks that every one of `migrations` has been applied.
    ///
    /// # Errors
    /// [`StoreError::OlderSchema`] names the first that is missing.
    pub async fn is_current(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let applied = applied(&self.read).await?;
        crate::table::MIGRATIONS
            .iter()
            .chain(migrations)
            .find(|migration| !applied.iter().any(|name| name == migration.name))
            .map_or(Ok(()), |missing| Err(StoreError::OlderSchema(missing.name)))
    }
}

/// A database's microseconds as a timestamp.
pub(crate) fn timestamp(us: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(us).map_err(|fault| DbErr::Type(fault.to_string()))
}

/// A migration is named `<service>-<number>`.
fn service_of(migration: &str) -> &str {
    migration.rsplit_once('-').map_or(migration, |(service, _)| service)
}

async fn identity<C: ConnectionTrait>(connection: &C) -> Result<Option<Uuid>, DbErr> {
    let query = Statement::from_string(connection.get_database_backend(), "SELECT id FROM identity");
    connection.query_one_raw(query).await?.map(|row| row.try_get("", "id")).transpose()
}

async fn applied<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, DbErr> {
    let query = Statement::from_string(connection.get_database_backend(), "SELECT name FROM migration");
    connection.query_all_raw(query).await?.iter().map(|row| row.try_get("", "name")).collect()
}

async fn connect(url: &str, connections_max: u32, acquire_seconds_max: u64) -> Result<DatabaseConnection, DbErr> {
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
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(BUSY_SECONDS_MAX))
        });
    Database::connect(options).await
}
