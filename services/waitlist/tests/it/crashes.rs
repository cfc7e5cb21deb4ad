//! A crash between two decisions: whoever comes next goes on.

use crate::fixture::{DOWN, Replica, Stage, noodles, wish};
use serde_json::json;
use testing::{SOON, check, eventually};

testing::on_each_backend! {
    async fn rule21_a_join_whose_claim_nobody_finished_is_finished_by_another_replica(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        // A seating that takes calls and never answers, so that the claim is out when its replica dies.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let seating = format!("http://{}", silent.local_addr().unwrap());
        let dying = Replica::start(&db, &stage.nats, 0, &seating).await;
        let router = dying.router.clone();
        let caller = tokio::spawn(async move {
            let replica = router;
            crate::fixture::ask(&replica, "POST", "/tickets", (Some(wish(line, "mina", 2)), None)).await
        });
        let board = eventually("the party joins", SOON, async || {
            check(stage.replica.get(&format!("/lines/{line}")).await.1, |board| board["counts"] == json!({ "joining": 1 }))
        }).await;
        let ticket = board["tickets"][0]["id"].as_str().unwrap().to_owned();
        caller.abort();
        dying.end().await;
        drop(silent);
        // The other replica finds that seating is down: the line never refuses.
        assert_eq!(stage.replica.reaches(&ticket, "waiting").await["number"], json!(1));
        assert_eq!(stage.replica.events(&ticket).await, ["waitlist.joined.v1", "waitlist.issued.v1"]);
    }

    async fn a_called_partys_deadline_survives_its_replica(db: Db) {
        let stage = Stage::set(&db).await;
        let line = stage.open(noodles(4)).await;
        let (mina, _) = stage.replica.number(line, "mina", 2).await;
        stage.seated(line, &mina, 2, 1).await;
        stage.replica.reaches(&mina, "called").await;
        stage.replica.end().await;
        let next = Replica::start(&db, &stage.nats, 0, DOWN).await;
        next.sql("UPDATE ticket SET deadline_us = 1 WHERE status = 'called'").await;
        next.reaches(&mina, "no_show").await;
    }
}
