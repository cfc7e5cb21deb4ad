//! Two tiny services: `counter` adds and tells, `tally` hears and adds.
pub mod counter;
pub mod tally;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

/// Runs one statement with values.
pub async fn write(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map(|_| ())
}
