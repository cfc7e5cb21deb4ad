//! The views made anew while they serve: nothing lost, nothing half, one at a time.

use crate::fixture::Stage;
use crate::sample::{PRICE, changed, held, offering, payment};
use choreography::{Backend, Store};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use futures_util::future::join_all;
use kernel::Clock;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// Where every view can be seen whole.
const VIEWS: [&str; 3] = ["/dashboard/offerings", "/dashboard/guests/mina?limit=200", "/dashboard/businesses/seaside"];

/// How long what must not move is watched; a replica looks after a rebuild each second.
const WATCH: Duration = Duration::from_millis(1_500);
/// Bookings that are told while rebuilds run.
const BUSY: i64 = 150;

/// An offering with `count` bookings, each held, confirmed and paid.
async fn booked(stage: &Stage, count: i64) -> (OfferingV1, Vec<ReservationV1>) {
    let room = offering("seaside", "Double room");
    stage.tell(CatalogEvent::Published(room.clone())).await;
    let bookings: Vec<ReservationV1> = (0..count).map(|minute| held(&room, "mina", minute)).collect();
    for booking in &bookings {
        stage.tell(ReservationEvent::Held(booking.clone())).await;
        stage.tell(PaymentEvent::Captured(payment(booking, 2, "captured", 0))).await;
        stage.tell(ReservationEvent::Confirmed(changed(booking, "confirmed"))).await;
    }
    stage.taken_in().await;
    (room, bookings)
}

async fn views(stage: &Stage) -> Vec<Value> {
    let mut views = Vec::new();
    for path in VIEWS {
        views.push(stage.replica.shows(path).await);
    }
    views
}

fn is_done(rebuild: &Value) -> bool {
    rebuild["state"] == "done"
}

