//! Each message leaves once on each channel of its reader, with a real mail server and a real receiver.

use crate::fixture::{Replica, Stage, get};
use crate::receiver::{Answer, Receiver};
use crate::samples::{reservation, review, ticket};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::ReviewEvent;
use contract::waitlist::WaitlistEvent;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testing::{Backend, SOON, Smtp, check, database, eventually};
use uuid::Uuid;

/// Two replicas take part in these.
const MANY: usize = 60;

/// Quick pauses, and this mail server.
pub fn env(smtp: &Smtp) -> Vec<(&'static str, String)> {
    let quick = [("DELIVERY_PAUSE_MS_MIN", "20"), ("DELIVERY_PAUSE_MS_MAX", "200")];
    let quick = quick.map(|(name, value)| (name, value.to_owned()));
    quick
        .into_iter()
        .chain([("SMTP_URL", smtp.url()), ("SMTP_FROM", "Yeyak <no-reply@yeyak.example>".into())])
        .collect()
}

/// A replica that sends mail through `smtp`, with these variables over the usual ones.
pub async fn replica(db: &testing::Db, stage: &Stage, smtp: &Smtp, more: &[(&str, &str)]) -> Replica {
    let env = env(smtp);
    let env: BTreeMap<&str, &str> =
        env.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
    Replica::told(&db.url, stage.nats.url(), &env.into_iter().collect::<Vec<_>>()).await
}

pub fn id(delivery: &Value) -> Uuid {
    delivery["id"].as_str().unwrap().parse().unwrap()
}

/// The ids by which mails are known.
fn message_ids(smtp: &Smtp) -> Vec<String> {
    let mut ids: Vec<String> = smtp.mails().iter().map(|mail| mail.header("Message-ID").to_owned()).collect();
    ids.sort_unstable();
    ids
}

testing::on_every_backend! {
    async fn each_message_leaves_once_on_each_channel(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let receiver = Receiver::start(Answer::Status(204)).await;
        let replica = replica(&db, &stage, &smtp, &[]).await;
        replica.register("mina", json!({ "email": "mina@example.org", "webhook": receiver.webhook(), "language": "ko" })).await;
        replica.register("seaside", json!({ "email": "desk@seaside.example" })).await;
        let booked = reservation();
        for event in [ReservationEvent::Held, ReservationEvent::Confirmed] {
            stage.tell(event(booked.clone())).await;
        }
        let deliveries = replica.settled("mina", "sent", 4).await;
        replica.settled("seaside", "sent", 1).await;

        // The webhook carries what the list shows, and the mail says it.
        let posts = receiver.posts();
        assert_eq!((posts.len(), receiver.ids().len()), (2, 2));
        for message in replica.messages("mina").await {
            let template = message["template"].as_str().unwrap();
            let post = posts.iter().find(|post| post.body["data"]["notification_id"] == message["id"]).unwrap();
            assert_eq!(post.body["type"], template.replacen('-', ".", 1));
            assert_eq!(post.body["timestamp"], message["created_at"]);
            for field in ["recipient", "role", "language", "template", "correlation", "subject", "body"] {
                assert_eq!(post.body["data"][field], message[field], "{field}");
            }
            assert_eq!(message["language"], "ko", "its reader prefers Korean to the English of the case");
            let mails = smtp.mails();
            let mail = mails.iter().find(|mail| message["subject"] == mail.header("Subject")).unwrap();
            assert_eq!(mail.body.trim_end(), message["body"].as_str().unwrap());
            assert_eq!((mail.from.as_str(), &mail.to[..]), ("no-reply@yeyak.example", &["mina@example.org".to_owned()][..]));
            assert_eq!((mail.header("From"), mail.header("To")), ("Yeyak <no-reply@yeyak.example>", "mina@example.org"));
        }
        let of = |channel: &str| deliveries.iter().filter(|one| one["channel"] == channel).map(id).collect::<Vec<_>>();
        assert!(of("webhook").iter().all(|id| receiver.ids().contains(id)));
        for id in of("email") {
            assert!(message_ids(&smtp).contains(&format!("<{id}@yeyak.example>")), "{id}");
        }
        assert_eq!(smtp.mails().len(), 3);
        told_to_everybody(&replica, &deliveries, booked.reservation_id).await;
        replica.end().await;
    }

    async fn a_line_and_a_review_are_told_as_well(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let replica = replica(&db, &stage, &smtp, &[]).await;
        for reader in ["mina", "noodles", "seaside"] {
            replica.register(reader, json!({ "email": format!("{reader}@example.org"), "language": "en" })).await;
        }
        let party = ticket();
        for event in [WaitlistEvent::Called, WaitlistEvent::NoShow] {
            stage.tell_ticket(event(party.clone()), &party).await;
        }
        stage.tell_review(ReviewEvent::Posted(review(&reservation()))).await;
        let block = ReservationV1 { purpose: Some("block".into()), ..reservation() };
        stage.tell(ReservationEvent::Confirmed(block)).await;
        stage.heard(&replica).await;
        for (reader, count) in [("mina", 2), ("noodles", 1), ("seaside", 1)] {
            replica.settled(reader, "sent", count).await;
        }
        let mails = smtp.mails();
        let mut told: Vec<(&str, &str)> =
            mails.iter().map(|mail| (mail.to[0].as_str(), mail.header("Subject"))).collect();
        told.sort_unstable();
        assert_eq!(told, [
            ("mina@example.org", "Please come in: Noodle bar"),
            ("mina@example.org", "Your turn at Noodle bar has passed"),
            ("noodles@example.org", "No-show in line at Noodle bar"),
            ("seaside@example.org", "New review of Double room: 5 of 5 stars"),
        ]);
        replica.end().await;
    }

    async fn no_text_of_a_guest_or_host_becomes_a_header(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let replica = replica(&db, &stage, &smtp, &[]).await;
        replica.register("mina", json!({ "email": "mina@example.org" })).await;
        let name = "방\r\nBcc: thief@example.org\r\nContent-Type: text/html\r\n\r\n<b>free</b>\u{85}\u{1b}[2J";
        stage.tell(ReservationEvent::Confirmed(ReservationV1 { offering_name: name.into(), ..reservation() })).await;
        replica.settled("mina", "sent", 1).await;
        let mails = smtp.mails();
        let [mail] = &mails[..] else { panic!("{mails:?}") };
        let mut names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]
        );
        assert_eq!((&mail.to[..], mail.header("Content-Type")), (&["mina@example.org".to_owned()][..], "text/plain; charset=\"utf-8\""));
        assert!(mail.header("Subject").contains("방  Bcc: thief@example.org"), "{mail:?}");
        replica.end().await;
    }
}

