//! The schema: applied once by however many start at once, and missed when it is older.
use crate::platform::number;
use crate::service::counter::MIGRATIONS;
use choreography::{Migration, Store, StoreError};
use futures_util::future::join_all;
use kernel::Clock;
use testing::Backend;

const LATER: Migration = Migration { name: "counter-0002", sql: "CREATE TABLE later (id integer PRIMARY KEY);" };

testing::on_every_backend! {
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
        let older = store.is_current(&[MIGRATIONS[0], LATER, broken]).await.unwrap_err();
        // MariaDB commits each change of a schema at once, so the step before stands there.
        let missing = if db.backend == Backend::MariaDb { "counter-0003" } else { "counter-0002" };
        assert!(matches!(older, StoreError::OlderSchema(name) if name == missing), "{older}");
        store.migrate(&with_later).await.unwrap();
        store.is_current(&with_later).await.unwrap();
    }

    async fn a_step_that_broke_off_is_finished_and_no_row_of_it_comes_twice(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        let half = "CREATE TABLE half (id integer); INSERT INTO half (id) VALUES (1); ALTER TABLE half ADD COLUMN note text;";
        let broken = format!("{half} CREATE TABEL;");
        let broken = Migration { name: "counter-0001", sql: broken.leak() };
        assert!(store.migrate(&[broken]).await.is_err());
        let mended = format!("{half} INSERT INTO half (id) VALUES (2);");
        let mended = [Migration { name: "counter-0001", sql: mended.leak() }];
        store.migrate(&mended).await.unwrap();
        store.is_current(&mended).await.unwrap();
        assert_eq!(number(&store, "SELECT CAST(sum(id) AS bigint) FROM half").await, 3);
        assert_eq!(number(&store, "SELECT count(*) FROM migration").await, 3, "nothing is left of the steps' notes");
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
