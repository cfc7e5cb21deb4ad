//! However events arrive, each transition has its messages once.

use crate::fixture::{Replica, Stage, get};
use crate::samples::{payment, reservation};
use choreography::Outgoing;
use contract::Publication;
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use futures_util::future::{join, join_all};
use serde_json::json;

/// All that is told about a reservation that is held, confirmed, cancelled and refunded.
const WHOLE: [&str; 6] = [
    "payment-refunded guest",
    "reservation-cancelled guest",
    "reservation-cancelled host",
    "reservation-confirmed guest",
    "reservation-confirmed host",
    "reservation-held guest",
];

testing::on_every_backend! {
    async fn a_refund_waits_until_its_guest_is_known(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let (booked, other) = (reservation(), reservation());
        stage.tell_payment(PaymentEvent::Refunded(payment(&booked))).await;
        stage.tell(ReservationEvent::Held(other.clone())).await;
        stage.heard(&replica).await;
        assert_eq!(replica.messages("mina").await.len(), 1, "the other's");
        assert_eq!(replica.about(booked.reservation_id).await, [""; 0]);

        stage.tell(ReservationEvent::Cancelled(booked.clone())).await;
        stage.heard(&replica).await;
        assert_eq!(replica.about(booked.reservation_id).await, WHOLE[..3]);
        stage.tell(ReservationEvent::Confirmed(booked.clone())).await;
        stage.tell(ReservationEvent::Held(booked.clone())).await;
        stage.heard(&replica).await;
        assert_eq!(replica.about(booked.reservation_id).await, WHOLE);
        assert_eq!(replica.count("SELECT count(*) AS number FROM pending").await, 0);

        // The refund's message has the refund's own time.
        let created = stage.told().await[0].created.to_string();
        let messages = replica.messages("mina").await;
        assert_eq!(messages.last().map(|message| (&message["template"], &message["created_at"])),
            Some((&"payment-refunded".into(), &created.into())));
        replica.end().await;
    }

    async fn r14_what_was_told_while_it_was_down_is_found(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let booked = reservation();
        stage.tell(ReservationEvent::Held(booked.clone())).await;
        stage.heard(&replica).await;
        replica.end().await;
        for event in [ReservationEvent::Confirmed, ReservationEvent::Cancelled] {
            stage.tell(event(booked.clone())).await;
        }
        stage.tell_payment(PaymentEvent::Refunded(payment(&booked))).await;
        let replica = Replica::start(&db, &stage.nats).await;
        stage.heard(&replica).await;
        assert_eq!(replica.about(booked.reservation_id).await, WHOLE);
        replica.end().await;
    }

    async fn what_comes_a_second_time_is_not_told_again(db: Db) {
        let mut stage = Stage::set().await;
        let booked = reservation();
        stage.tell_payment(PaymentEvent::Refunded(payment(&booked))).await;
        for event in [ReservationEvent::Held, ReservationEvent::Confirmed, ReservationEvent::Cancelled] {
            stage.tell(event(booked.clone())).await;
        }
        stage.published().await;
        stage.nats.stop();
        let unheard = stage.nats.save();
        stage.nats.restart().await;
        let replica = Replica::start(&db, &stage.nats).await;
        stage.heard(&replica).await;
        assert_eq!(replica.about(booked.reservation_id).await, WHOLE);
        let told = [replica.messages("mina").await, replica.messages("seaside").await];
        // Who is reached only from now on is not bothered with what was told long ago.
        replica.register("mina", json!({ "webhook": { "url": "http://127.0.0.1:9/" } })).await;
        // The broker forgets what was acknowledged, and the service what it has heard.
        replica.execute("DELETE FROM inbox").await;
        replica.end().await;
        stage.nats.stop();
        stage.nats.restore(&unheard);
        stage.nats.restart().await;
        let replica = Replica::start(&db, &stage.nats).await;
        stage.heard(&replica).await;
        assert_eq!([replica.messages("mina").await, replica.messages("seaside").await], told);
        assert_eq!(replica.deliveries("mina").await, [json!(null); 0]);
        assert_eq!(get(&replica.admin, "/parked").await.1, json!({ "parked": [] }));
        assert_eq!(replica.count("SELECT count(*) AS number FROM pending").await, 0);
        replica.end().await;
    }

    async fn what_does_not_read_is_parked_and_the_rest_goes_on(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let (before, after) = (reservation(), reservation());
        stage.tell(ReservationEvent::Held(before.clone())).await;
        let odd = reservation().reservation_id;
        let publications = [
            Publication { kind: "reservation.held.v1", topic: "reservation.held", payload: b"{\"version\":1}".to_vec() },
            Publication { kind: "payment.refunded.v1", topic: "payment.refunded", payload: b"[]".to_vec() },
            Publication { kind: "reservation.held.v2", topic: "reservation.held", payload: b"{}".to_vec() },
        ];
        for publication in publications {
            stage.publish(Outgoing { publication, correlation: odd, version: 1 }).await;
        }
        stage.tell(ReservationEvent::Held(after.clone())).await;
        stage.heard(&replica).await;
        for booked in [before, after] {
            assert_eq!(replica.about(booked.reservation_id).await, ["reservation-held guest"]);
        }
        let (status, body) = get(&replica.admin, "/parked").await;
        let parked = body["parked"].as_array().unwrap();
        let mut reasons: Vec<&str> = parked.iter().map(|row| row["reason"].as_str().unwrap()).collect();
        reasons.sort_unstable();
        assert_eq!((status, reasons.len()), (200, 3), "{body}");
        assert!(reasons[..2].iter().all(|reason| reason.starts_with("the payload does not read")), "{reasons:?}");
        assert_eq!(reasons[2], "unknown event type `reservation.held.v2`");
        replica.end().await;
    }
}

testing::on_each_server! {
    async fn r14_two_replicas_share_the_events_and_tell_each_once(db: Db) {
        let stage = Stage::set().await;
        let (one, two) = join(Replica::start(&db, &stage.nats), Replica::start(&db, &stage.nats)).await;
        let cases: Vec<_> = (0..60).map(|_| reservation()).collect();
        // The events of a case are told at once, so that its refund and its guest meet in different replicas.
        join_all(cases.iter().map(async |booked| {
            let events = [ReservationEvent::Held, ReservationEvent::Confirmed, ReservationEvent::Cancelled];
            let told = join_all(events.map(|event| stage.tell(event(booked.clone()))));
            join(stage.tell_payment(PaymentEvent::Refunded(payment(booked))), told).await;
        }))
        .await;
        stage.heard(&one).await;
        for booked in &cases {
            assert_eq!(one.about(booked.reservation_id).await, WHOLE);
        }
        assert_eq!(one.count("SELECT count(*) AS number FROM pending").await, 0);
        assert_eq!(two.messages("seaside").await, one.messages("seaside").await);
        join(one.end(), two.end()).await;
    }
}
