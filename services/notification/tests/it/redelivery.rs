//! Trying again what has ended: under the same id, once per key.

use crate::fixture::Stage;
use crate::receiver::{Answer, Receiver};
use crate::samples::reservation;
use crate::sending::{id, replica};
use axum::http::Method;
use contract::reservation::ReservationEvent;
use serde_json::{Value, json};
use testing::{SOON, Smtp, check, eventually};

testing::on_every_backend! {
    async fn what_has_ended_is_delivered_again_once_per_key(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::prepare().await);
        let receiver = Receiver::start(Answer::Status(410)).await;
        let replica = replica(&db, &stage, &smtp, &[("DELIVERY_ATTEMPTS_MAX", "100")]).await;
        replica.register("mina", json!({ "webhook": receiver.webhook() })).await;
        stage.tell(ReservationEvent::Held(reservation())).await;
        let failed = replica.settled("mina", "failed", 1).await;
        let path = format!("/deliveries/{}/redeliver", failed[0]["id"].as_str().unwrap());
        let again = async |key: Option<&str>| replica.call(Method::POST, &path, None, key).await;

        // A failed one; the key makes one of two requests, whatever has become of it meanwhile.
        receiver.answer(Answer::Status(200));
        let (status, first) = again(Some("one")).await;
        assert_eq!((status, &first["status"], &first["attempts"], &first["version"]),
            (202, &json!("waiting"), &json!(0), &json!(3)));
        let sent = replica.settled("mina", "sent", 1).await;
        assert_eq!(again(Some("one")).await, (202, first));
        assert_eq!((receiver.posts().len(), &replica.settled("mina", "sent", 1).await), (2, &sent));

        // A sent one, which is waiting for a while: nothing to begin.
        receiver.answer(Answer::Status(500));
        assert_eq!(again(None).await.0, 202);
        let (status, problem) = again(Some("two")).await;
        assert_eq!((status, &problem["type"]), (409, &json!("/problems/wrong-state")));
        receiver.answer(Answer::Status(200));
        let sent = replica.settled("mina", "sent", 1).await;
        assert_eq!(sent[0]["version"], 6);
        // A refusal keeps nothing, so that the key may try again.
        assert_eq!(again(Some("two")).await.0, 202);
        eventually("the last", SOON, async || {
            check(replica.deliveries("mina").await, |all| all[0]["version"] == 8 && all[0]["status"] == "sent")
        })
        .await;
        assert!(receiver.ids().into_iter().eq([id(&sent[0])]), "one id for all");
        let unknown = "/deliveries/00000000-0000-0000-0000-000000000000/redeliver";
        let (status, problem) = replica.call(Method::POST, unknown, None, None).await;
        assert_eq!((status, &problem["type"]), (404, &json!("/problems/delivery-not-found")));
        let kinds = replica.rows("SELECT kind, version FROM outbox ORDER BY version").await;
        let kinds: Vec<(String, i64)> =
            kinds.iter().map(|row| (row.try_get("", "kind").unwrap(), row.try_get("", "version").unwrap())).collect();
        let told = |kind: &str, version| (format!("notification.{kind}.v1"), version);
        assert_eq!(kinds, [told("failed", 2), told("sent", 4), told("sent", 6), told("sent", 8)]);
        replica.end().await;
    }

    async fn who_is_forgotten_gets_nothing_more(db: Db) {
        let (stage, smtp) = (Stage::set().await, Smtp::prepare().await);
        let receiver = Receiver::start(Answer::Status(500)).await;
        let replica = replica(&db, &stage, &smtp, &[("DELIVERY_ATTEMPTS_MAX", "100")]).await;
        replica.register("mina", json!({ "webhook": receiver.webhook() })).await;
        stage.tell(ReservationEvent::Held(reservation())).await;
        eventually("an attempt", SOON, async || check(receiver.posts().len(), |count| *count > 0)).await;
        assert_eq!(replica.call(Method::DELETE, "/recipients/mina", None, None).await, (204, Value::Null));
        let failed = replica.settled("mina", "failed", 1).await;
        assert_eq!(failed[0]["last_error"], "the recipient has no webhook any more");
        stage.tell(ReservationEvent::Held(reservation())).await;
        stage.heard(&replica).await;
        assert_eq!(replica.deliveries("mina").await, failed);
        replica.end().await;
    }
}
