//! A reader's list: page by page, the newest first; a query that cannot be is refused.

use crate::fixture::{Replica, Stage, get};
use crate::samples::reservation;
use contract::reservation::{ReservationEvent, ReservationV1};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As many messages as Mina has.
const MESSAGES: usize = 123;

/// Everything from a cursor on, and how many pages it had.
async fn pages(replica: &Replica, query: &str, first: &str) -> (Vec<Value>, usize) {
    let (mut all, mut cursor, mut count) = (Vec::new(), first.to_owned(), 0);
    loop {
        let page = replica.page(&format!("recipient=mina&{query}&cursor={cursor}")).await;
        all.extend(page["notifications"].as_array().unwrap().iter().cloned());
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return (all, count),
        }
    }
}

fn ids(messages: &[Value]) -> BTreeSet<&str> {
    messages.iter().map(|message| message["id"].as_str().unwrap()).collect()
}

testing::on_every_backend! {
    async fn pages_show_everything_once_the_newest_first(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        // Many at once share a batch of their publisher, and so the moment they happened.
        join_all((0..MESSAGES).map(|_| stage.tell(ReservationEvent::Held(reservation())))).await;
        let other = ReservationV1 { guest_id: "min".into(), ..reservation() };
        stage.tell(ReservationEvent::Held(other)).await;
        stage.heard(&replica).await;
        let (all, _) = pages(&replica, "limit=200", "").await;
        let moments: Vec<&str> = all.iter().map(|message| message["created_at"].as_str().unwrap()).collect();
        assert!(moments.is_sorted_by(|newer, older| newer >= older), "{moments:?}");
        assert!(moments.iter().collect::<BTreeSet<_>>().len() < MESSAGES, "no two share a moment");
        for (query, count) in [("limit=1", 123), ("limit=50", 3), ("limit=61", 3), ("limit=123", 1), ("limit=200", 1)] {
            assert_eq!(pages(&replica, query, "").await, (all.clone(), count), "{query}");
        }
        assert_eq!((all.len(), ids(&all).len()), (MESSAGES, MESSAGES));
        assert_eq!(replica.page("recipient=mina").await["notifications"].as_array().unwrap().len(), 50);

        // Who turns pages while more is told sees the rest of what there was.
        let page = replica.page("recipient=mina&limit=100").await;
        stage.tell(ReservationEvent::Held(reservation())).await;
        stage.heard(&replica).await;
        let (rest, _) = pages(&replica, "limit=100", page["next_cursor"].as_str().unwrap()).await;
        assert_eq!(rest, all[100..]);
        assert_eq!(replica.page("recipient=nobody").await, json!({ "notifications": [], "next_cursor": null }));
        replica.end().await;
    }

    async fn a_query_that_cannot_be_is_refused(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let long = format!("recipient={}", "a".repeat(65));
        let upper = format!("recipient=mina&cursor={}", "0A".repeat(24));
        for (query, status, slug) in [
            ("", 400, "invalid-query"),
            ("limit=5", 400, "invalid-query"),
            ("recipient=", 422, "invalid-recipient"),
            ("recipient=mina%0A", 422, "invalid-recipient"),
            ("recipient=%00", 400, "invalid-query"),
            ("recipient=mina&recipient=seaside", 400, "invalid-query"),
            ("recipient=mina&limit=0", 422, "invalid-limit"),
            ("recipient=mina&limit=201", 422, "invalid-limit"),
            ("recipient=mina&limit=-1", 422, "invalid-limit"),
            ("recipient=mina&limit=x", 400, "invalid-query"),
            ("recipient=mina&limit=", 400, "invalid-query"),
            ("recipient=mina&limit=99999999999999999999", 400, "invalid-query"),
            ("recipient=mina&role=host", 400, "invalid-query"),
            ("recipient=mina&cursor=7", 400, "invalid-cursor"),
            ("recipient=mina&cursor=%C3%A9", 400, "invalid-cursor"),
            (&long, 422, "invalid-recipient"),
            (&upper, 400, "invalid-cursor"),
        ] {
            let (answered, problem) = replica.ask(query).await;
            assert_eq!((answered, &problem["type"]), (status, &json!(format!("/problems/{slug}"))), "{query}");
        }
        for harmless in ["'%20OR%201=1--", "%25", "_", "%F0%9F%92%A3", &"%EA%B0%80".repeat(64)] {
            assert_eq!(replica.messages(harmless).await, [json!(null); 0], "{harmless}");
        }
        for edge in ["0".repeat(48), "f".repeat(48), format!("7{}", "f".repeat(47))] {
            replica.page(&format!("recipient=mina&cursor={edge}")).await;
        }
        let (status, parked) = get(&replica.admin, "/parked").await;
        assert_eq!((status, parked), (200, json!({ "parked": [] })));
        replica.end().await;
    }
}
