//! Whatever order events come in, cut into whatever batches, the databases hold the same in the end.

use super::entity::{history, line_view, offering_view, reservation_view, review_view, ticket_view};
use super::table::Table;
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

/// The rows of a generation in all tables, as if they were of the first.
#[derive(Debug, PartialEq)]
struct Rows {
    offerings: Vec<offering_view::Model>,
    reservations: Vec<reservation_view::Model>,
    tickets: Vec<ticket_view::Model>,
    lines: Vec<line_view::Model>,
    reviews: Vec<review_view::Model>,
}

async fn rows_of<E: Table>(store: &Store, generation: i64) -> Vec<E::Model> {
    let query = E::find().filter(E::GENERATION.eq(generation)).order_by_asc(E::ID);
    query.all(store.read()).await.unwrap().into_iter().map(|row| E::renewed(row, 1)).collect()
}

async fn rows(store: &Store, generation: i64) -> Rows {
    Rows {
        offerings: rows_of::<offering_view::Entity>(store, generation).await,
        reservations: rows_of::<reservation_view::Entity>(store, generation).await,
        tickets: rows_of::<ticket_view::Entity>(store, generation).await,
        lines: rows_of::<line_view::Entity>(store, generation).await,
        reviews: rows_of::<review_view::Entity>(store, generation).await,
    }
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

testing::on_every_backend! {
    async fn rule19_any_order_with_duplicates_gives_the_identical_rows(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(MIGRATIONS).await.unwrap();
        apply(&store, 1, &told()).await;
        let wanted = rows(&store, 1).await;
        assert_eq!((wanted.offerings.len(), wanted.lines.len()), (2, 1));
        assert!(wanted.offerings.iter().all(|row| row.version == 3 && row.status == "retired"));
        let newest: Vec<(i64, i64)> = wanted.reservations.iter().map(|row| (row.version, row.payment_version)).collect();
        assert_eq!(newest, [(4, 3), (4, 3), (4, 0), (0, 3)]);
        let newest: Vec<(i64, i64)> = wanted.tickets.iter().map(|row| (row.version, row.party_version)).collect();
        assert_eq!(newest, [(4, 2), (0, 2), (4, 0)]);
        assert_eq!(wanted.reviews.iter().map(|row| (row.version, row.rating)).collect::<Vec<_>>(), [(2, 5)]);
        let history = history::Entity::find().order_by_asc(history::Column::Id).all(store.read()).await.unwrap();
        assert_eq!(history.len(), 45);
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
