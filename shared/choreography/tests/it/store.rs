//! The schema: applied once by however many start at once, and missed when it is older.
use crate::service::counter::MIGRATIONS;
use choreography::{Migration, Store, StoreError};
use futures_util::future::join_all;
use kernel::Clock;

const LATER: Migration = Migration { name: "counter-0002", sql: "CREATE TABLE later (id integer PRIMARY KEY);" };

testing::on_each_backend! {
    async fn replicas_that_start_at_once_migrate_once(db: Db) {
        let migrate = |_| async {
            let store = Store::open(&db.url, Clock::system()).await?;
            store.migrate(MIGRATIONS).await?;
            store.is_current(MIGRATIONS).await
        };
        for outcome in join_all((0..6).map(migrate)).await {
            outcome.unwrap();
        }
    }

    async fn an_older_schema_is_told_and_a_broken_step_leaves_nothing(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(MIGRATIONS).await.unwrap();
        let with_later = [MIGRATIONS[0], LATER];
        let older = store.is_current(&with_later).await.unwrap_err();
        assert!(matches!(older, StoreError::OlderSchema("counter-0002")), "{older}");
        let broken = Migration { name: "counter-0003", sql: "CREATE TABLE half (id integer); CREATE TABEL;" };
        assert!(store.migrate(&[MIGRATIONS[0], LATER, broken]).await.is_err());
        let older = store.is_current(&with_later).await.unwrap_err();
        assert!(matches!(older, StoreError::OlderSchema("counter-0002")), "{older}");
        store.migrate(&with_later).await.unwrap();
        store.is_current(&with_later).await.unwrap();
    }

    async fn a_database_takes_one_service(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(MIGRATIONS).await.unwrap();
        let other = Migration { name: "tally-0001", sql: "CREATE TABLE other (id integer PRIMARY KEY);" };
        let refused = store.migrate(&[other]).await.unwrap_err();
        assert!(matches!(&refused, StoreError::OtherService(name) if name == "counter-0001"), "{refused}");
        assert!(refused.to_string().contains("a database of its own"), "{refused}");
        store.is_current(MIGRATIONS).await.unwrap();
    }
}
