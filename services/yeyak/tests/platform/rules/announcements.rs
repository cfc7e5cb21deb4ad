//! Rule 17: what the stream no longer holds, its owners tell again.

use crate::fixture::booking::{nights, offering, unique, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use crate::fixture::{SERVICES, journeys, run};
use kernel::Clock;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use testing::{Backend, SOON, check, eventually};

/// Those whose aggregates others know.
const OWNERS: [&str; 6] = ["catalog", "reservation", "payment", "waitlist", "seating", "review"];

#[test]
fn rule_17_a_view_that_the_stream_cannot_feed_is_fed_by_the_owners() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let journeys = journeys::all(&platform).await;
        line_and_review(platform.client()).await;
        platform.truth().knowing(journeys.into_iter().map(|journey| journey.id)).holds().await;
        let before = at_rest(&platform).await;
        let counts = ["businesses", "lines", "guests"].map(|kind| before[kind].as_object().unwrap().len());
        assert!(counts[0] >= 5 && counts[1] == 1 && counts[2] >= 5, "{counts:?}");
        platform.stop();
        fourteen_days_pass(platform.data()).await;
        platform.restart().await;
        assert_eq!(views(&platform).await["businesses"], json!({}), "nothing is left to begin with");
        for owner in OWNERS {
            let told = announce(platform.data(), owner);
            assert!(told.status.success(), "{told:?}");
        }
        eventually("the views", SOON, async || check(differences("", &before, &views(&platform).await), Vec::is_empty))
            .await;
        let dashboard = announce(platform.data(), "dashboard");
        assert!(!dashboard.status.success() && String::from_utf8_lossy(&dashboard.stderr).contains("owns nothing"));
        platform.stop();
    });
}

/// A line that is paused, with a party at its tables and one that waits; and a review.
async fn line_and_review(client: &Client) {
    let line = client.publish(&with(offering("line", 4), json!({ "payment": null }))).await;
    let join = json!({ "offering_id": line, "guest_id": unique("guest"), "party_size": 3 });
    eventually("the line", SOON, async || {
        check(client.post_with_key("/tickets", &join, "first").await, |answer| answer.status == 201)
    })
    .await;
    client.post("/tickets", &with(join, json!({ "guest_id": unique("guest") }))).await.expect(201);
    client.post(&format!("/lines/{line}/pause"), &Value::Null).await.expect(200);
    let house = client.publish(&offering("nights", 1)).await;
    let stay = nights(&house, "2027-01-01", "2027-01-02");
    let stayed = client.post("/reservations", &stay).await.expect(201).id();
    let review = json!({ "offering_id": house, "reservation_id": stayed, "guest_id": stay["guest_id"], "rating": 5,
        "text": "quiet" });
    eventually("the review", SOON, async || {
        check(client.post_with_key("/reviews", &review, "once").await, |answer| answer.status == 201)
    })
    .await;
}

/// The views once everything that happened has reached them.
async fn at_rest(platform: &Embedded) -> Value {
    let mut before = Value::Null;
    eventually("the views to rest", SOON, async || {
        let now = views(platform).await;
        let same = std::mem::replace(&mut before, now.clone()) == now;
        let lag = platform.client().get("/dashboard/offerings").await.expect(200)["lag"].clone();
        check(now, |_| same && lag == 0)
    })
    .await
}

/// What the dashboard shows of every business and offering, and what the catalog counts and guests were told.
async fn views(platform: &Embedded) -> Value {
    let client = platform.client();
    let bare = async |path: &str| {
        let mut body = client.get(path).await.expect(200).body;
        for name in ["as_of", "lag"] {
            body.as_object_mut().unwrap().remove(name);
        }
        body
    };
    let offerings = bare("/dashboard/offerings?limit=200").await;
    let mut all = json!({ "offerings": offerings, "businesses": {}, "lines": {}, "guests": {}, "messages": {} });
    for offering in offerings["offerings"].as_array().unwrap() {
        let (id, business) = (offering["id"].as_str().unwrap(), offering["business"].as_str().unwrap());
        let page = bare(&format!("/dashboard/businesses/{business}?limit=200")).await;
        for booking in page["reservations"].as_array().into_iter().flatten() {
            let guest = booking["guest_id"].as_str().unwrap();
            all["guests"][guest] = bare(&format!("/dashboard/guests/{guest}")).await;
            all["messages"][guest] = bare(&format!("/notifications?recipient={guest}&limit=200")).await;
        }
        all["businesses"][business] = page;
        if offering["kind"] == "line" {
            all["lines"][id] = bare(&format!("/dashboard/lines/{id}")).await;
        }
    }
    all
}

/// Where two documents differ, and how.
fn differences(path: &str, one: &Value, other: &Value) -> Vec<String> {
    match (one, other) {
        (Value::Object(ones), Value::Object(others)) => {
            let names: BTreeSet<&String> = ones.keys().chain(others.keys()).collect();
            names
                .iter()
                .flat_map(|name| differences(&format!("{path}/{name}"), &one[name.as_str()], &other[name.as_str()]))
                .collect()
        }
        (Value::Array(ones), Value::Array(others)) if ones.len() == others.len() => {
            let pairs = ones.iter().zip(others).enumerate();
            pairs.flat_map(|(index, (one, other))| differences(&format!("{path}/{index}"), one, other)).collect()
        }
        _ if one == other => Vec::new(),
        _ => vec![format!("{path}: {one} became {other}")],
    }
}

/// The stream and the owners' outboxes have forgotten everything, and the dashboard's disk is lost.
async fn fourteen_days_pass(data: &Path) {
    std::fs::remove_dir_all(data.join("nats")).unwrap();
    for service in SERVICES {
        let store = choreography::Store::open(&database(data, service), Clock::system()).await.unwrap();
        store.write().execute_unprepared("DELETE FROM outbox").await.unwrap();
    }
    for file in std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("dashboard.sqlite") {
            std::fs::remove_file(file).unwrap();
        }
    }
}

fn database(data: &Path, service: &str) -> String {
    format!("sqlite:{}", data.join(format!("{service}.sqlite")).display())
}

fn announce(data: &Path, service: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yeyak"));
    command.args(["announce", service]).env("DATABASE_URL", database(data, service)).output().unwrap()
}
