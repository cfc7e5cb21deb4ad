//! How an engine answers a question: from where an index is entered, or by reading everything.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};

/// Asserts that the engine answers `question` from `index`, which it enters by all columns up to `column`.
///
/// # Panics
/// When it reads more than that: tells its plan.
pub async fn assert_looked_up(connection: &DatabaseConnection, question: Statement, index: &str, column: &str) {
    let engine = question.db_backend;
    let plan = plan(connection, question).await;
    let says = |words: &str| plan.lines().any(|line| line.contains(words) && line.contains(column));
    let is_entered = match engine {
        // A condition that does not narrow the index is a filter.
        DbBackend::Postgres => !plan.contains("Filter: "),
        DbBackend::MySql => says("\"used_key_parts\": ") && !plan.contains("\"access_type\": \"index\""),
        _ => says(&format!("INDEX {index} (")),
    };
    assert!(is_entered && plan.contains(index), "{index} by {column}: {plan}");
}

/// The engine's plan for `question`. Postgres reads a whole table only where it has to, since those of tests are small.
async fn plan(connection: &DatabaseConnection, question: Statement) -> String {
    let (how, column) = match question.db_backend {
        DbBackend::Postgres => ("EXPLAIN (COSTS OFF)", "QUERY PLAN"),
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        DbBackend::MySql => ("EXPLAIN FORMAT=JSON", "EXPLAIN"),
        other => panic!("{other:?} is not an engine of ours"),
    };
    let question = Statement { sql: format!("{how} {}", question.sql), ..question };
    let tx = connection.begin().await.unwrap();
    if question.db_backend == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
    }
    let steps = tx.query_all_raw(question).await.unwrap();
    let steps: Vec<String> = steps.iter().map(|step| step.try_get("", column).unwrap()).collect();
    steps.join("\n")
}
