//! What catalog and waitlist tell, late, twice and in any order.

use crate::fixture::{Stage, ended, store};
use axum::http::StatusCode;
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::waitlist::WaitlistEvent;
use serde_json::json;
use testing::{SOON, check, eventually};
use uuid::Uuid;

testing::on_every_backend! {
    async fn a_ticket_that_ends_gives_its_seats_back_once(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.store(6).await.offering_id;
        let (cancelled, absent) = (Uuid::now_v7(), Uuid::now_v7());
        for (ticket, size) in [(cancelled, 4), (absent, 2)] {
            assert_eq!(stage.replica.claim(offering, ticket, size).await.0, StatusCode::CREATED);
        }
        let cancel = WaitlistEvent::Cancelled(ended(offering, cancelled, "cancelled", 4));
        let no_show = WaitlistEvent::NoShow(ended(offering, absent, "no_show", 2));
        for _ in 0..2 {
            // Another event each time: only the decision can know that it is the same fact.
            stage.tell_ticket(cancel.clone(), cancelled).await;
        }
        stage.tell_ticket(no_show, absent).await;
        stage.replica.reaches(offering, 6).await;
        for ticket in [cancelled, absent] {
            assert_eq!(stage.replica.told(ticket).await, ["seating.party-seated.v1", "seating.seats-freed.v1"]);
            let (status, refused) = stage.replica.leave(offering, ticket).await;
            assert_eq!((status, &refused["type"], &refused["party_status"]),
                (StatusCode::CONFLICT, &json!("/problems/wrong-state"), &json!("released")));
            let (status, refused) = stage.replica.claim(offering, ticket, 4).await;
            assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/party-ended")));
        }
        stage.replica.end().await;
    }

    async fn rule21_a_cancel_that_overtakes_its_claim_bars_it_even_before_its_store_is_known(db: Db) {
        let stage = Stage::set(&db).await;
        let late = store(6);
        let ticket = Uuid::now_v7();
        stage.tell_ticket(WaitlistEvent::Cancelled(ended(late.offering_id, ticket, "cancelled", 4)), ticket).await;
        stage.replica.has_party(ticket, "barred").await;
        stage.tell_offering(CatalogEvent::Published(late.clone())).await;
        stage.replica.reaches(late.offering_id, 6).await;
        let (status, refused) = stage.replica.claim(late.offering_id, ticket, 4).await;
        assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/party-ended")));
        assert_eq!(stage.replica.floor(late.offering_id).await.1["free"], 6);
        assert!(stage.replica.told(ticket).await.is_empty());
    }

    async fn rule23_units_below_what_is_taken_stand_and_seat_nobody_more(db: Db) {
        let stage = Stage::set(&db).await;
        let first = stage.store(6).await;
        let offering = first.offering_id;
        let tickets = [Uuid::now_v7(), Uuid::now_v7()];
        for ticket in tickets {
            stage.replica.claim(offering, ticket, 3).await;
        }
        stage.tell_offering(CatalogEvent::Changed(OfferingV1 { version: 3, units: 4, ..first.clone() })).await;
        // An older change that comes late says nothing.
        stage.tell_offering(CatalogEvent::Changed(OfferingV1 { version: 2, units: 40, ..first.clone() })).await;
        let floor = eventually("the newest change is known", SOON, async || {
            check(stage.replica.floor(offering).await.1, |floor| floor["units"] == 4)
        }).await;
        assert_eq!((&floor["free"], &floor["taken"], &floor["version"]), (&json!(0), &json!(6), &json!(5)));
        let (_, refused) = stage.replica.claim(offering, Uuid::now_v7(), 1).await;
        assert_eq!((&refused["type"], &refused["free"]), (&json!("/problems/no-room"), &json!(0)));
        stage.replica.leave(offering, tickets[0]).await;
        assert_eq!(stage.replica.claim(offering, Uuid::now_v7(), 1).await.1["free"], 0);

        stage.tell_offering(CatalogEvent::Retired(OfferingV1 { version: 4, status: "retired".into(), units: 8, ..first })).await;
        let floor = stage.replica.reaches(offering, 4).await;
        assert_eq!(floor["status"], "retired");
        let (status, _) = stage.replica.claim(offering, Uuid::now_v7(), 4).await;
        assert_eq!(status, StatusCode::CREATED, "who stands in line is still seated");
    }

    async fn other_kinds_have_no_floor_and_other_ends_free_nothing(db: Db) {
        let stage = Stage::set(&db).await;
        let (mut hotel, marker) = (store(6), store(2));
        hotel.kind = "nights".into();
        let ticket = Uuid::now_v7();
        stage.tell_offering(CatalogEvent::Published(hotel.clone())).await;
        stage.tell_offering(CatalogEvent::State(marker.clone())).await;
        stage.replica.reaches(marker.offering_id, 2).await;
        assert_eq!(stage.replica.floor(hotel.offering_id).await.0, StatusCode::NOT_FOUND);
        stage.replica.claim(marker.offering_id, ticket, 2).await;
        stage.tell_ticket(WaitlistEvent::Left(ended(marker.offering_id, ticket, "left", 2)), ticket).await;
        stage.tell_offering(CatalogEvent::Changed(OfferingV1 { version: 2, units: 3, ..marker.clone() })).await;
        stage.replica.reaches(marker.offering_id, 1).await;
    }
}
