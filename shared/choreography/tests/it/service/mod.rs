//! Two tiny services: `counter` adds and tells, `tally` hears and adds.
pub mod counter;
pub mod tally;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};

/// Runs one statement with values.
pub async fn write(tx: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<(), DbErr> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await.map(|_| ())
}
