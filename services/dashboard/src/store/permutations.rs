//! Whatever order events come in, cut into whatever batches, the databases hold the same in the end.

use super::entity::{history, offering_view, reservation_view};
use super::{MIGRATIONS, save};
use crate::sample::told;
use crate::working::{Batch, Command};
use choreography::Store;
use kernel::Clock;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Orders that each database is given.
const ORDERS: i64 = 60;

/// The rows of a generation, as if they were of the first.
async fn rows(store: &Store, generation: i64) -> (Vec<offering_view::Model>, Vec<reservation_view::Model>) {
    let offerings = offering_view::Entity::find()
        .filter(offering_view::Column::Generation.eq(generation))
        .order_by_asc(offering_view::Column::OfferingId);
    let reservations = reservation_view::Entity::find()
        .filter(reservation_view::Column::Generation.eq(generation))
        .order_by_asc(reservation_view::Column::ReservationId);
    let offerings = offerings.all(store.read()).await.unwrap();
    let reservations = reservations.all(store.read()).await.unwrap();
    (
        offerings.into_iter().map(|row| offering_view::Model { generation: 1, ..row }).collect(),
        reservations.into_iter().map(|row| reservation_view::Model { generation: 1, ..row }).collect(),
    )
}

async fn apply(store: &Store, generation: i64, commands: &[Command]) {
    let mut batch = Batch::default();
    for command in commands {
        batch.take_in(command.clone());
    }
    let tx = store.begin().await.unwrap();
    save(&tx, &[generation], batch).await.unwrap();
    tx.commit().await.unwrap();
}

testing::on_each_backend! {
    async fn rule19_any_order_with_duplicates_gives_the_identical_rows(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(MIGRATIONS).await.unwrap();
        apply(&store, 1, &told()).await;
        let wanted = rows(&store, 1).await;
        assert_eq!((wanted.0.len(), wanted.1.len()), (2, 4));
        assert!(wanted.0.iter().all(|row| row.version == 3 && row.status == "retired"));
        let newest: Vec<(i64, i64)> = wanted.1.iter().map(|row| (row.version, row.payment_version)).collect();
        assert_eq!(newest, [(4, 3), (4, 3), (4, 0), (0, 3)]);
        let history = history::Entity::find().order_by_asc(history::Column::Id).all(store.read()).await.unwrap();
        assert_eq!(history.len(), 27);
        let orders = (Just(told()).prop_shuffle(), 1..9_usize);
        let mut runner = TestRunner::deterministic();
        for generation in 2..2 + ORDERS {
            let (commands, batch) = orders.new_tree(&mut runner).unwrap().current();
            for commands in commands.chunks(batch) {
                apply(&store, generation, commands).await;
            }
            assert_eq!(rows(&store, generation).await, wanted, "batches of {batch}: {commands:#?}");
        }
        let again = history::Entity::find().order_by_asc(history::Column::Id).all(store.read()).await.unwrap();
        assert_eq!(again, history);
    }
}
