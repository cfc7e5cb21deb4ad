//! Each transition has exactly its messages, in the reservation's language.

use crate::fixture::{Replica, Stage};
use crate::samples::{payment, reservation};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use kernel::derived;
use serde_json::{Value, json};
use testing::{SOON, check, eventually};

type Variant = fn(ReservationV1) -> ReservationEvent;

/// The transitions, what a reader is told of each, and whether the host is told as well.
const TRANSITIONS: &[(Variant, &str, bool)] = &[
    (ReservationEvent::Held, "reservation-held", false),
    (ReservationEvent::Confirmed, "reservation-confirmed", true),
    (ReservationEvent::Rejected, "reservation-rejected", false),
    (ReservationEvent::Cancelled, "reservation-cancelled", true),
    (ReservationEvent::Expired, "reservation-expired", false),
    (ReservationEvent::CheckedIn, "reservation-checked-in", false),
    (ReservationEvent::Completed, "reservation-completed", true),
    (ReservationEvent::NoShow, "reservation-no-show", true),
];

/// The message without its text.
fn bare(mut message: Value) -> Value {
    for text in ["subject", "body"] {
        let text = message.as_object_mut().unwrap().remove(text).unwrap();
        assert!(!text.as_str().unwrap().is_empty());
    }
    message
}

testing::on_every_backend! {
    async fn r13_each_transition_is_told_to_whom_it_concerns(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        for (number, (event, template, _)) in TRANSITIONS.iter().enumerate() {
            let (guest_id, business) = (format!("guest-{number}"), format!("host-{number}"));
            let language = if number % 2 == 0 { "ko" } else { "en" }.to_owned();
            stage.tell(event(ReservationV1 { guest_id, business, language, ..reservation() })).await;
            assert_eq!(stage.told().await[number].kind, format!("{}.v1", template.replacen('-', ".", 1)));
        }
        stage.heard(&replica).await;
        for (number, (told, (_, template, host))) in stage.told().await.into_iter().zip(TRANSITIONS).enumerate() {
            for (role, expected) in [("guest", true), ("host", *host)] {
                let recipient = format!("{role}-{number}");
                let messages: Vec<Value> = replica.messages(&recipient).await.into_iter().map(bare).collect();
                let message = json!({
                    "id": derived(told.id, role), "recipient": recipient, "role": role, "template": template,
                    "language": if number % 2 == 0 { "ko" } else { "en" }, "correlation": told.correlation,
                    "status": "recorded", "created_at": told.created.to_string(),
                });
                assert_eq!(messages, if expected { vec![message] } else { vec![] }, "{template} {role}");
            }
        }
        assert_eq!(replica.count("SELECT count(*) AS number FROM outbox").await, 0, "it publishes nothing where nobody is reached");
        replica.end().await;
    }

    async fn state_told_again_and_other_outcomes_of_a_payment_are_no_news(db: Db) {
        let stage = Stage::set().await;
        let quiet = reservation();
        stage.tell(ReservationEvent::State(quiet.clone())).await;
        for outcome in [PaymentEvent::Captured, PaymentEvent::Declined, PaymentEvent::Voided, PaymentEvent::State] {
            stage.tell_payment(outcome(payment(&quiet))).await;
        }
        let before = stage.told().await.len();
        let marker = reservation();
        stage.tell(ReservationEvent::Held(marker.clone())).await;
        let replica = Replica::start(&db, &stage.nats).await;
        eventually("the marker", SOON, async || {
            check(replica.about(marker.reservation_id).await, |told| !told.is_empty())
        })
        .await;
        assert_eq!((before, replica.about(quiet.reservation_id).await), (5, vec![]));
        assert_eq!(replica.count("SELECT count(*) AS number FROM inbox").await, 1, "it does not even listen");
        replica.end().await;
    }

    async fn a_message_says_what_happened_in_the_guests_language(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        for (language, guest) in [("en", "mina"), ("ko", "민아"), ("fr", "mireille")] {
            let booked = ReservationV1 { language: language.into(), guest_id: guest.into(), ..reservation() };
            stage.tell(ReservationEvent::Confirmed(booked.clone())).await;
            stage.tell_payment(PaymentEvent::Refunded(payment(&booked))).await;
        }
        stage.heard(&replica).await;
        let texts = async |guest: &str| -> Vec<Value> {
            let message = |message: &Value| json!([message["language"], message["subject"], message["body"]]);
            replica.messages(guest).await.iter().map(message).collect()
        };
        let english = [
            json!(["en", "Your refund for Double room", "KRW 180,000 has been refunded for your reservation of Double room."]),
            json!(["en", "Your reservation of Double room is confirmed",
                "Double room, 2027-05-01 – 2027-05-03 (2 nights), 2 rooms, KRW 240,000. Enjoy your stay."]),
        ];
        assert_eq!(texts("mina").await, english);
        assert_eq!(texts("mireille").await, english);
        assert_eq!(texts("%EB%AF%BC%EC%95%84").await, [
            json!(["ko", "Double room 환불 안내", "Double room 예약에 대해 180,000원을(를) 환불했습니다."]),
            json!(["ko", "Double room 예약이 확정되었습니다",
                "Double room, 2027-05-01 – 2027-05-03 (2박), 객실 2개, 240,000원. 즐거운 숙박 되세요."]),
        ]);
        let hosts: Vec<Value> = texts("seaside").await.into_iter().map(|text| text[1].clone()).collect();
        assert_eq!(hosts, ["New reservation: Double room", "새 예약: Double room", "New reservation: Double room"]);
        replica.end().await;
    }

    async fn a_host_who_books_at_home_reads_both_messages(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let own = ReservationV1 { guest_id: "seaside".into(), ..reservation() };
        stage.tell(ReservationEvent::Confirmed(own)).await;
        stage.heard(&replica).await;
        let mut roles: Vec<Value> =
            replica.messages("seaside").await.iter().map(|message| message["role"].clone()).collect();
        roles.sort_by_key(Value::to_string);
        assert_eq!(roles, ["guest", "host"]);
        replica.end().await;
    }
}
