//! Servers come up, can be lost and set back, and databases are fresh.
use sea_orm::{ConnectionTrait, Database};
use std::net::TcpStream;
use testing::{Nats, Smtp, postgres, run};

fn answers(url: &str) -> bool {
    let address = url.rsplit_once("//").unwrap().1.rsplit('@').next().unwrap().split('/').next().unwrap();
    TcpStream::connect(address).is_ok()
}

#[test]
fn a_broker_is_stopped_killed_and_started_again_on_its_port() {
    run(async {
        let mut nats = Nats::start().await;
        let url = nats.url();
        assert!(answers(&url));
        nats.kill();
        assert!(!answers(&url));
        nats.restart().await;
        assert!(answers(&url));
        nats.stop();
        let saved = nats.save();
        nats.wipe();
        nats.restore(&saved);
        nats.restart().await;
        assert_eq!(nats.url(), url);
        drop(nats);
        assert!(!answers(&url));
    });
}

#[test]
fn a_mail_server_is_killed_and_started_again_on_its_port() {
    run(async {
        let mut smtp = Smtp::prepare().await;
        let url = smtp.url();
        assert!(!answers(&url));
        for _ in 0..2 {
            smtp.restart().await;
            assert!(answers(&url));
            smtp.kill();
            assert!(!answers(&url));
        }
        assert_eq!((smtp.url(), smtp.mails()), (url, vec![]));
    });
}

#[test]
fn one_server_gives_each_its_own_database() {
    run(async {
        let (one, other) = (postgres().await.database().await, postgres().await.database().await);
        assert_ne!(one, other);
        for url in [one, other] {
            let database = Database::connect(url).await.unwrap();
            database.execute_unprepared("CREATE TABLE fresh (id integer)").await.unwrap();
        }
    });
}

testing::on_each_backend! {
    async fn a_database_is_empty_and_keeps_what_is_written(db: Db) {
        let url = if db.url.starts_with("sqlite") { format!("{}?mode=rwc", db.url) } else { db.url.clone() };
        let database = Database::connect(url).await.unwrap();
        database.execute_unprepared("CREATE TABLE fresh (id integer)").await.unwrap();
        let added = database.execute_unprepared("INSERT INTO fresh VALUES (1)").await.unwrap();
        assert_eq!(added.rows_affected(), 1);
    }
}
