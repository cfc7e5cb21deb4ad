//! What happens is told as it happens: to everybody who asks, in order, nothing missed and nothing twice.

use crate::ear::told;
use crate::fixture::Stage;
use crate::sample::{changed, held, joined, offering, party, payment, review, store};
use contract::catalog::CatalogEvent;
use contract::notification::{DeliveryV1, NotificationEvent};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::ReviewEvent;
use contract::seating::SeatingEvent;
use contract::waitlist::{LineV1, WaitlistEvent};
use serde_json::{Value, json};
use std::time::Duration;
use testing::SOON;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Bookings that are told while listeners come and go.
const BUSY: i64 = 60;

fn bookings(count: i64) -> Vec<ReservationV1> {
    let room = offering("seaside", "Double room");
    (0..count).map(|minute| held(&room, "mina", minute)).collect()
}

async fn tell(stage: &Stage, bookings: &[ReservationV1]) {
    for booked in bookings {
        stage.tell(ReservationEvent::Held(booked.clone())).await;
    }
}

fn cases(events: &[Value]) -> Vec<Value> {
    events.iter().map(|event| event["correlation"].clone()).collect()
}

fn ids(bookings: &[ReservationV1]) -> Vec<Value> {
    bookings.iter().map(|booked| json!(booked.reservation_id)).collect()
}

