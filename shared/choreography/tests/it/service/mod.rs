//! Two tiny services: `counter` adds and tells, `tally` hears and adds.
pub mod counter;
pub mod tally;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

/// Runs one statement with values.
pub async fn write(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    connection.execute_raw(worded(connection, sql, values)).await.map(|_| ())
}

/// A statement in the words of the connection's engine.
pub fn worded(connection: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    if connection.get_database_backend() != DbBackend::MySql {
        return choreography::statement(connection, sql, values);
    }
    let sql = match sql.strip_suffix(" ON CONFLICT DO NOTHING") {
        Some(insert) => insert.replace("INSERT INTO", "INSERT IGNORE INTO"),
        None => sql.replace(" AS bigint)", " AS SIGNED)"),
    };
    choreography::statement(connection, &sql, values)
}
