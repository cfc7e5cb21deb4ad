//! The schema: forward-only steps, each applied once by however many replicas start at once.

use super::{Backend, Store, StoreError, dialect::statement, mariadb, translation::translated};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use uuid::Uuid;

/// A forward-only step of a schema, in SQL that SQLite and Postgres read and that is translated for MariaDB; statements
/// end with `;`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Unique, and sorted like the order of application.
    pub name: &'static str,
    pub sql: &'static str,
}

/// The advisory lock under which a schema changes ("yeyak" in ASCII).
const MIGRATION_LOCK: i64 = 0x79_65_79_61_6b;
const NOTES: &str = "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_us bigint NOT NULL);";

impl Store {
    /// Applies what is missing of `migrations`, under a lock, so that several replicas may start at once.
    ///
    /// # Errors
    /// A statement that the engine refuses; the step it belongs to is not applied then (on MariaDB, which cannot undo a
    /// change of schema, it goes on from that statement the next time). [`StoreError::OtherService`] where another
    /// service lives: two would take each other's events for their own repeats.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        match self.backend {
            Backend::Sqlite => self.apply(&tx, migrations).await?,
            Backend::Postgres => {
                tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
                self.apply(&tx, migrations).await?;
            }
            Backend::MariaDb => {
                mariadb::lock_schema(&tx).await?;
                let outcome = self.apply(&tx, migrations).await;
                // This lock is the connection's, which goes back to its pool.
                mariadb::unlock_schema(&tx).await?;
                outcome?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn apply(&self, tx: &DatabaseTransaction, migrations: &[Migration]) -> Result<(), StoreError> {
        for sql in self.statements(NOTES) {
            tx.execute_unprepared(&sql).await?;
        }
        let now_us = self.now(tx).await?.as_microsecond();
        let applied = applied(tx).await?;
        let own = [crate::table::MIGRATIONS, migrations].map(|own| own.first().map(|first| service_of(first.name)));
        if let (Some(_), Some(foreign)) = (own[1], applied.iter().find(|name| !own.contains(&Some(service_of(name))))) {
            return Err(StoreError::OtherService(foreign.clone()));
        }
        let all = [crate::table::MIGRATIONS, migrations].concat();
        for (number, migration) in all.iter().enumerate() {
            if applied.iter().any(|name| name == migration.name) {
                continue;
            }
            if self.backend == Backend::MariaDb {
                mariadb::apply(tx, (&all[..number], migration), &applied, now_us).await?;
            } else {
                tx.execute_unprepared(migration.sql).await?;
                note(tx, migration.name, now_us).await?;
            }
        }
        if identity(tx).await?.is_none() {
            let sql = "INSERT INTO identity (id) VALUES ($1)";
            tx.execute_raw(statement(tx, sql, [Uuid::now_v7().into()])).await?;
        }
        Ok(())
    }

    fn statements(&self, sql: &str) -> Vec<String> {
        if self.backend == Backend::MariaDb { translated(&[], sql) } else { vec![sql.to_owned()] }
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

/// A migration is named `<service>-<number>`.
fn service_of(migration: &str) -> &str {
    migration.rsplit_once('-').map_or(migration, |(service, _)| service)
}

/// Notes a migration as applied.
pub(super) async fn note(tx: &DatabaseTransaction, name: &str, now_us: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO migration (name, applied_us) VALUES ($1, $2)";
    tx.execute_raw(statement(tx, sql, [name.into(), now_us.into()])).await?;
    Ok(())
}

async fn identity<C: ConnectionTrait>(connection: &C) -> Result<Option<Uuid>, DbErr> {
    let query = Statement::from_string(connection.get_database_backend(), "SELECT id FROM identity");
    connection.query_one_raw(query).await?.map(|row| row.try_get("", "id")).transpose()
}

async fn applied<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, DbErr> {
    let query = Statement::from_string(connection.get_database_backend(), "SELECT name FROM migration");
    connection.query_all_raw(query).await?.iter().map(|row| row.try_get("", "name")).collect()
}
