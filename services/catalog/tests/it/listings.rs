//! Real names are hostile text: those of New York's listings of 2019 come back as they were written, and are found.

use crate::fixture::{Answer, Replica, Stage, room, with};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The data lies beside the checkout, unless `LODGING_DATA` names another folder.
const BESIDE: &str = "shared/data/lodging";
const LISTINGS: &str = "nyc2019_listings.csv.gz";
/// Most requests at once.
const AT_ONCE: usize = 200;
/// Unless `LISTINGS=all` asks for the whole city, every so many-th listing stands for it.
const STEP: usize = 48;
/// What people look for: districts, single letters, words that nearly all have or none has, words that exclude each other.
const SEARCHES: &[&str] = &[
    "q=brooklyn",
    "q=b",
    "q=c",
    "q=manh",
    "q=private+room+manhattan",
    "q=cozy+studio",
    "q=loft+williamsburg",
    "q=park",
    "q=manhattan+brooklyn",
    "q=zzzz",
    "q=brooklyn+zzzz",
    "q=kensington&kind=nights",
    "q=s&business=bearbnb",
    "q=sunny&place=Harlem,+Manhattan",
    "q=bearbnb+city",
    "q=bearbnb&kind=seats",
    "place=Kensington,+Brooklyn",
    "kind=slots",
    "business=nobody",
    "limit=200&q=apartment",
];
/// A search that takes longer has gone through everything.
const SEARCH_BOUND: Duration = Duration::from_millis(500);

/// Names and places of every listing, or none where the data is absent.
fn listings() -> Option<Vec<(String, String)>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().join(BESIDE);
    let path = std::env::var_os("LODGING_DATA").map_or_else(beside, PathBuf::from).join(LISTINGS);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: no {}", path.display());
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

/// Publishes each listing, many at once; what became of each name.
async fn publish(replica: &Replica, listings: Vec<(String, String)>) -> Vec<(String, Answer)> {
    let mut answers = Vec::with_capacity(listings.len());
    let mut hosts = tokio::task::JoinSet::new();
    for (name, place) in listings {
        if hosts.len() == AT_ONCE {
            answers.extend(hosts.join_next().await.map(Result::unwrap));
        }
        let replica = replica.clone();
        hosts.spawn(async move {
            let body = with(room(), json!({ "business": "bearbnb", "name": name, "place": place }));
            (name, replica.post(&body).await)
        });
    }
    answers.extend(hosts.join_all().await);
    answers
}

testing::on_every_backend! {
    async fn hostile_names_come_back_as_they_were_written(db: Db) {
        let Some(listings) = listings() else { return };
        let hostile: Vec<_> = listings.into_iter().filter(|(name, _)| is_hostile(name)).collect();
        assert!(hostile.iter().any(|(name, _)| name.contains('\n')), "some names break lines");
        let stage = Stage::set(&db).await;
        let mut published = BTreeMap::new();
        for (name, answer) in publish(&stage.replica, hostile).await {
            if name.trim().is_empty() {
                answer.refused(422, "invalid-name");
            } else {
                published.insert(answer.expect(201)["id"].as_str().unwrap().to_owned(), name);
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

    async fn a_city_of_listings_is_searched_in_milliseconds(db: Db) {
        let Some(listings) = listings() else { return };
        let all = std::env::var("LISTINGS").is_ok_and(|value| value == "all");
        let some: Vec<_> = listings.into_iter().step_by(if all { 1 } else { STEP }).collect();
        let stage = Stage::set(&db).await;
        let began = Instant::now();
        let number = some.len();
        let answers = publish(&stage.replica, some).await;
        let refused = answers.iter().filter(|(_, answer)| answer.status != 201).count();
        let nameless = answers.iter().filter(|(name, _)| name.trim().is_empty()).count();
        assert_eq!((refused, nameless), (nameless, if all { 16 } else { nameless }));
        eprintln!("{:?}: {number} listings in {:?}, {nameless} of them without a name", db.backend, began.elapsed());
        let mut took = Vec::new();
        for search in SEARCHES {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let began = Instant::now();
                let page = stage.replica.get(&format!("/offerings?{search}")).await.expect(200);
                took.push(began.elapsed());
                best = best.min(began.elapsed());
let limit = if search.contains("limit=200") { 200 } else { 50 };
                let full = page["offerings"].as_array().unwrap().len() == limit;
                assert!(full || page["next_cursor"].is_null(), "{search}");
            }
            assert!(best < SEARCH_BOUND, "{search} took {best:?}");
            eprintln!("{:?}: {best:?} {search}", db.backend);
        }
        took.sort_unstable();
        eprintln!("{:?}: p50 {:?}, p99 {:?}", db.backend, took[took.len() / 2], took[took.len() * 99 / 100]);
        stage.end().await;
    }
}