testing::on_every_backend! {
    async fn rule17_what_was_wrong_is_right_after_a_rebuild(db: Db) {
        let stage = Stage::set(&db).await;
        assert_eq!(stage.replica.rebuild().await["state"], "idle");
        booked(&stage, 5).await;
        let before = views(&stage).await;
        let history = stage.replica.number("SELECT count(*) FROM history").await;
        stage.replica.execute("UPDATE reservation_view SET status = 'held', captured = 7").await;
        stage.replica.execute("DELETE FROM offering_view").await;
        stage.replica.execute("DELETE FROM history WHERE kind = 'reservation.held.v1'").await;
        assert_ne!(views(&stage).await, before);
        let begun = stage.replica.begin_rebuild().await.expect(202);
        assert_eq!((&begun["state"], &begun["generation"]), (&json!("running"), &json!(2)));
        let done = stage.replica.rebuild_is("the rebuild is done", is_done).await;
        assert_eq!((&done["events_read"], &done["events_all"]), (&json!(16), &json!(16)));
        assert_eq!(done["serving"], 2);
        assert_eq!(views(&stage).await, before);
        assert_eq!(stage.replica.number("SELECT count(*) FROM history").await, history);
        let of_old = "SELECT (SELECT count(*) FROM reservation_view WHERE generation <> 2) \
                      + (SELECT count(*) FROM offering_view WHERE generation <> 2)";
        assert_eq!(stage.replica.number(of_old).await, 0);
        // And another one.
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("the second is done", |seen| is_done(seen) && seen["serving"] == 3).await;
        assert_eq!(views(&stage).await, before);
        stage.replica.end().await;
    }

    async fn rule17_the_old_views_serve_and_follow_until_the_switch(db: Db) {
        let stage = Stage::with_steps_of(&db, 4).await;
        let (room, bookings) = booked(&stage, 5).await;
        stage.replica.stall("NEW.stage = 'clearing'").await;
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("all but the switch", |seen| seen["stage"] == "copying").await;
        stage.replica.begin_rebuild().await.refused(409, "rebuild-running");
        // Behind what the rebuild reads: only the live consumer brings these into the new generation.
        stage.tell(ReservationEvent::Cancelled(changed(&changed(&bookings[0], "confirmed"), "cancelled"))).await;
        stage.tell(ReservationEvent::Held(held(&room, "mina", 90))).await;
        stage.tell(CatalogEvent::Changed(OfferingV1 { version: 2, units: 9, ..room })).await;
        stage.taken_in().await;
        let served = views(&stage).await;
        assert_eq!(served[0]["offerings"][0]["reservations"], json!({ "cancelled": 1, "confirmed": 4, "held": 1 }));
        assert_eq!(served[0]["offerings"][0]["units"], 9);
        assert_eq!(stage.replica.rebuild().await["serving"], 1);
        stage.replica.let_go().await;
        stage.replica.rebuild_is("the rebuild is done", is_done).await;
        assert_eq!(views(&stage).await, served);
        stage.replica.end().await;
    }

    async fn rule17_a_restart_in_mid_rebuild_goes_on_and_never_serves_half(db: Db) {
        let mut stage = Stage::with_steps_of(&db, 4).await;
        booked(&stage, 5).await;
        let before = views(&stage).await;
        stage.replica.stall("NEW.events_read > 8").await;
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("half is read", |seen| seen["events_read"] == 8).await;
        assert_eq!(views(&stage).await, before);
        let second = stage.another(&db).await;
        std::mem::replace(&mut stage.replica, second).end().await;
        assert_eq!(views(&stage).await, before);
        assert_eq!(stage.replica.rebuild().await["state"], "running");
        stage.replica.let_go().await;
        let done = stage.replica.rebuild_is("the rebuild is done", is_done).await;
        // What had been read was not read again.
        assert_eq!((&done["events_read"], &done["events_all"]), (&json!(16), &json!(16)));
        assert_eq!(views(&stage).await, before);
        stage.replica.end().await;
    }

    async fn what_the_stream_holds_no_longer_is_not_lost(db: Db) {
        let mut stage = Stage::set(&db).await;
        let (room, bookings) = booked(&stage, 3).await;
        // Known by its payment alone.
        stage.tell(PaymentEvent::Captured(payment(&held(&room, "mina", 50), 1, "captured", 0))).await;
        stage.taken_in().await;
        stage.forget().await;
        stage.tell(ReservationEvent::Cancelled(changed(&changed(&bookings[0], "confirmed"), "cancelled"))).await;
        stage.taken_in().await;
        let before = views(&stage).await;
        let rows = stage.replica.number("SELECT count(*) FROM reservation_view").await;
        stage.replica.begin_rebuild().await.expect(202);
        let done = stage.replica.rebuild_is("the rebuild is done", is_done).await;
        assert_eq!(done["events_all"], 1);
        assert_eq!(views(&stage).await, before);
        assert_eq!(stage.replica.number("SELECT count(*) FROM reservation_view").await, rows);
        assert_eq!(stage.replica.number("SELECT count(*) FROM history").await, 12);
        stage.replica.end().await;
    }

    async fn of_several_replicas_one_rebuilds(db: Db) {
        let stage = Stage::with_steps_of(&db, 1).await;
        let other = stage.another(&db).await;
        booked(&stage, 5).await;
        let before = views(&stage).await;
        stage.replica.stall("NEW.events_read > 3").await;
        let (one, two) = tokio::join!(stage.replica.begin_rebuild(), other.begin_rebuild());
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409]);
        stage.replica.let_go().await;
        let done = other.rebuild_is("the rebuild is done", is_done).await;
        assert_eq!((&done["events_read"], &done["events_all"]), (&json!(16), &json!(16)));
        assert_eq!(stage.replica.number("SELECT count(*) FROM rebuild").await, 1);
        assert_eq!(views(&stage).await, before);
        other.end().await;
        stage.replica.end().await;
    }

    async fn a_rebuild_is_left_to_its_replica_until_that_is_dead(db: Db) {
        let stage = Stage::set(&db).await;
        booked(&stage, 3).await;
        stage.replica.lease("rebuild").await;
        stage.replica.begin_rebuild().await.expect(202);
        let moved = stage.replica.rebuild_is("it moves", |seen| seen["events_read"] != 0);
        assert!(timeout(WATCH, moved).await.is_err(), "two replicas rebuild");
        stage.replica.execute("UPDATE lease SET expires_us = 0 WHERE name = 'rebuild'").await;
        stage.replica.rebuild_is("the rebuild is done", is_done).await;
        stage.replica.end().await;
    }

    async fn a_rebuild_waits_for_a_broker_that_is_away(db: Db) {
        let mut stage = Stage::set(&db).await;
        booked(&stage, 3).await;
        let before = views(&stage).await;
        stage.nats.stop();
        stage.replica.begin_rebuild().await.expect(202);
        assert_eq!(views(&stage).await, before);
        stage.nats.restart().await;
        stage.replica.rebuild_is("the rebuild is done", is_done).await;
        assert_eq!(views(&stage).await, before);
        stage.replica.end().await;
    }

    async fn rule17_nothing_is_lost_or_half_shown_while_everything_goes_on(db: Db) {
        let stage = Stage::with_steps_of(&db, 16).await;
        let other = stage.another(&db).await;
        let room = offering("seaside", "Double room");
        stage.tell(CatalogEvent::Published(room.clone())).await;
        let bookings: Vec<ReservationV1> = (0..BUSY).map(|minute| held(&room, "mina", minute)).collect();
        let telling = async {
            for some in bookings.chunks(10) {
                // The later event of each before the earlier ones.
                join_all(some.iter().map(|one| stage.tell(ReservationEvent::Confirmed(changed(one, "confirmed"))))).await;
                join_all(some.iter().map(|one| stage.tell(ReservationEvent::Held(one.clone())))).await;
                join_all(some.iter().map(|one| stage.tell(PaymentEvent::Captured(payment(one, 1, "captured", 0))))).await;
            }
            stage.taken_in().await;
        };
        let rebuilding = async {
            for serving in 2..=4 {
                other.begin_rebuild().await.expect(202);
                other.rebuild_is("a rebuild is done", |seen| is_done(seen) && seen["serving"] == serving).await;
            }
        };
        let looking = async {
            let mut shown = 0;
            loop {
                let seen = other.shows("/dashboard/businesses/seaside?limit=1").await;
                let counts = seen["totals"]["reservations"].as_object().unwrap();
                let now: i64 = counts.values().map(|count| count.as_i64().unwrap()).sum();
                assert!(now >= shown, "{shown} were shown before, and {now} now");
                shown = now;
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(telling, rebuilding) } => {}
            () = looking => {}
        }
        let seen = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!(seen["offerings"][0]["reservations"], json!({ "confirmed": BUSY }));
        assert_eq!(seen["offerings"][0]["captured"], BUSY * PRICE);
        assert_eq!(stage.replica.number("SELECT count(*) FROM history").await, 1 + 3 * BUSY);
        other.end().await;
        stage.replica.end().await;
    }
}

