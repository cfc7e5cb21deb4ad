//! One booking at a time: every answer of the API.

use crate::fixture::{Replica, Stage, nights, wish};
use axum::http::StatusCode;
use contract::TierV1;
use serde_json::json;
use testing::{Backend, SOON, check, database, eventually, run};

const SPAN: &str = "&from=2027-05-01&to=2027-05-03";

testing::on_every_backend! {
    async fn a_settle_later_booking_is_held_then_confirmed_then_cancelled(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.offer(nights(2)).await;
        let (status, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        assert_eq!((status, held["status"].as_str()), (StatusCode::ACCEPTED, Some("held")), "{held}");
        assert_eq!(held["total"], json!({ "amount": 240_000, "currency": "KRW" }));
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(1));

        let id = held["id"].as_str().unwrap();
        stage.pay(id).await;
        let confirmed = stage.replica.reaches(id, "confirmed").await;
        for field in ["offering_id", "guest_id", "quantity", "from", "to", "total", "payment_method", "placed_at"] {
            assert_eq!(confirmed[field], held[field], "{field}");
        }

        let cancel = format!("/reservations/{id}/cancel");
        let (status, cancelled) = stage.replica.ask(&cancel, Some(json!({})), None).await;
        assert_eq!((status, &cancelled["keep"]), (StatusCode::OK, &json!(0)), "{cancelled}");
        assert_eq!(stage.replica.ask(&cancel, Some(json!({})), None).await, (StatusCode::OK, cancelled));
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(2));
        stage.replica.end().await;
    }

    async fn a_declined_payment_gives_the_units_back(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.offer(nights(1)).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let id = held["id"].as_str().unwrap();
        stage.decline(id).await;
        assert_eq!(stage.replica.reaches(id, "rejected").await["reason"], "payment-declined");
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(1));
    }

    async fn a_full_span_is_refused_whole_and_names_its_first_full_bucket(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.offer(nights(1)).await;
        stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let mut longer = wish(offering, "jun");
        longer["from"] = json!("2027-04-29");
        let (status, refused) = stage.replica.ask("/reservations", Some(longer), None).await;
        assert_eq!((status, &refused["type"], &refused["bucket"]),
            (StatusCode::CONFLICT, &json!("/problems/sold-out"), &json!("2027-05-01")));
        assert_eq!(stage.replica.free(offering, "&from=2027-04-29&to=2027-04-30").await, Some(1));
    }

    async fn a_key_gives_one_reservation_and_one_answer(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.offer(nights(5)).await;
        let first = stage.replica.ask("/reservations", Some(wish(offering, "mina")), Some("k")).await;
        assert_eq!(first.0, StatusCode::ACCEPTED);
        assert_eq!(stage.replica.ask("/reservations", Some(wish(offering, "mina")), Some("k")).await, first);
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(4));
        let mut other = wish(offering, "mina");
        other["quantity"] = json!(2);
        let (status, refused) = stage.replica.ask("/reservations", Some(other), Some("k")).await;
        assert_eq!((status, &refused["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/idempotency-key-reused")));
        // Another guest's key of the same text is another key.
        let (status, _) = stage.replica.ask("/reservations", Some(wish(offering, "jun")), Some("k")).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }

    async fn a_refusal_keeps_no_key(db: Db) {
        let stage = Stage::set(&db).await;
        let offering = stage.offer(nights(1)).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let (status, _) = stage.replica.ask("/reservations", Some(wish(offering, "jun")), Some("k")).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let cancel = format!("/reservations/{}/cancel", held["id"].as_str().unwrap());
        stage.replica.ask(&cancel, Some(json!({})), None).await;
        let (status, _) = stage.replica.ask("/reservations", Some(wish(offering, "jun")), Some("k")).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }

    async fn an_unpaid_hold_expires_after_its_deadline(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        offering.hold_seconds = 1;
        let offering = stage.offer(offering).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let id = held["id"].as_str().unwrap();
        assert_eq!(stage.replica.reaches(id, "expired").await["keep"], json!(0));
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(1));
        // Money that comes now finds a case that is over.
        stage.pay(id).await;
        eventually("the late capture is read", SOON, async || {
            check(stage.replica.store.now(stage.replica.store.read()).await.is_ok(), |ok| *ok)
        }).await;
        assert_eq!(stage.replica.reaches(id, "expired").await["version"], json!(2));
    }

    async fn late_money_is_honoured_if_the_units_are_free(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        (offering.hold_seconds, offering.late_money) = (1, "honour_if_free".into());
        let offering = stage.offer(offering).await;
        let (_, early) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let early = early["id"].as_str().unwrap();
        assert_eq!(stage.replica.reaches(early, "expired").await["keep"], json!(null));
        stage.pay(early).await;
        stage.replica.reaches(early, "confirmed").await;
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(0));
    }

    async fn late_money_returns_if_the_units_are_gone(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        (offering.hold_seconds, offering.late_money) = (1, "honour_if_free".into());
        let offering = stage.offer(offering).await;
        let (_, early) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let early = early["id"].as_str().unwrap();
        stage.replica.reaches(early, "expired").await;
        let (status, _) = stage.replica.ask("/reservations", Some(wish(offering, "jun")), None).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        stage.pay(early).await;
        let rejected = stage.replica.reaches(early, "rejected").await;
        assert_eq!((&rejected["reason"], &rejected["keep"]), (&json!("sold-meanwhile"), &json!(0)));
    }

    async fn a_free_offering_confirms_at_once(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        offering.payment = "none".into();
        let offering = stage.offer(offering).await;
        let (status, body) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        assert_eq!((status, &body["status"], &body["version"]), (StatusCode::CREATED, &json!("confirmed"), &json!(1)));
    }

    async fn a_prepaid_booking_without_payment_is_refused_and_leaves_nothing(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        offering.payment = "prepay".into();
        let offering = stage.offer(offering).await;
        let (status, body) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), Some("k")).await;
        assert_eq!((status, &body["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/unavailable")));
        assert_eq!(stage.replica.free(offering, SPAN).await, Some(1));
    }

    async fn a_repeat_is_told_what_stands_also_while_nobody_can_pay(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(5);
        offering.payment = "none".into();
        let id = stage.offer(offering.clone()).await;
        let first = stage.replica.ask("/reservations", Some(wish(id, "mina")), Some("k")).await;
        assert_eq!(first.0, StatusCode::CREATED);
        (offering.version, offering.units, offering.payment) = (2, 6, "prepay".into());
        stage.offer(offering).await;
        let mut other = wish(id, "mina");
        other["quantity"] = json!(2);
        // The first guests find payment away, until that is known before they ask.
        for guest in 0..12 {
            let (status, refused) = stage.replica.ask("/reservations", Some(wish(id, "jun")), Some("k")).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{guest}: {refused}");
            let again = stage.replica.ask("/reservations", Some(wish(id, "mina")), Some("k")).await;
            assert_eq!(again, first, "{guest}");
            let (status, reused) = stage.replica.ask("/reservations", Some(other.clone()), Some("k")).await;
            assert_eq!((status, &reused["type"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/idempotency-key-reused")), "{guest}");
        }
        assert_eq!(stage.replica.free(id, SPAN).await, Some(5));
    }

    async fn a_deferred_booking_is_held_while_payment_is_away(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        (offering.payment, offering.on_payment_outage) = ("prepay".into(), "defer".into());
        let offering = stage.offer(offering).await;
        let (status, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), Some("k")).await;
        assert_eq!((status, &held["capture"]), (StatusCode::ACCEPTED, &json!("by_call_then_event")));
        let again = stage.replica.ask("/reservations", Some(wish(offering, "mina")), Some("k")).await;
        assert_eq!(again, (StatusCode::ACCEPTED, held.clone()));
        stage.pay(held["id"].as_str().unwrap()).await;
        stage.replica.reaches(held["id"].as_str().unwrap(), "confirmed").await;
    }

    async fn a_cancel_keeps_what_the_tiers_say(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(1);
        offering.cancellation = vec![TierV1 { before_hours: 0, refund_percent: 30 }];
        let offering = stage.offer(offering).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let id = held["id"].as_str().unwrap();
        stage.pay(id).await;
        stage.replica.reaches(id, "confirmed").await;
        let (_, cancelled) = stage.replica.ask(&format!("/reservations/{id}/cancel"), Some(json!({})), None).await;
        assert_eq!(cancelled["keep"], json!(168_000));
    }

    async fn units_below_what_is_taken_sell_nothing_more(db: Db) {
        let stage = Stage::set(&db).await;
        let mut offering = nights(3);
        let id = stage.offer(offering.clone()).await;
        for guest in ["a", "b"] {
            stage.replica.ask("/reservations", Some(wish(id, guest)), None).await;
        }
        (offering.version, offering.units) = (2, 1);
        stage.offer(offering).await;
        let (status, _) = stage.replica.ask("/reservations", Some(wish(id, "c")), None).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(stage.replica.free(id, SPAN).await, Some(0));
    }
}

#[test]
fn rule14_what_the_lost_broker_keeps_does_not_stop_the_bookings() {
    run(async {
        let db = database(Backend::Sqlite).await;
        let mut stage = Stage::set(&db).await;
        let offering = stage.offer(nights(9)).await;
        let (_, held) = stage.replica.ask("/reservations", Some(wish(offering, "mina")), None).await;
        let narrow = Replica::bounded(&db, &stage.nats, 0, "1").await;
        let book = async |guest: &str, wanted: StatusCode| {
            let answer = async || narrow.ask("/reservations", Some(wish(offering, guest)), None).await;
            eventually(&format!("{wanted}"), SOON, async || check(answer().await, |(status, _)| *status == wanted))
                .await;
        };
        book("jun", StatusCode::ACCEPTED).await;
        // Nobody else may write, so that a settlement waits, and new bookings behind it.
        let tx = stage.replica.store.begin().await.unwrap();
        stage.pay(held["id"].as_str().unwrap()).await;
        book("sora", StatusCode::SERVICE_UNAVAILABLE).await;
        stage.nats.stop();
        tx.rollback().await.unwrap();
        book("sora", StatusCode::ACCEPTED).await;
    });
}
