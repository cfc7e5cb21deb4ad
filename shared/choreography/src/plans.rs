//! What is asked again and again is answered from an index, however many rows there are.

use crate::healer::published_from;
use crate::housekeeping::AGING;
use crate::relay::leftovers;
use crate::store::{Backend, Store};
use crate::vitals;
use kernel::Clock;
use sea_orm::{ConnectionTrait, QueryTrait, Statement};

/// The engine's plan, a line per step. On a table that is all but empty, Postgres is led to what it does on a full one.
async fn plan(store: &Store, mut query: Statement) -> Vec<String> {
    let (explain, column) = match store.backend() {
        Backend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Backend::Postgres | Backend::MariaDb => ("EXPLAIN", "QUERY PLAN"),
    };
    let tx = store.begin().await.unwrap();
    if store.backend() == Backend::Postgres {
        tx.execute_unprepared("SET LOCAL enable_bitmapscan = off").await.unwrap();
    }
    query.sql = format!("{explain} {}", query.sql);
    let rows = tx.query_all_raw(query).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

#[test]
fn what_is_asked_periodically_is_answered_from_an_index() {
    for backend in [testing::Backend::Sqlite, testing::Backend::Postgres] {
        testing::run_on(backend, async |db| {
            let store = Store::open(&db.url, Clock::system()).await.unwrap();
            store.migrate(&[]).await.unwrap();
            let backend = store.read().get_database_backend();
            let mut queries: Vec<Statement> = AGING.iter().map(|(aging, _)| aging.piece(&store, 1)).collect();
            queries.extend([true, false].map(|newest| published_from(1, newest).build(backend)));
            queries.extend([leftovers(1).build(backend), vitals::backlog().build(backend)]);
            for query in queries {
                let sql = query.sql.clone();
                let steps = plan(&store, query).await;
                let scans = steps.iter().filter(|step| {
                    let is_whole = step.contains("SCAN ") && !step.contains(" INDEX outbox_waiting");
                    is_whole || ["Seq Scan", "Filter:", "TEMP B-TREE"].iter().any(|sign| step.contains(sign))
                });
                assert_eq!(scans.count(), 0, "{sql}\n{steps:#?}");
            }
            // SQLite looks at the row for the column that the index's condition names.
            let waiting = plan(&store, vitals::backlog().build(backend)).await;
            let from_index = |step: &String| step.contains("Index Only Scan");
            assert!(store.backend() == Backend::Sqlite || waiting.iter().any(from_index), "{waiting:#?}");
        });
    }
}
