//! News of reservations: late, twice and in any order, the newest version stands.

use crate::fixture::{Stage, number, praise, reservation};
use contract::reservation::{ReservationEvent, ReservationV1};
use testing::{SOON, check, eventually};
use uuid::Uuid;

testing::on_every_backend! {
    async fn rule_19_the_newest_version_stands_in_any_order(db: Db) {
        let stage = Stage::set(&db).await;
        let held = ReservationV1 { version: 1, status: "held".into(), ..reservation() };
        let confirmed = ReservationV1 { version: 2, status: "confirmed".into(), ..held.clone() };
        let cancelled = ReservationV1 { version: 3, status: "cancelled".into(), ..held.clone() };
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (order, last) in orders.iter().flat_map(|order| [(order, 2), (order, 1)]) {
            let id = Uuid::now_v7();
            let of = |told: &ReservationV1| ReservationV1 { reservation_id: id, ..told.clone() };
            let events = [
                ReservationEvent::Held(of(&held)),
                ReservationEvent::Confirmed(of(&confirmed)),
                ReservationEvent::Cancelled(of(&cancelled)),
            ];
            for at in order.iter().filter(|at| **at <= last).chain([&0, &last]) {
                stage.tell(events[*at].clone()).await;
            }
            stage.heard().await;
            let answer = stage.replica.post(&praise(&of(&held))).await;
            if last == 1 { answer.expect(201) } else { answer.refused(403, "not-a-guest") };
        }
        stage.end().await;
    }

    async fn news_that_do_not_read_are_parked(db: Db) {
        let stage = Stage::set(&db).await;
        stage.tell(ReservationEvent::State(ReservationV1 { status: "lost".into(), ..reservation() })).await;
        let sql = "SELECT count(*) AS number FROM parked";
        eventually("a parked event", SOON, async || check(number(&stage.store, sql).await, |parked| *parked == 1)).await;
        let stay = stage.stay("mina").await;
        stage.replica.post(&praise(&stay)).await.expect(201);
        stage.end().await;
    }
}
