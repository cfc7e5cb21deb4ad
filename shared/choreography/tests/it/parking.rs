//! The parking place: what cannot be handled waits there with its reason, and holds up nothing.
use crate::platform::{Running, tally};
use crate::service::tally::{BAFFLING, SUM_MAX, Tally, UNLUCKY};
use crate::stream::Stream;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use serde_json::Value;
use std::sync::atomic::Ordering;
use testing::{Nats, SOON, check, eventually};
use tower::ServiceExt;
use uuid::Uuid;

/// Answers of the admin port.
async fn admin(tally: &Running<Tally>, method: &str, path: &str) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = choreography::admin::router(tally.engine.clone()).oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// Waits until `count` events are parked and none is waiting; their reasons.
async fn reasons(tally: &Running<Tally>, count: usize) -> Vec<String> {
    eventually("parked events", SOON, async || {
        let (_, body) = admin(tally, "GET", "/parked").await;
        let parked = body["parked"].as_array().unwrap();
        let reasons: Vec<String> = parked.iter().map(|row| row["reason"].as_str().unwrap().to_owned()).collect();
        let waiting = tally.engine.backlog().waiting();
        check((reasons, waiting), |(reasons, waiting)| reasons.len() == count && *waiting == 0)
    })
    .await
    .0
}

testing::on_every_backend! {
    async fn poison_is_parked_with_its_reason_and_replayed_when_its_cause_is_mended(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let (case, poison) = (Uuid::now_v7(), Uuid::now_v7());
        stream.send(Uuid::now_v7(), case, 1).await;
        stream.send(poison, case, UNLUCKY).await;
        stream.send(Uuid::now_v7(), case, 2).await;
        assert_eq!(reasons(&tally, 1).await, ["thirteen is unlucky"]);
        tally.shows(3, 2).await;
        let (_, body) = admin(&tally, "GET", "/parked").await;
        let row = &body["parked"][0];
        assert_eq!((row["id"].as_str(), row["service"].as_str()), (Some(&*poison.to_string()), Some("tally")));
        assert_eq!((row["type"].as_str(), row["payload"].as_str()), (Some("counter.added.v1"), Some("{\"n\":13}")));
        assert_eq!(row["correlation"].as_str(), Some(&*case.to_string()));

        let replay = format!("/parked/{poison}/replay");
        let (status, problem) = admin(&tally, "POST", &replay).await;
        assert_eq!((status, problem["reason"].as_str()), (StatusCode::CONFLICT, Some("thirteen is unlucky")));
        tally.engine.service().mended.store(true, Ordering::SeqCst);
        assert_eq!(admin(&tally, "POST", &replay).await.0, StatusCode::NO_CONTENT);
        tally.shows(16, 3).await;
        assert_eq!(admin(&tally, "POST", &replay).await.0, StatusCode::NOT_FOUND);
        // Neither the broker's next delivery nor a second call brings it back.
        stream.send(poison, case, UNLUCKY).await;
        tally.shows(16, 3).await;
        assert_eq!(reasons(&tally, 0).await, [""; 0]);
    }

    async fn parking_and_remembering_are_one_transaction(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        // While nothing can be parked, the poison must not count as received either, or it would be lost.
        tally.execute("ALTER TABLE parked RENAME TO parked_away", []).await;
        let poison = Uuid::now_v7();
        stream.send(poison, Uuid::nil(), UNLUCKY).await;
        let heard = tally.engine.service().heard.clone();
        eventually("a second delivery", SOON, async || check(heard.lock().unwrap().len(), |count| *count >= 2)).await;
        assert_eq!(tally.number("SELECT count(*) FROM inbox").await, 0);
        tally.execute("ALTER TABLE parked_away RENAME TO parked", []).await;
        assert_eq!(reasons(&tally, 1).await, ["thirteen is unlucky"]);
        assert_eq!(tally.number("SELECT count(*) FROM inbox JOIN parked USING (event_id)").await, 1);
    }

    async fn what_the_database_refuses_is_parked_alone_and_replayed(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let (case, excess) = (Uuid::now_v7(), Uuid::now_v7());
        stream.send(excess, case, SUM_MAX + 1).await;
        for _ in 0..20 {
            stream.send(Uuid::now_v7(), Uuid::now_v7(), 1).await;
        }
        tally.shows(20, 20).await;
        let reason = reasons(&tally, 1).await.remove(0);
        assert!(reason.to_lowercase().contains("check"), "{reason}");
        let replay = format!("/parked/{excess}/replay");
        assert_eq!(admin(&tally, "POST", &replay).await.0, StatusCode::CONFLICT);
        assert_eq!(reasons(&tally, 1).await.len(), 1, "a replay that fails leaves it parked");
        tally.execute("INSERT INTO tally (id, total, times) VALUES ($1, -1, 0)", [case.into()]).await;
        assert_eq!(admin(&tally, "POST", &replay).await.0, StatusCode::NO_CONTENT);
        tally.shows(20 + SUM_MAX, 21).await;
    }

    async fn two_replays_at_once_act_once(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        let poison = Uuid::now_v7();
        stream.send(poison, Uuid::nil(), UNLUCKY).await;
        reasons(&tally, 1).await;
        tally.engine.service().mended.store(true, Ordering::SeqCst);
        let replay = format!("/parked/{poison}/replay");
        let answers = join_all((0..8).map(|_| admin(&tally, "POST", &replay))).await;
        assert!(answers.iter().any(|(status, _)| *status == StatusCode::NO_CONTENT), "{answers:?}");
        tally.shows(UNLUCKY, 1).await;
        assert_eq!(reasons(&tally, 0).await, [""; 0]);
    }

    async fn what_is_no_event_or_breaks_the_translation_is_parked(db: Db) {
        let nats = Nats::start().await;
        let tally = tally(&db.url, &nats.url()).await;
        let stream = Stream::connect(&nats.url()).await;
        stream.send_garbage(b"\x00\xff not an event").await;
        stream.send(Uuid::now_v7(), Uuid::nil(), BAFFLING).await;
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        tally.shows(1, 1).await;
        let mut reasons = reasons(&tally, 2).await;
        reasons.sort();
        assert_eq!(reasons, ["the message is not an event of this platform", "the translation panicked"]);
    }
}
