//! Whom the views are shown to: guests their own, hosts their business's, operators all.

use crate::fixture::Stage;
use crate::sample::{held, joined, offering, store};
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use contract::catalog::CatalogEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::waitlist::WaitlistEvent;
use kernel::Clock;
use runtime::auth::{Caller, Known, Role};
use std::sync::Arc;
use testing::{SOON, check, eventually};
use tokio::time::timeout;
use tower::ServiceExt;
use uuid::Uuid;

testing::on_each_backend! {
    async fn r17_guests_see_their_own_hosts_their_business_and_operators_all(db: Db) {
        let stage = Stage::set(&db).await;
        let (room, noodles) = (offering("seaside", "Double room"), store("noodles"));
        let (stay, party) = (held(&room, "mina", 1), joined(&noodles, "mina", 2, 0));
        stage.tell(CatalogEvent::Published(room.clone())).await;
        stage.tell(CatalogEvent::Published(noodles.clone())).await;
        stage.tell(ReservationEvent::Held(stay.clone())).await;
        // Taken out of sale by the host, in its own name.
        let block = ReservationV1 { purpose: Some("block".into()), ..held(&room, "seaside", 2) };
        stage.tell(ReservationEvent::Confirmed(block.clone())).await;
        stage.tell(WaitlistEvent::Joined(party.clone())).await;
        stage.taken_in().await;
        let by = |name: &str, role, businesses: &[&str]| Caller::known(name, &[role], businesses);
        let callers = [
            by("mina", Role::Guest, &[]),
            // A guest who is called like a business.
            by("seaside", Role::Guest, &[]),
            by("bora", Role::Host, &["seaside"]),
            // A host whose business is called like a guest.
            by("dan", Role::Host, &["noodles", "mina"]),
            by("op", Role::Operator, &[]),
            by("platform", Role::Service, &["seaside"]),
        ];
        let days = "days?from=2027-01-01&to=2027-01-03";
        for (path, seen_by) in [
            ("dashboard/offerings".to_owned(), [403, 403, 403, 403, 200, 403]),
            ("dashboard/offerings?business=seaside".into(), [403, 403, 200, 403, 200, 403]),
            ("dashboard/guests/mina".into(), [200, 403, 403, 403, 200, 403]),
            ("dashboard/businesses/seaside".into(), [403, 403, 200, 403, 200, 403]),
            ("dashboard/businesses/seaside/bookings.csv".into(), [403, 403, 200, 403, 200, 403]),
            (format!("dashboard/businesses/seaside/{days}"), [403, 403, 200, 403, 200, 403]),
            (format!("dashboard/businesses/seaside/{}", days.replace('?', ".csv?")), [403, 403, 200, 403, 200, 403]),
            (format!("dashboard/lines/{}", noodles.offering_id), [403, 403, 403, 200, 200, 403]),
            (format!("history/{}", stay.reservation_id), [200, 403, 200, 403, 200, 403]),
            (format!("history/{}", block.reservation_id), [403, 403, 200, 403, 200, 403]),
            ("dashboard/guests/seaside".into(), [403, 200, 403, 403, 200, 403]),
            (format!("history/{}", party.ticket_id), [200, 403, 403, 200, 200, 403]),
            (format!("history/{}", room.offering_id), [403, 403, 200, 403, 200, 403]),
            (format!("history/{}", Uuid::now_v7()), [404, 404, 404, 404, 404, 403]),
            ("dashboard/stream".into(), [403, 403, 403, 403, 200, 403]),
            ("dashboard/stream?guest_id=mina".into(), [200, 403, 403, 403, 200, 403]),
            ("dashboard/stream?business=seaside".into(), [403, 403, 200, 403, 200, 403]),
            ("dashboard/stream?guest_id=mina&business=seaside".into(), [200, 403, 200, 403, 200, 403]),
            (format!("dashboard/stream?case={}", stay.reservation_id), [403, 403, 403, 403, 200, 403]),
            (format!("dashboard/stream?offering_id={}", room.offering_id), [403, 403, 403, 403, 200, 403]),
        ] {
            for (caller, expected) in callers.iter().zip(seen_by) {
                let answered = eventually("the stream", SOON, async || {
                    check(stage.replica.by(caller, &format!("/{path}")).await, |status| *status != 503)
                });
                assert_eq!(answered.await, expected, "{path} by {caller:?}");
            }
            assert_eq!(stage.replica.by(&Caller::Anonymous, &format!("/{path}")).await, 401, "{path}");
            stage.replica.unguarded(&format!("/{path}")).await.refused(401, "unauthenticated");
        }
        let own = stage.replica.shows("/dashboard/guests/seaside").await;
        assert_eq!(own["reservations"], serde_json::json!([]), "what is the business's is not the guest's");
        stage.replica.end().await;
    }

    async fn r17_a_stream_ends_with_its_listeners_token(db: Db) {
        let stage = Stage::set(&db).await;
        let ends = Clock::system().now().as_second().unsigned_abs() + 1;
        let Caller::Known(known) = Caller::known("op", &[Role::Operator], &[]) else { unreachable!() };
        let caller = Caller::Known(Arc::new(Known { until: Some(ends), ..Known::clone(&known) }));
        let router = stage.replica.bare.clone().layer(Extension(caller));
        let heard = eventually("the stream", SOON, async || {
            let request = Request::builder().uri("/dashboard/stream").body(Body::empty()).unwrap();
            check(router.clone().oneshot(request).await.unwrap(), |answer| answer.status() == 200)
        })
        .await;
        // Signs of life may come; what counts is that there is an end.
        timeout(SOON, to_bytes(heard.into_body(), 1 << 20)).await.unwrap().unwrap();
        assert!(Clock::system().now().as_second().unsigned_abs() >= ends);
        stage.replica.end().await;
    }
}
