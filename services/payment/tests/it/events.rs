//! Money asked for by event, and everything that ends a claim on it, in any order.

use crate::fixture::{Stage, TOTAL, changed, held};
use axum::http::StatusCode;
use contract::reservation::{ReservationEvent, ReservationV1};
use jiff::SignedDuration;
use kernel::Clock;
use serde_json::json;
use testing::{SOON, check, eventually};

/// A hold that was placed while payment was away.
fn held_an_hour_ago(capture: &str) -> ReservationV1 {
    let placed_at = (Clock::system().now() - SignedDuration::from_hours(1)).to_string();
    ReservationV1 { placed_at, ..held(capture, "card-ok") }
}

testing::on_every_backend! {
    async fn d02_a_cancel_refunds_exactly_what_may_not_be_kept(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_event", "card-ok");
        let id = held.reservation_id;
        stage.tell(ReservationEvent::Held(held.clone())).await;
        stage.replica.reaches(id, "captured").await;
        let cancelled = changed(&held, 3, "cancelled", Some(TOTAL / 4));
        stage.tell(ReservationEvent::Cancelled(cancelled.clone())).await;
        let refunded = stage.replica.reaches(id, "refunded").await;
        assert_eq!(refunded["refunded"], json!(TOTAL - TOTAL / 4));
        // Another event of the same change, and an older one that was late.
        stage.tell(ReservationEvent::Cancelled(cancelled)).await;
        stage.tell_and_wait(ReservationEvent::Held(held)).await;
        assert_eq!(stage.ledger(id), ["capture captured", "refund refunded"]);
        assert_eq!(stage.replica.told(id).await, ["payment.captured.v1", "payment.refunded.v1"]);
        assert_eq!(stage.balance(id), TOTAL / 4);
        stage.replica.end().await;
    }

    async fn a_cancel_that_overtakes_its_hold_charges_nothing(db: Db) {
        let stage = Stage::set(&db).await;
        let (first, marker) = (held("by_event", "card-ok"), held("by_event", "card-ok"));
        stage.tell_and_wait(ReservationEvent::Cancelled(changed(&first, 2, "cancelled", Some(0)))).await;
        stage.tell(ReservationEvent::Held(first.clone())).await;
        // The hold was taken in once a later one of another case is settled.
        stage.tell(ReservationEvent::Held(marker.clone())).await;
        stage.replica.reaches(marker.reservation_id, "captured").await;
        assert!(stage.ledger(first.reservation_id).is_empty());
        assert_eq!(stage.replica.payment(first.reservation_id).await, None);
    }

    async fn rule07_a_deferred_hold_is_charged_by_event_when_nobody_called(db: Db) {
        let stage = Stage::set(&db).await;
        let (deferred, called) = (held("by_call_then_event", "card-ok"), held("by_call", "card-ok"));
        stage.tell_and_wait(ReservationEvent::Held(called.clone())).await;
        stage.tell(ReservationEvent::Held(deferred.clone())).await;
        stage.replica.reaches(deferred.reservation_id, "captured").await;
        assert_eq!(stage.ledger(deferred.reservation_id), ["capture captured"]);
        assert!(stage.ledger(called.reservation_id).is_empty(), "by_call is never charged by event");
    }

    async fn a_hold_that_ended_while_nobody_listened_is_never_charged(db: Db) {
        let stage = Stage::set(&db).await;
        let [ended, stands, deferred] = ["by_event", "by_event", "by_call_then_event"].map(held_an_hour_ago);
        let ids = [&ended, &stands, &deferred].map(|held| held.reservation_id);
        let cancelled = changed(&ended, 2, "cancelled", Some(0));
        let events = [ended, stands, deferred].map(ReservationEvent::Held).into_iter();
        let stage = stage.after_absence(&db, events.chain([ReservationEvent::Cancelled(cancelled)])).await;
        for id in &ids[1..] {
            stage.replica.reaches(*id, "captured").await;
            assert_eq!(stage.ledger(*id), ["capture captured"]);
        }
        assert_eq!(stage.replica.claim(ids[0]).await, Some(2));
        assert!(stage.ledger(ids[0]).is_empty(), "{:?}", stage.ledger(ids[0]));
        assert_eq!(stage.replica.payment(ids[0]).await, None);
        stage.replica.end().await;
    }

    async fn a_hold_that_is_heard_late_is_begun_when_all_until_then_is_read(db: Db) {
        let stage = Stage::set(&db).await;
        let (mut odd, late, lost) =
            (held("by_event", "card-ok"), held_an_hour_ago("by_event"), held("by_call", "card-unknown"));
        odd.total.currency = "won".into();
        stage.replica.may_park(false).await;
        stage.tell(ReservationEvent::Held(odd)).await;
        stage.tell_and_wait(ReservationEvent::Held(late.clone())).await;
        // The answer is lost, so that this one is captured by a sweep.
        stage.replica.capture(lost.reservation_id, "card-unknown").await;
        stage.replica.reaches(lost.reservation_id, "captured").await;
        assert!(stage.ledger(late.reservation_id).is_empty(), "what waits in the stream may be its end");
        stage.replica.may_park(true).await;
        stage.replica.reaches(late.reservation_id, "captured").await;
        stage.replica.end().await;
    }

    async fn what_costs_nothing_has_no_payment(db: Db) {
        let stage = Stage::set(&db).await;
        let (mut free, marker) = (held("nobody", "card-ok"), held("by_event", "card-ok"));
        free.payment_method = None;
        stage.tell(ReservationEvent::Held(free.clone())).await;
        stage.tell(ReservationEvent::Held(marker.clone())).await;
        stage.replica.reaches(marker.reservation_id, "captured").await;
        assert_eq!(stage.replica.claim(free.reservation_id).await, None);
    }

    async fn rule11_money_for_an_undecided_expiry_waits_for_the_decision(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_event", "card-ok");
        let id = held.reservation_id;
        stage.tell(ReservationEvent::Held(held.clone())).await;
        stage.replica.reaches(id, "captured").await;
        stage.tell_and_wait(ReservationEvent::Expired(changed(&held, 2, "expired", None))).await;
        assert_eq!(stage.replica.payment(id).await.unwrap()["status"], "captured");
        stage.tell(ReservationEvent::Rejected(changed(&held, 3, "rejected", Some(0)))).await;
        stage.replica.reaches(id, "refunded").await;
        assert_eq!(stage.balance(id), 0);
    }

    async fn r11_a_hold_is_charged_when_the_provider_is_back(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_event", "card-ok");
        let id = held.reservation_id;
        stage.cut(true);
        stage.tell(ReservationEvent::Held(held.clone())).await;
        stage.replica.reaches(id, "requested").await;
        assert!(stage.ledger(id).is_empty());
        stage.cut(false);
        stage.replica.reaches(id, "captured").await;
        assert_eq!(stage.balance(id), TOTAL);

        // The same for what goes back.
        stage.cut(true);
        stage.tell(ReservationEvent::Cancelled(changed(&held, 2, "cancelled", Some(0)))).await;
        stage.replica.reaches(id, "refunding").await;
        stage.cut(false);
        stage.replica.reaches(id, "refunded").await;
        assert_eq!(stage.balance(id), 0);
    }

    async fn r12_an_unreachable_provider_is_told_fast(db: Db) {
        let stage = Stage::set(&db).await;
        let held = held("by_call", "card-ok");
        stage.cut(true);
        let (status, _) = stage.replica.capture(held.reservation_id, "card-ok").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        stage.tell_and_wait(ReservationEvent::Rejected(changed(&held, 2, "rejected", Some(0)))).await;
        stage.cut(false);
        stage.replica.reaches(held.reservation_id, "voided").await;
        assert_eq!(stage.balance(held.reservation_id), 0);
    }

    async fn a_hold_that_does_not_read_is_parked(db: Db) {
        let stage = Stage::set(&db).await;
        let (mut odd, marker) = (held("by_event", "card-ok"), held("by_event", "card-ok"));
        odd.total.currency = "won".into();
        stage.tell(ReservationEvent::Held(odd.clone())).await;
        stage.tell(ReservationEvent::Held(marker.clone())).await;
        stage.replica.reaches(marker.reservation_id, "captured").await;
        eventually("it is parked", SOON, async || {
            check(stage.replica.parked(odd.reservation_id).await, |reasons| {
                reasons == &["`total.currency` does not read"]
            })
        })
        .await;
    }
}
