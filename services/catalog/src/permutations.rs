//! Rule 19: whatever the order, the repeats and the batches, the counts are the same.

use crate::news::{BookingNews, News, ReviewNews, Standing};
use crate::store::{self, Activity};
use crate::working::Working;
use choreography::Store;
use kernel::{Clock, OfferingId, Rating, Ratings};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Ratings of each review by version, 0 where it was removed; reviews are of offerings 0, 1, 0, 1 …
const REVIEWS: &[&[i64]] = &[&[5, 3, 4], &[2, 0], &[1, 0, 5], &[4], &[0], &[3, 3, 2, 0, 1]];
/// Standings of each reservation by version.
const BOOKINGS: &[&[Standing]] = &[
    &[Standing::Held, Standing::Booked],
    &[Standing::Held, Standing::Over, Standing::Booked],
    &[Standing::Booked, Standing::Over],
    &[Standing::Held],
    &[Standing::Held, Standing::Booked, Standing::Booked, Standing::Over],
];
/// Orders that each real database is given.
const ORDERS: usize = 40;

fn offering(number: u128) -> OfferingId {
    OfferingId(Uuid::from_u128(900 + number % 2))
}

fn review((number, version, rating): (u128, i64, i64)) -> News {
    News::Review(ReviewNews {
        review: Uuid::from_u128(number).into(),
        version,
        offering: offering(number),
        // A removed review still carries what it gave.
        rating: Rating::try_from(rating.max(1)).unwrap(),
        posted: rating > 0,
    })
}

fn booking((number, version, standing): (u128, i64, Standing)) -> News {
    News::Booking(BookingNews {
        reservation: Uuid::from_u128(number).into(),
        version,
        offering: offering(number),
        standing,
    })
}

fn versions<T: Copy>(lives: &'static [&'static [T]]) -> impl Iterator<Item = (u128, i64, T)> {
    (0..).zip(lives).flat_map(|(number, life)| (1..).zip(*life).map(move |(version, state)| (number, version, *state)))
}

fn news() -> Vec<News> {
    versions(REVIEWS).map(review).chain(versions(BOOKINGS).map(booking)).collect()
}

/// By hand: the last rating and standing of each.
fn expected() -> HashMap<OfferingId, Activity> {
    HashMap::from([
        (offering(0), Activity { ratings: Ratings { count: 2, sum: 9 }, held: 0, booked: 1 }),
        (offering(1), Activity { ratings: Ratings { count: 2, sum: 5 }, held: 1, booked: 1 }),
    ])
}

/// All news at least once, in any order, cut into any batches.
fn batches() -> impl Strategy<Value = Vec<Vec<News>>> {
    let all = news();
    let repeats = proptest::collection::vec(proptest::sample::select(all.clone()), 0..all.len());
    let order = repeats.prop_map(move |repeats| [all.clone(), repeats].concat()).prop_shuffle();
    (order, 1_usize..12).prop_map(|(order, size)| order.chunks(size).map(<[News]>::to_vec).collect())
}

testing::on_every_backend! {
    async fn rule_19_any_order_of_reviews_and_reservations_gives_the_same_counts(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(crate::MIGRATIONS).await.unwrap();
        let mut runner = TestRunner::deterministic();
        for _ in 0..ORDERS {
            for table in ["review", "booking"] {
                store.write().execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
            }
            for batch in batches().new_tree(&mut runner).unwrap().current() {
                let tx = store.begin().await.unwrap();
                let mut working = Working::default();
                batch.iter().for_each(|news| working.hear(news));
                store::save(&tx, working).await.unwrap();
                tx.commit().await.unwrap();
            }
            let found = store::activity(&store, vec![offering(0), offering(1), OfferingId(Uuid::nil())]).await.unwrap();
            assert_eq!(found, expected());
        }
    }
}
