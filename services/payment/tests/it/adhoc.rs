//! Ad hoc.
use crate::fixture::{Stage, held};
use contract::reservation::ReservationEvent;
use futures_util::future::join_all;
use testing::{Backend, database, eventually, check};
use std::time::{Duration, Instant};

#[test]
fn adhoc_load() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
    testing::run(async {
        let db = database(backend).await;
        let stage = Stage::set(&db).await;
        let start = Instant::now();
        for _ in 0..3 {
        join_all((0..2000).map(|_| stage.tell(ReservationEvent::Held(held("by_event", "card-ok"))))).await;
        }
        println!("{backend:?} told {:?}", start.elapsed());
        eventually("all", Duration::from_secs(120), async || {
            check(stage.replica.count().await, |n| *n == 6000)
        }).await;
        println!("{backend:?} captured {:?}", start.elapsed());
        let start = Instant::now();
        for _ in 0..10 {
        let a = join_all((0..300).map(|_| stage.replica.capture(uuid::Uuid::now_v7(), "card-ok"))).await;
        assert!(a.iter().all(|(s, _)| s.as_u16() == 201));
        }
        println!("{backend:?} 3000 sync {:?}", start.elapsed());
    });
    }
}
