//! A crash between two decisions: whoever comes next goes on.

use crate::fixture::{DOWN, Replica, Stage, noodles, wish};
use serde_json::json;
use testing::{SOON, check, eventually};

testing::on_every_backend! {
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
            crate::fixture::ask(&replica, "POST", "/tickets", (Some(wish(line, "mina", 2)), Some("k"))).await
        });
        let ticket = eventually("the party joins", SOON, async || {
            let board = stage.replica.get(&format!("/lines/{line}")).await.1;
            board["tickets"][0]["id"].as_str().map(ToOwned::to_owned).ok_or(board)
        }).await;
        caller.abort();
        dying.end().await;
        drop(silent);
        // The other replica finds that seating is down: the line never refuses.
        assert_eq!(stage.replica.reaches(&ticket, "waiting").await["number"], json!(1));
        assert_eq!(stage.replica.events(&ticket).await, ["waitlist.joined.v1", "waitlist.issued.v1"]);
        // And who asks again is told of this very ticket, once the owner of the key counts as dead.
        let again = eventually("the repeat is answered", SOON, async || {
            let (status, body) = stage.replica.join(wish(line, "mina", 2), "k").await;
            check((status.as_u16(), body), |(status, _)| *status == 201)
        }).await;
        assert_eq!(again.1["id"], json!(ticket));
        assert_eq!(stage.replica.join(wish(line, "mina", 2), "k").await.1["id"], json!(ticket));
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
