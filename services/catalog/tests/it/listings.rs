//! Real names are hostile text: those of New York's listings of 2019 come back as they were written.

use crate::fixture::{Stage, room, with};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The data lies beside the checkout.
const LISTINGS: &str = "shared/data/lodging/nyc2019_listings.csv.gz";
/// Most requests at once.
const AT_ONCE: usize = 200;

/// Names and places of every listing, or none where the data is absent.
fn listings() -> Option<Vec<(String, String)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().join(LISTINGS);
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: no ../{LISTINGS}");
        return None;
    };
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let rows = reader.records().map(|row| row.unwrap());
    Some(rows.map(|row| (row[1].to_owned(), format!("{}, {}", &row[4], &row[3]))).collect())
}

fn is_hostile(name: &str) -> bool {
    name.is_empty()
        || !name.is_ascii()
        || name.contains(|letter: char| letter.is_control() || "%_\\'\"".contains(letter))
}

testing::on_every_backend! {
    async fn hostile_names_come_back_as_they_were_written(db: Db) {
        let Some(listings) = listings() else { return };
        let hostile: Vec<_> = listings.into_iter().filter(|(name, _)| is_hostile(name)).collect();
        assert!(hostile.iter().any(|(name, _)| name.contains('\n')), "some names break lines");
        let stage = Stage::set(&db).await;
        let mut published = BTreeMap::new();
        for some in hostile.chunks(AT_ONCE) {
            let mut hosts = tokio::task::JoinSet::new();
            for (name, place) in some.iter().cloned() {
                let replica = stage.replica.clone();
                hosts.spawn(async move {
                    let body = with(room(), json!({ "business": "bearbnb", "name": name, "place": place }));
                    (name, replica.post(&body).await)
                });
            }
            for (name, answer) in hosts.join_all().await {
                if name.trim().is_empty() {
                    answer.refused(422, "invalid-name");
                } else {
                    published.insert(answer.expect(201)["id"].as_str().unwrap().to_owned(), name);
                }
            }
        }
        let (mut listed, mut cursor) = (BTreeMap::new(), Some(String::new()));
        while let Some(at) = cursor {
            let path = format!("/offerings?business=bearbnb&limit=200&cursor={at}");
            let page = stage.replica.get(&path).await.expect(200);
            for one in page["offerings"].as_array().unwrap() {
                let text = |field: &Value| field.as_str().unwrap().to_owned();
                assert_eq!(listed.insert(text(&one["id"]), text(&one["name"])), None, "listed once");
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        assert_eq!(listed, published);
        // Each is found by its own name in large letters, where large letters lead back to the same small ones.
        for (id, name) in published.iter().step_by(25) {
            let part: String = name.chars().map(|letter| {
                let mut large = letter.to_uppercase();
                large.next().filter(|one| large.len() == 0 && one.to_lowercase().eq([letter])).unwrap_or(letter)
            }).collect();
            let query: String = part.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let page = stage.replica.get(&format!("/offerings?limit=200&q={query}")).await.expect(200);
            assert!(page["offerings"].as_array().unwrap().iter().any(|one| one["id"] == json!(id)), "{name:?}");
        }
        stage.end().await;
    }
}
