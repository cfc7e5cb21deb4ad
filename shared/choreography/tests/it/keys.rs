//! Idempotency keys: one effect per key, the same answer again, and nothing kept of what does not stand.
use crate::platform::{Running, counter};
use crate::service::counter::{Answer, Command, Counter, TOTAL_MAX};
use choreography::{Key, KeyUse, Repeat, Reply, Request};
use testing::Nats;
use uuid::Uuid;

fn key(name: &str, body: &str, case: Uuid) -> Key {
    Key::new("guest", "/adds", name, body.as_bytes(), case)
}

fn claim(command: Command, key: &Key) -> Request<Command> {
    Request { command, key: KeyUse::Claim(key.clone()), actor: None, cause: None }
}

async fn asked(counter: &Running<Counter>, request: Request<Command>) -> Reply<Answer> {
    counter.engine.writer().ask(request).await.unwrap()
}

testing::on_every_backend! {
    async fn the_same_request_again_gets_the_same_answer_and_no_second_effect(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let add = Command::Add { id: Uuid::now_v7(), n: 1 };
        let first = asked(&counter, claim(add.clone(), &key("k", "body", Uuid::now_v7()))).await;
        assert!(matches!(first, Reply::Decided(Answer::Added { total: 1 })), "{first:?}");
        for _ in 0..2 {
            let again = asked(&counter, claim(add.clone(), &key("k", "body", Uuid::now_v7()))).await;
            let Reply::Repeat(Repeat::Answered { status: 201, body }) = again else { panic!("{again:?}") };
            assert_eq!(body, "{\"total\":1}");
        }
        let other = asked(&counter, claim(add.clone(), &key("another", "body", Uuid::now_v7()))).await;
        assert!(matches!(other, Reply::Decided(Answer::Added { total: 2 })), "another key is another case: {other:?}");
        assert_eq!(counter.number("SELECT count(*) FROM outbox").await, 2);
    }

    async fn the_same_key_with_another_body_is_told(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let add = Command::Add { id: Uuid::now_v7(), n: 1 };
        asked(&counter, claim(add.clone(), &key("k", "body", Uuid::now_v7()))).await;
        let reused = asked(&counter, claim(add.clone(), &key("k", "another body", Uuid::now_v7()))).await;
        assert!(matches!(reused, Reply::Repeat(Repeat::Reused)), "{reused:?}");
        let asks = ["one", "two"].map(|body| claim(add.clone(), &key("fresh", body, Uuid::now_v7())));
        let replies = counter.together(asks.into()).await;
        assert!(matches!(replies[..], [Ok(Reply::Decided(_)), Ok(Reply::Repeat(Repeat::Reused))]), "{replies:?}");
        assert_eq!(counter.number("SELECT total FROM counter").await, 2);
    }

    async fn a_refusal_and_a_fault_keep_nothing(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let (id, case) = (Uuid::now_v7(), Uuid::now_v7());
        let refused = asked(&counter, claim(Command::Add { id, n: TOTAL_MAX + 1 }, &key("k", "body", case))).await;
        assert!(matches!(refused, Reply::Decided(Answer::Full)), "{refused:?}");
        let faulty = asked(&counter, claim(Command::Panic, &key("k", "body", case))).await;
        assert!(matches!(faulty, Reply::Faulty(_)), "{faulty:?}");
        assert_eq!(counter.number("SELECT count(*) FROM idempotency").await, 0);
        let tried_again = asked(&counter, claim(Command::Add { id, n: 1 }, &key("k", "body", case))).await;
        assert!(matches!(tried_again, Reply::Decided(Answer::Added { total: 1 })), "{tried_again:?}");
    }

    async fn repeats_in_one_batch_are_one_case(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let id = Uuid::now_v7();
        let cases: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
        let asks = cases.iter().map(|case| claim(Command::Add { id, n: 1 }, &key("k", "body", *case))).collect();
        let replies = counter.together(asks).await;
        let (first, others) = replies.split_first().unwrap();
        assert!(matches!(first, Ok(Reply::Decided(Answer::Added { total: 1 }))), "{first:?}");
        for other in others {
            let Ok(Reply::Repeat(Repeat::Open { case, .. })) = other else { panic!("{other:?}") };
            assert_eq!(*case, cases[0]);
        }
        assert_eq!(counter.number("SELECT total FROM counter").await, 1);
    }

    async fn a_case_stays_open_until_a_later_command_settles_it(db: Db) {
        let nats = Nats::start().await;
        let counter = counter(&db.url, &nats.url()).await;
        let opening = key("k", "body", Uuid::now_v7());
        let opened = asked(&counter, claim(Command::Open, &opening)).await;
        assert!(matches!(opened, Reply::Decided(Answer::Opened)), "{opened:?}");
        let repeat = key("k", "body", Uuid::now_v7());
        let open = asked(&counter, claim(Command::Open, &repeat)).await;
        let Reply::Repeat(Repeat::Open { case, opened, now }) = open else { panic!("{open:?}") };
        assert!(case == opening.case() && opened < now);
        let looked = counter.engine.look_up(&repeat).await.unwrap();
        assert!(matches!(looked, Some(Repeat::Open { case, .. }) if case == opening.case()), "{looked:?}");
        // Whoever continues the case settles it under its own id.
        let settle = KeyUse::Settle(repeat.of_case(case));
        let add = Command::Add { id: Uuid::now_v7(), n: 1 };
        asked(&counter, Request { command: add, key: settle, actor: None, cause: None }).await;
        let answered = asked(&counter, claim(Command::Open, &repeat)).await;
        assert!(matches!(answered, Reply::Repeat(Repeat::Answered { status: 201, .. })), "{answered:?}");
        let reused = asked(&counter, claim(Command::Open, &key("k", "another", Uuid::now_v7()))).await;
        assert!(matches!(reused, Reply::Repeat(Repeat::Reused)), "{reused:?}");
    }
}