testing::on_every_backend! {
    async fn rule20_every_replica_tells_everything_in_order(db: Db) {
        let stage = Stage::set(&db).await;
        let other = stage.another(&db).await;
        let (mut one, mut two) = (stage.replica.listen("", None).await, other.listen("", None).await);
        let bookings = bookings(20);
        tell(&stage, &bookings).await;
        stage.tell(ReservationEvent::State(bookings[0].clone())).await;
        stage.tell(PaymentEvent::Captured(payment(&bookings[0], 2, "captured", 0))).await;
        let (of_one, of_two) = (one.events(21).await, two.events(21).await);
        assert_eq!(of_one, of_two);
        assert_eq!(cases(&of_one[..20]), ids(&bookings));
        assert_eq!(of_one[0]["data"], serde_json::to_value(&bookings[0]).unwrap());
        // A state that is told again is nothing that happened.
        assert_eq!(told(&of_one[20]), ("payment.captured.v1".into(), bookings[0].reservation_id.to_string(), 2));
        assert_eq!((one.last, two.last), (Some(22), Some(22)));
        stage.taken_in().await;
        let history = stage.replica.shows(&format!("/history/{}", bookings[0].reservation_id)).await;
        for (event, heard) in history["events"].as_array().unwrap().iter().zip([&of_one[0], &of_one[20]]) {
            for name in ["id", "type", "source", "time", "version", "cause", "actor", "data"] {
                assert_eq!(event[name], heard[name], "{name}");
            }
        }
        other.end().await;
        stage.replica.end().await;
    }

    async fn rule20_who_comes_back_missed_nothing_and_hears_nothing_twice(db: Db) {
        let mut stage = Stage::set(&db).await;
        let other = stage.another(&db).await;
        let bookings = bookings(20);
        let mut ear = stage.replica.listen("", None).await;
        tell(&stage, &bookings[..4]).await;
        let mut heard = ear.events(2).await;
        let last = ear.last;
        drop(ear);
        tell(&stage, &bookings[4..8]).await;
        // The broker forgets its readers, and another replica answers.
        stage.crash_broker().await;
        let (mut ear, mut witness) = (other.listen("", last).await, other.listen("", None).await);
        // Told after it was settled what this listener missed, and before it has read any of that.
        tell(&stage, &bookings[8..12]).await;
        witness.events(4).await;
        heard.extend(ear.events(10).await);
        // It crashes while somebody listens.
        stage.crash_broker().await;
        tell(&stage, &bookings[12..]).await;
        heard.extend(ear.events(8).await);
        assert_eq!(cases(&heard), ids(&bookings));
        ear.is_silent().await;
        other.end().await;
        stage.replica.end().await;
    }

    async fn rule20_nothing_is_missed_by_who_comes_and_goes_while_everything_goes_on(db: Db) {
        let stage = Stage::set(&db).await;
        let other = stage.another(&db).await;
        let bookings = bookings(BUSY);
        let mut ear = other.listen("", None).await;
        // Where the stream stands.
        ear.anything().await.unwrap();
        let listening = async {
            let (mut heard, mut round) = (Vec::new(), 0);
            while heard.len() < bookings.len() {
                round += 1;
                let replica = if round % 2 == 0 { &other } else { &stage.replica };
                ear = replica.listen("", ear.last).await;
                let count = (bookings.len() - heard.len()).min(round % 5);
                heard.extend(ear.events(count).await);
            }
            heard
        };
        let (heard, ()) = tokio::join!(listening, tell(&stage, &bookings));
        assert_eq!(cases(&heard), ids(&bookings));
        other.end().await;
        stage.replica.end().await;
    }

    async fn a_listener_hears_what_it_asks_for(db: Db) {
        let stage = Stage::set(&db).await;
        let (room, noodles) = (offering("seaside", "Double room"), store("noodles"));
        let (mine, other) = (held(&room, "mina", 1), held(&room, "jun", 2));
        let ticket = joined(&noodles, "mina", 2, 1);
        let line =
            LineV1 { offering_id: noodles.offering_id, version: 1, business: "noodles".into(), status: "paused".into() };
        let listeners = [
            "business=seaside".to_owned(),
            format!("offering_id={}", noodles.offering_id),
            "guest_id=mina".to_owned(),
            format!("case={}", mine.reservation_id),
            "guest_id=mina&business=noodles".to_owned(),
            "business=nobody&guest_id=".to_owned(),
        ];
        let mut ears = Vec::new();
        for query in &listeners {
            ears.push(stage.replica.listen(query, None).await);
        }
        stage.tell(CatalogEvent::Published(room.clone())).await;
        stage.tell(ReservationEvent::Held(mine.clone())).await;
        stage.tell(ReservationEvent::Held(other.clone())).await;
        // Neither of these says whom it concerns.
        stage.tell(PaymentEvent::Captured(payment(&mine, 2, "captured", 0))).await;
        stage.tell(PaymentEvent::Captured(payment(&other, 2, "captured", 0))).await;
        let delivery = DeliveryV1 {
            delivery_id: Uuid::now_v7(),
            version: 1,
            status: "sent".into(),
            notification_id: Uuid::now_v7(),
            channel: "email".into(),
            recipient: "mina".into(),
            template: "held".into(),
            attempts: 1,
            reason: None,
        };
        stage.tell((NotificationEvent::Sent(delivery), mine.reservation_id)).await;
        stage.tell(WaitlistEvent::Joined(ticket.clone())).await;
        stage.tell(SeatingEvent::PartySeated(party(&ticket, 1, "seated"))).await;
        stage.tell(WaitlistEvent::LinePaused(line)).await;
        stage.tell(ReviewEvent::Posted(review(&mine, 1, "posted", 5))).await;
        let wanted: [&[&str]; 6] = [
            &[
                "catalog.published", "reservation.held", "reservation.held", "payment.captured", "payment.captured",
                "notification.sent", "review.posted",
            ],
            &["waitlist.joined", "seating.party-seated", "waitlist.line-paused"],
            &[
                "reservation.held", "payment.captured", "notification.sent", "waitlist.joined", "seating.party-seated",
                "review.posted",
            ],
            &["reservation.held", "payment.captured", "notification.sent", "review.posted"],
            &["waitlist.joined", "seating.party-seated"],
            &[],
        ];
        let types = |events: &[Value]| -> Vec<String> {
            events.iter().map(|event| event["type"].as_str().unwrap().trim_end_matches(".v1").to_owned()).collect()
        };
        for ((ear, wanted), query) in ears.iter_mut().zip(wanted).zip(&listeners) {
            assert_eq!(types(&ear.events(wanted.len()).await), wanted, "{query}");
        }
        stage.taken_in().await;
        // The same is found by whom it concerns when nobody remembers it but the views.
        let second = stage.another(&db).await;
        for ((query, wanted), early) in listeners.iter().zip(wanted).zip([3, 0, 1, 1, 0, 0]) {
            let mut ear = second.listen(query, Some(3)).await;
            assert_eq!(types(&ear.events(wanted.len() - early).await), wanted[early..], "{query}");
        }
        second.end().await;
        stage.replica.end().await;
    }

    async fn who_is_too_slow_is_dropped_and_may_come_back(db: Db) {
        let stage = Stage::with_env(&db, &[("LIVE_BUFFER_MAX", "8")]).await;
        let bookings = bookings(30);
        let mut slow = stage.replica.listen("", None).await;
        let mut quick = stage.replica.listen("", None).await;
        for some in bookings.chunks(5) {
            tell(&stage, some).await;
            assert_eq!(cases(&quick.events(some.len()).await), ids(some));
        }
        let dropped = slow.next().await.unwrap();
        assert_eq!((dropped.event.as_deref(), &dropped.data["reason"]), (Some("dropped"), &json!("too-slow")));
        assert_eq!(slow.next().await, None);
        let mut again = stage.replica.listen("", slow.last).await;
        assert_eq!(cases(&again.events(30).await), ids(&bookings));
        stage.replica.end().await;
    }

    async fn who_missed_too_much_is_told_so(db: Db) {
        let mut stage = Stage::with_env(&db, &[("LIVE_REPLAY_MAX", "5")]).await;
        let bookings = bookings(12);
        let mut ear = stage.replica.listen("", None).await;
        tell(&stage, &bookings[..10]).await;
        ear.events(10).await;
        for (last, reason) in [(4, "too-old"), (11, "unknown-id")] {
            let mut ear = stage.replica.listen("", Some(last)).await;
            let reset = ear.next().await.unwrap();
            assert_eq!((reset.event.as_deref(), &reset.data["reason"], reset.id), (Some("reset"), &json!(reason), Some(10)));
        }
        let mut just = stage.replica.listen("", Some(5)).await;
        assert_eq!(cases(&just.events(5).await), ids(&bookings[5..10]));
        // The broker's disk is lost: no id means anything any more.
        stage.forget().await;
        stage.tell(ReservationEvent::Held(bookings[10].clone())).await;
        let reset = ear.next().await.unwrap();
        assert_eq!((reset.event.as_deref(), &reset.data["reason"]), (Some("reset"), &json!("stream-anew")));
        stage.tell(ReservationEvent::Held(bookings[11].clone())).await;
        let told = ear.next().await.unwrap().data["correlation"].clone();
        assert!(ids(&bookings[10..]).contains(&told), "{told}");
        let uri = "/dashboard/stream?case=1";
        stage.replica.get(uri).await.refused(400, "invalid-query");
        stage.replica.end().await;
    }

    async fn a_replica_takes_so_many_listeners_and_no_more(db: Db) {
        let stage = Stage::with_env(&db, &[("LIVE_LISTENERS_MAX", "2")]).await;
        let one = stage.replica.listen("", None).await;
        let _two = stage.replica.listen("", None).await;
        let refused = stage.replica.ask_to_listen("", None).await;
        assert_eq!(refused.status(), 503);
        assert!(refused.headers().contains_key("retry-after"));
        drop(one);
        assert_eq!(stage.replica.ask_to_listen("", None).await.status(), 200);
        stage.replica.end().await;
    }

    async fn a_quiet_stream_shows_signs_of_life_for_longer_than_an_answer_may_take(db: Db) {
        let env = [("LIVE_HEARTBEAT_MS", "50"), ("HTTP_TIMEOUT_MS_MAX", "200")];
        let stage = Stage::with_env(&db, &env).await;
        let mut ear = stage.replica.listen("guest_id=jun", None).await;
        let bookings = bookings(3);
        tell(&stage, &bookings).await;
        // They say how far this listener is, though it hears nothing.
        timeout(SOON, async { while ear.anything().await.unwrap().id != Some(3) {} }).await.unwrap();
        for _ in 0..10 {
            let life = ear.anything().await.unwrap();
            assert_eq!((life.comment.as_deref(), life.data), (Some("listening"), Value::Null));
        }
        let mine = ReservationV1 { guest_id: "jun".into(), ..changed(&bookings[0], "confirmed") };
        stage.tell(ReservationEvent::Confirmed(mine)).await;
        assert_eq!(ear.events(1).await.len(), 1);
        stage.replica.end().await;
    }

    async fn a_listener_does_not_delay_the_shutdown(db: Db) {
        let stage = Stage::set(&db).await;
        drop(stage.replica.listen("", None).await);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connection = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn(runtime::http::serve(listener, stage.replica.public.clone(), stop.clone()));
        connection.write_all(b"GET /dashboard/stream HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
        let mut head = [0; 12];
        connection.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
        stop.cancel();
        stage.replica.end().await;
        // Far sooner than requests in flight are cut off.
        timeout(Duration::from_secs(runtime::http::DRAIN_SECONDS_MAX / 2), server).await.unwrap().unwrap().unwrap();
        let mut rest = String::new();
        connection.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
    }
}
