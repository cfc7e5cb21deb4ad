//! Channels that are down, slow or refuse: what waits is sent later, what is refused fails, nobody else is held up.

use crate::fixture::{Replica, Stage};
use crate::receiver::{Answer, Receiver};
use crate::samples::reservation;
use crate::sending::{env, id, replica};
use axum::http::Method;
use contract::reservation::ReservationEvent;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use testing::{SOON, Smtp, check, eventually};

/// More than one host may have under way.
const MANY: usize = 30;
/// So long after it was told to, a writer that did not wait for the attempt would have ended: a pull takes half a second.
const WRITER_ENDS: Duration = Duration::from_secs(2);

fn of<'d>(deliveries: &'d [Value], channel: &str) -> Vec<&'d Value> {
    deliveries.iter().filter(|one| one["channel"] == channel).collect()
}

async fn tell(stage: &Stage, count: usize) {
    join_all((0..count).map(|_| stage.tell(ReservationEvent::Held(reservation())))).await;
}

testing::on_every_backend! {
    async fn a_mail_server_that_was_down_catches_up(db: Db) {
        let (stage, mut smtp) = (Stage::set().await, Smtp::prepare().await);
        let receiver = Receiver::start(Answer::Status(200)).await;
        // Fewer attempts than the outage would take, if they counted.
        let replica = replica(&db, &stage, &smtp, &[("DELIVERY_ATTEMPTS_MAX", "2")]).await;
        replica.register("mina", json!({ "email": "mina@example.org", "webhook": receiver.webhook() })).await;
        tell(&stage, MANY).await;
        stage.heard(&replica).await;
        eventually("every post", SOON, async || check(receiver.ids().len(), |count| *count == MANY)).await;
        let waiting = eventually("an error of the mail server", SOON, async || {
            let all = replica.deliveries("mina").await;
            check(all, |all| of(all, "email").iter().filter(|one| !one["last_error"].is_null()).count() >= 5)
        })
        .await;
        for mail in of(&waiting, "email") {
            assert_eq!((&mail["status"], &mail["attempts"]), (&json!("waiting"), &json!(0)), "{mail}");
            assert!(mail["next_attempt_at"].is_string());
        }
        assert_eq!(replica.messages("mina").await.len(), MANY, "messages are listed meanwhile");
        smtp.restart().await;
        replica.settled("mina", "sent", 2 * MANY).await;
        let mails = smtp.mails();
        let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!((mails.len(), ids.len()), (MANY, MANY));
        replica.end().await;
    }

    async fn a_receiver_that_failed_gets_the_same_id_signed_anew(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::prepare().await);
        let receiver = Receiver::start(Answer::Status(500)).await;
        let more = [("DELIVERY_ATTEMPTS_MAX", "100"), ("DELIVERY_PAUSE_MS_MAX", "400")];
        let replica = replica(&db, &stage, &smtp, &more).await;
        replica.register("mina", json!({ "webhook": receiver.webhook() })).await;
        tell(&stage, 1).await;
        // Attempts in two different seconds.
        eventually("a second attempt", SOON, async || {
            let stamps: BTreeSet<String> = receiver.posts().into_iter().map(|post| post.timestamp).collect();
            check(stamps, |stamps| stamps.len() > 1)
        })
        .await;
        let [waiting] = &replica.deliveries("mina").await[..] else { panic!() };
        assert_eq!(waiting["last_error"], "the receiver answered 500 Internal Server Error");
        for other in [429, 408, 302] {
            let before = receiver.posts().len();
            receiver.answer(Answer::Status(other));
            eventually("two more attempts", SOON, async || check(receiver.posts().len(), |now| *now > before + 1)).await;
        }
        receiver.answer(Answer::Status(200));
        let sent = replica.settled("mina", "sent", 1).await;
        let posts = receiver.posts();
        assert_eq!(sent[0]["attempts"], json!(posts.len()));
        assert_eq!((&sent[0]["last_error"], &sent[0]["next_attempt_at"]), (&Value::Null, &Value::Null));
        assert_eq!(receiver.ids(), BTreeSet::from([id(&sent[0])]));
        let signed: BTreeSet<(&str, &str)> =
            posts.iter().map(|post| (post.timestamp.as_str(), post.signature.as_str())).collect();
        let stamps: BTreeSet<&str> = posts.iter().map(|post| post.timestamp.as_str()).collect();
        assert_eq!(signed.len(), stamps.len(), "one signature for each timestamp");
        replica.end().await;
    }

    async fn a_refusal_for_ever_fails_at_once_and_others_in_the_end(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let (gone, broken) = (Receiver::start(Answer::Status(410)).await, Receiver::start(Answer::Status(503)).await);
        let replica = replica(&db, &stage, &smtp, &[("DELIVERY_ATTEMPTS_MAX", "3")]).await;
        replica.register("mina", json!({ "email": "nobody@example.org", "webhook": gone.webhook() })).await;
        replica.register("seaside", json!({ "email": "full@example.org", "webhook": broken.webhook() })).await;
        stage.tell(ReservationEvent::Confirmed(reservation())).await;
        let guests = replica.settled("mina", "failed", 2).await;
        let hosts = replica.settled("seaside", "failed", 2).await;
        for (deliveries, channel, attempts, reason) in [
            (&guests, "email", 1, "no such mailbox"),
            (&guests, "webhook", 1, "410"),
            (&hosts, "email", 3, "mailbox full"),
            (&hosts, "webhook", 3, "503"),
        ] {
            let delivery = of(deliveries, channel)[0];
            assert_eq!(delivery["attempts"], attempts, "{delivery}");
            assert!(delivery["last_error"].as_str().unwrap().contains(reason), "{delivery}");
        }
        assert_eq!((gone.posts().len(), broken.posts().len(), smtp.mails().len()), (1, 3, 0));
        let failed = "SELECT count(*) AS number FROM outbox WHERE kind = 'notification.failed.v1'";
        assert_eq!(replica.count(failed).await, 4);
        replica.end().await;
    }

    async fn a_webhook_leads_into_no_private_network(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let inside = Receiver::start(Answer::Status(200)).await;
        let replica = replica(&db, &stage, &smtp, &[("WEBHOOK_PRIVATE", "false")]).await;
        replica.register("mina", json!({ "webhook": inside.webhook() })).await;
        stage.tell(ReservationEvent::Confirmed(reservation())).await;
        let failed = replica.settled("mina", "failed", 1).await;
        assert_eq!(failed[0]["last_error"], "the receiver's address is private");
        assert_eq!(inside.posts().len(), 0);
        replica.end().await;
    }

    async fn a_receiver_that_hangs_holds_up_nobody_else(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let (hung, other) = (Receiver::start(Answer::Hang).await, Receiver::start(Answer::Status(200)).await);
        // No attempt at the hung one ends within this test.
        let replica = replica(&db, &stage, &smtp, &[("DELIVERY_TIMEOUT_MS", "60000")]).await;
        replica.register("mina", json!({ "webhook": hung.webhook() })).await;
        tell(&stage, MANY).await;
        eventually("posts that hang", SOON, async || check(hung.posts().len(), |count| *count > 0)).await;
        replica.register("mina", json!({ "webhook": hung.webhook(), "email": "mina@example.org" })).await;
        replica.register("seaside", json!({ "webhook": other.webhook() })).await;
        for _ in 0..3 {
            stage.tell(ReservationEvent::Confirmed(reservation())).await;
        }
        replica.settled("seaside", "sent", 3).await;
        eventually("the mails", SOON, async || check(smtp.mails().len(), |count| *count == 3)).await;
        assert!(hung.posts().len() <= 8, "the hung host has its bound");
        let waiting = replica.deliveries("mina").await;
        assert_eq!(of(&waiting, "webhook").iter().filter(|one| one["status"] == "waiting").count(), MANY + 3);
        // What hangs is left behind when the service ends.
        replica.end().await;
    }

    async fn a_service_that_ends_in_order_records_what_is_under_way(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::prepare().await);
        let receiver = Receiver::start(Answer::Wait).await;
        let ending = replica(&db, &stage, &smtp, &[]).await;
        ending.register("mina", json!({ "webhook": receiver.webhook() })).await;
        tell(&stage, 1).await;
        eventually("a post", SOON, async || check(receiver.posts().len(), |count| *count == 1)).await;
        ending.stop();
        let told = Instant::now();
        while told.elapsed() < WRITER_ENDS {
            let (status, _) = ending.call(Method::PUT, "/recipients/other", Some(json!({})), None).await;
            assert_eq!(status, 200, "the writer has gone");
        }
        receiver.answer(Answer::Status(500));
        ending.end().await;
        let replica = replica(&db, &stage, &smtp, &[]).await;
        let [sent] = &replica.deliveries("mina").await[..] else { panic!() };
        assert_eq!((&sent["status"], receiver.posts().len()), (&json!("sent"), 1));
        replica.end().await;
    }

    async fn a_crash_between_sending_and_recording_repeats_under_the_same_id(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::start().await);
        let receiver = Receiver::start(Answer::Hang).await;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (url, nats, env, webhook) = (db.url.clone(), stage.nats.url(), env(&smtp), receiver.webhook());
        let (ready, registered) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let mut env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // What it takes with it is claimed for three times as long.
            env.push(("DELIVERY_TIMEOUT_MS", "3000"));
            let replica = Replica::told(&url, nats, &env).await;
            replica.register("mina", json!({ "email": "slow@example.org", "webhook": webhook })).await;
            ready.send(()).unwrap();
            std::future::pending::<()>().await;
            drop(replica);
        });
        registered.await.unwrap();
        tell(&stage, 1).await;
        // Both have taken the message, and neither has answered.
        let taken = || (smtp.mails().len(), receiver.posts().len());
        eventually("a mail and a post", SOON, async || check(taken(), |(mails, posts)| *mails > 0 && *posts > 0)).await;
        runtime.shutdown_background();
        let before = taken();
        receiver.answer(Answer::Status(200));
        let replica = replica(&db, &stage, &smtp, &[]).await;
        replica.register("mina", json!({ "email": "mina@example.org", "webhook": receiver.webhook() })).await;
        let sent = replica.settled("mina", "sent", 2).await;
        let mails = smtp.mails();
        assert!(mails.len() > before.0 && receiver.posts().len() > before.1, "both are repeated");
        for mail in &mails {
            assert_eq!((mail.header("Message-ID"), mail.header("Date")), (mails[0].header("Message-ID"), mails[0].header("Date")));
            assert_eq!(mail.body, mails[0].body);
        }
        let ids: BTreeSet<_> = sent.iter().map(id).collect();
        assert!(receiver.ids().len() == 1 && receiver.ids().is_subset(&ids));
        replica.end().await;
    }
}
