//! The search: what it finds, and how it pages.

use crate::fixture::{Replica, Stage, room, with};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testing::{SOON, check, eventually};

/// Names of what the query finds on its first page.
async fn found(replica: &Replica, query: &str) -> Vec<String> {
    let page = replica.get(&format!("/offerings?{query}")).await.expect(200);
    page["offerings"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Ids of everything the query finds from the cursor on, page by page, with the number of pages.
async fn pages(replica: &Replica, query: &str, cursor: &str) -> (Vec<String>, usize) {
    let (mut ids, mut cursor) = (Vec::new(), cursor.to_owned());
    for count in 1..1_000 {
        let page = replica.get(&format!("/offerings?{query}&cursor={cursor}")).await.expect(200);
        ids.extend(page["offerings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = next.clone(),
            end => {
                assert_eq!(end, &Value::Null);
                return (ids, count);
            }
        }
    }
    panic!("the pages do not end");
}

testing::on_every_backend! {
    async fn it_finds_by_every_wish_at_once(db: Db) {
        let stage = Stage::set(&db).await;
        let replica = &stage.replica;
        for fields in [
            json!({ "name": "Double room", "place": "Busan" }),
            json!({ "name": "한옥 스테이", "place": "Seoul", "business": "hanok" }),
            json!({ "name": "Chambre d'ÉTÉ", "place": "Île de Ré", "business": "rivage" }),
            json!({ "name": "100% silk_sheets", "business": "rivage" }),
            json!({ "name": "back\\slash", "kind": "slots", "slot_minutes": 60 }),
        ] {
            replica.publish(&with(room(), fields)).await;
        }
        for (query, names) in [
            ("business=rivage", vec!["Chambre d'ÉTÉ", "100% silk_sheets"]),
            ("business=Rivage", vec![]),
            ("place=Seoul", vec!["한옥 스테이"]),
            ("kind=slots", vec!["back\\slash"]),
            ("kind=seats", vec![]),
            ("q=ROOM", vec!["Double room"]),
            ("q=hanok", vec!["한옥 스테이"]),
            ("q=%EC%98%A5%20%EC%8A%A4", vec!["한옥 스테이"]),
            ("q=%ED%85%8C%EC%9D%B4", vec!["한옥 스테이"]),
            ("q=%C3%89t%C3%A9", vec!["Chambre d'ÉTÉ"]),
            ("q=%C3%AELE", vec!["Chambre d'ÉTÉ"]),
            ("q=sheets+100%25", vec!["100% silk_sheets"]),
            ("q=silk+sil+s", vec!["100% silk_sheets"]),
            ("q=ilk", vec![]),
            ("q=%25", vec![]),
            ("q=_", vec![]),
            ("q=%5C", vec![]),
            ("q=%5Cslash", vec!["back\\slash"]),
            ("q=!", vec![]),
            ("q=r&business=rivage", vec!["Chambre d'ÉTÉ", "100% silk_sheets"]),
            ("q=seaside", vec!["Double room", "back\\slash"]),
            ("q=d&business=seaside&kind=nights&place=Busan", vec!["Double room"]),
            ("q=d&business=seaside&kind=nights&place=Seoul", vec![]),
            ("q=room+busan+seaside", vec!["Double room"]),
            ("q=room+seoul", vec![]),
            ("q=roombusan", vec![]),
            ("q=&business=&kind=slots&place=&cursor=", vec!["back\\slash"]),
            ("q='%20OR%201=1", vec![]),
        ] {
            assert_eq!(found(replica, query).await, names, "{query}");
        }
        stage.end().await;
    }

    async fn a_change_is_found_by_its_new_words(db: Db) {
        let stage = Stage::set(&db).await;
        let id = stage.replica.publish(&room()).await;
        stage.replica.patch(&id, "\"1\"", &json!({ "name": "Attic", "place": "Jeju" })).await.expect(200);
        assert_eq!(found(&stage.replica, "q=jeju").await, ["Attic"]);
        assert_eq!(found(&stage.replica, "q=double").await, [""; 0]);
        stage.replica.delete(&id).await.expect(204);
        assert_eq!(found(&stage.replica, "q=jeju").await, [""; 0]);
        stage.end().await;
    }

    async fn offerings_of_before_the_index_get_into_it(db: Db) {
        let stage = Stage::set(&db).await;
        let old = stage.replica.publish(&with(room(), json!({ "name": "Attic" }))).await;
        let gone = stage.replica.publish(&with(room(), json!({ "name": "Attic too" }))).await;
        stage.replica.delete(&gone).await.expect(204);
        // As the schema before the index left them.
        for sql in ["DELETE FROM offering_word", "UPDATE offering SET search_text = 'attic'"] {
            stage.store.write().execute_unprepared(sql).await.unwrap();
        }
        assert_eq!(found(&stage.replica, "q=attic").await, [""; 0]);
        let stage = stage.again(&db).await;
        eventually("the old offering", SOON, async || {
            check(found(&stage.replica, "q=attic").await, |names| names == &["Attic"])
        })
        .await;
        // A change takes the words that it no longer has.
        stage.replica.patch(&old, "\"1\"", &json!({ "name": "Loft" })).await.expect(200);
        assert_eq!(found(&stage.replica, "q=attic").await, [""; 0]);
        assert_eq!(found(&stage.replica, "q=lof+sea").await, ["Loft"]);
        assert_eq!(stage.events().await.len(), 4, "the index is nobody's business");
        stage.end().await;
    }

    async fn pages_show_everything_once_while_others_publish(db: Db) {
        let stage = Stage::set(&db).await;
        let mut hosts = tokio::task::JoinSet::new();
        // Many at once share a batch, and so the moment of their creation.
        for n in 0..123 {
            let replica = stage.replica.clone();
            hosts.spawn(async move { replica.publish(&with(room(), json!({ "name": format!("room {n}") }))).await });
        }
        let published: BTreeSet<String> = hosts.join_all().await.into_iter().collect();
        for (query, count) in [
            ("limit=1", 123), ("limit=50", 3), ("limit=61", 3), ("limit=123", 1), ("limit=200", 1), ("q=room", 3),
            ("q=sea+ro&limit=40", 4), ("q=r&business=seaside&kind=nights&limit=40", 4),
        ] {
            let (ids, pages) = pages(&stage.replica, query, "").await;
            assert_eq!((pages, ids.len()), (count, 123), "{query}");
            assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), published, "{query}");
        }
        let mut late = Vec::new();
        for query in ["limit=100", "q=room&limit=100"] {
            let page = stage.replica.get(&format!("/offerings?{query}")).await.expect(200);
            late.push(stage.replica.publish(&room()).await);
            let gone = page["offerings"][99]["id"].as_str().unwrap();
            stage.replica.delete(gone).await.expect(204);
            let next = page["next_cursor"].as_str().unwrap();
            let (rest, _) = pages(&stage.replica, query, next).await;
            assert_eq!((rest.len(), rest.last()), (24, late.last()), "{query}");
        }
        stage.end().await;
    }

    async fn a_query_that_cannot_be_is_refused(db: Db) {
        let stage = Stage::set(&db).await;
        let long = format!("q={}", "a".repeat(201));
        let cursor = format!("cursor={}", "f".repeat(48));
        for (query, status, slug) in [
            ("limit=0", 422, "invalid-limit"),
            ("limit=201", 422, "invalid-limit"),
            ("limit=-1", 422, "invalid-limit"),
            ("limit=ten", 400, "invalid-query"),
            ("limit=", 400, "invalid-query"),
            ("limit=99999999999999999999", 400, "invalid-query"),
            ("limit=1&limit=2", 400, "invalid-query"),
            ("kind=houses", 422, "invalid-kind"),
            ("color=red", 400, "invalid-query"),
            ("q=%00", 400, "invalid-query"),
            ("cursor=7", 400, "invalid-cursor"),
            (&cursor, 400, "invalid-cursor"),
            (&long, 422, "invalid-search"),
        ] {
            stage.replica.get(&format!("/offerings?{query}")).await.refused(status, slug);
        }
        stage.end().await;
    }
}
