//! Requests that cannot be, and events that cannot be stored.

use crate::fixture::Stage;
use crate::sample::{held, offering};
use contract::reservation::{ReservationEvent, ReservationV1};
use testing::{SOON, check, eventually};

testing::on_every_backend! {
    async fn a_bad_request_is_refused(db: Db) {
        let stage = Stage::set(&db).await;
        let lists = ["/dashboard/offerings", "/dashboard/guests/mina", "/dashboard/businesses/seaside"];
        for list in lists {
            for limit in ["0", "201", "-1", "9223372036854775807"] {
                stage.replica.get(&format!("{list}?limit={limit}")).await.refused(422, "invalid-limit");
            }
            for query in ["limit=many", "limit=9223372036854775808", "page=2", "limit=1&limit=2", "cursor=%00"] {
                stage.replica.get(&format!("{list}?{query}")).await.refused(400, "invalid-query");
            }
            for cursor in ["x", "%27%3B--", &"f".repeat(47), &"F".repeat(48), &"F".repeat(32), &"a".repeat(5_000)] {
                stage.replica.get(&format!("{list}?cursor={cursor}")).await.refused(400, "invalid-cursor");
            }
            stage.replica.get(&format!("{list}?cursor=&limit=200")).await.expect(200);
        }
        let long = "x".repeat(65);
        stage.replica.get(&format!("/dashboard/offerings?business={long}")).await.refused(422, "invalid-business");
        stage.replica.get(&format!("/dashboard/businesses/{long}")).await.refused(422, "invalid-business");
        stage.replica.get(&format!("/dashboard/guests/{long}")).await.refused(422, "invalid-guest");
        stage.replica.get("/dashboard/guests/a%0Ab").await.refused(422, "invalid-guest");
        for path in ["/dashboard/guests/a%00b", "/dashboard/guests/%FF", "/history/%00", "/history/7", "/history/mina"] {
            stage.replica.get(path).await.refused(400, "invalid-path");
        }
        let nobody = "/history/00000000-0000-0000-0000-000000000000";
        stage.replica.get(nobody).await.refused(404, "case-not-found");
        stage.replica.end().await;
    }

    async fn an_event_that_cannot_be_stored_is_parked_alone(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        let nul = ReservationV1 { offering_name: "a\0b".into(), ..held(&room, "mina", 1) };
        let timeless = ReservationV1 { placed_at: "yesterday".into(), ..held(&room, "mina", 2) };
        let good = held(&room, "mina", 3);
        for told in [nul.clone(), timeless.clone(), good.clone()] {
            stage.tell(ReservationEvent::Held(told)).await;
        }
        eventually("two are parked", SOON, async || {
            check(stage.replica.number("SELECT count(*) FROM parked").await, |parked| *parked == 2)
        })
        .await;
        eventually("the third is shown", SOON, async || {
            let seen = stage.replica.shows("/dashboard/guests/mina").await;
            check(seen, |seen| seen["reservations"][0]["id"] == good.reservation_id.to_string())
        })
        .await;
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("the rebuild passes them by", |seen| seen["state"] == "done").await;
        let seen = stage.replica.shows("/dashboard/guests/mina").await;
        assert_eq!(seen["reservations"].as_array().unwrap().len(), 1);
        stage.replica.end().await;
    }
}
