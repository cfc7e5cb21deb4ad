//! Batches, rebuilds and readers at the same time, step by step.

use super::{
    MIGRATIONS, Stage, VIEW_TABLES, View, Wanted, Whose, begin, clear, copy, generations, read_out, save, switch,
    unfinished,
};
use crate::sample::told;
use crate::working::Batch;
use choreography::Store;
use kernel::Clock;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// How long what must wait is watched.
const WATCH: Duration = Duration::from_millis(200);

/// Two processes' connections to one database that holds what was told.
async fn stores(url: &str) -> (Store, Store) {
    let store = Store::open(url, Clock::system()).await.unwrap();
    store.migrate(MIGRATIONS).await.unwrap();
    let tx = store.begin().await.unwrap();
    save(&tx, &generations(&tx).await.unwrap(), batch()).await.unwrap();
    tx.commit().await.unwrap();
    (store, Store::open(url, Clock::system()).await.unwrap())
}

fn batch() -> Batch {
    let mut batch = Batch::default();
    for command in told() {
        batch.take_in(command);
    }
    batch
}

testing::on_every_backend! {
    async fn a_rebuild_begins_and_switches_only_between_batches(db: Db) {
        let (store, other) = stores(&db.url).await;
        let tx = store.begin().await.unwrap();
        assert_eq!(generations(&tx).await.unwrap(), [1]);
        let mut beginning = pin!(begin(&other));
        assert!(timeout(WATCH, &mut beginning).await.is_err(), "begun while a batch wrote the old generation only");
        tx.commit().await.unwrap();
        let rebuild = beginning.await.unwrap().unwrap();
        assert_eq!(begin(&other).await.unwrap(), None);

        let tx = store.begin().await.unwrap();
        assert_eq!(generations(&tx).await.unwrap(), [1, 2]);
        let mut switching = pin!(switch(&other, rebuild));
        assert!(timeout(WATCH, &mut switching).await.is_err(), "switched while a batch wrote both generations");
        tx.commit().await.unwrap();
        assert_eq!(switching.await.unwrap().stage, Stage::Clearing);
        let tx = store.begin().await.unwrap();
        assert_eq!(generations(&tx).await.unwrap(), [2]);
        tx.rollback().await.unwrap();
        // A replica that slept through all this changes nothing any more.
        assert!(switch(&other, rebuild).await.is_err(), "switched twice");
        assert!(read_out(&other, rebuild).await.is_err(), "taken back");
        assert!(copy(&other, rebuild, VIEW_TABLES[0], None).await.is_err(), "written to what is read");
        assert_eq!(unfinished(&store).await.unwrap().unwrap().stage, Stage::Clearing);
    }

    async fn a_reader_sees_one_generation_while_it_is_replaced_and_deleted(db: Db) {
        let (store, other) = stores(&db.url).await;
        let view = View::open(&store).await.unwrap();
        let before = view.reservations(&Wanted::all(Whose::Business("seaside")), None, 200).await.unwrap();
        let totals = view.of_business("seaside").await.unwrap();
        assert_eq!(before.rows.len(), 3);

        let rebuild = read_out(&other, begin(&other).await.unwrap().unwrap()).await.unwrap();
        for view in VIEW_TABLES {
            assert_eq!(copy(&other, rebuild, view, None).await.unwrap(), None);
        }
        let mut rebuild = switch(&other, rebuild).await.unwrap();
        while rebuild.stage != Stage::Done {
            rebuild = clear(&other, rebuild).await.unwrap();
        }

        assert_eq!(view.reservations(&Wanted::all(Whose::Business("seaside")), None, 200).await.unwrap(), before);
        assert_eq!(view.of_business("seaside").await.unwrap(), totals);
        view.close().await.unwrap();
        let view = View::open(&store).await.unwrap();
        let after = view.reservations(&Wanted::all(Whose::Business("seaside")), None, 200).await.unwrap();
        assert!(after.rows.iter().all(|row| row.generation == 2));
        assert_eq!(view.of_business("seaside").await.unwrap(), totals);
        view.close().await.unwrap();
    }
}