testing::on_every_backend! {
    async fn views_of_an_older_schema_are_made_anew_by_themselves(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(&dashboard::MIGRATIONS[..1]).await.unwrap();
        // Written by an older program, and held by no stream.
        let id = Uuid::from_u128(7);
        let row = format!(
            "INSERT INTO reservation_view (generation, reservation_id, offering_id, version, status, business, guest_id, kind, quantity, \
             span_from, span_to, timezone, placed_us, payment_version) VALUES (1, {id}, {id}, 2, 'confirmed', 'seaside', 'mina', \
             'nights', 1, '2027-05-01', '2027-05-03', 'Asia/Seoul', 0, 0)",
            id = literal(store.backend(), id)
        );
        store.write().execute_unprepared(&row).await.unwrap();
        let stage = Stage::set(&db).await;
        stage.replica.rebuild_is("the rebuild is done", |seen| is_done(seen) && seen["serving"] == 2).await;
        let leaving = stage.replica.shows("/dashboard/businesses/seaside?departs=2027-05-03").await;
        assert_eq!(leaving["reservations"][0]["id"], json!(id));
        let days = stage.replica.shows("/dashboard/businesses/seaside/days?from=2027-05-02&to=2027-05-03").await;
        assert_eq!(days["days"][0]["sold"], 1);
        stage.replica.end().await;
    }
}

/// An id as the database writes it.
fn literal(backend: Backend, id: Uuid) -> String {
    match backend {
        Backend::Sqlite | Backend::MariaDb => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}