/// What ended is published, once, with the case.
async fn told_to_everybody(replica: &Replica, deliveries: &[Value], case: Uuid) {
    let sql = "SELECT kind, correlation, version, payload FROM outbox WHERE published_us IS NOT NULL";
    let rows = eventually("an event for each", SOON, async || {
        check(replica.rows(sql).await, |rows| rows.len() == deliveries.len() + 1)
    })
    .await;
    for delivery in deliveries {
        let told = rows.iter().filter(|row| {
            let payload: Value = serde_json::from_str(&row.try_get::<String>("", "payload").unwrap()).unwrap();
            payload["delivery_id"] == delivery["id"] && payload["status"] == "sent" && payload["attempts"] == 1
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 1, "{delivery}");
        assert_eq!(told[0].try_get::<String>("", "kind").unwrap(), "notification.sent.v1");
        assert_eq!(told[0].try_get::<Uuid>("", "correlation").unwrap(), case);
        assert_eq!((told[0].try_get::<i64>("", "version").unwrap(), &delivery["version"]), (2, &json!(2)));
    }
}

#[test]
fn r14_two_replicas_send_once() {
    testing::run(async {
        let (db, stage) = (database(Backend::Postgres).await, Stage::set().await);
        let smtp = Smtp::start().await;
        let receiver = Receiver::start(Answer::Status(200)).await;
        let (one, two) = join(replica(&db, &stage, &smtp, &[]), replica(&db, &stage, &smtp, &[])).await;
        one.register("mina", json!({ "email": "mina@example.org", "webhook": receiver.webhook() })).await;
        join_all((0..MANY).map(|_| stage.tell(ReservationEvent::Held(reservation())))).await;
        let sent = two.settled("mina", "sent", 2 * MANY).await;
        assert!(sent.iter().all(|one| one["attempts"] == 1), "{sent:?}");
        assert_eq!((receiver.posts().len(), receiver.ids().len()), (MANY, MANY));
        let mut ids = message_ids(&smtp);
        assert_eq!(ids.len(), MANY);
        ids.dedup();
        assert_eq!(ids.len(), MANY);
        let (status, page) = get(&one.admin, "/parked").await;
        assert_eq!((status, page), (200, json!({ "parked": [] })));
        join(one.end(), two.end()).await;
    });
}
