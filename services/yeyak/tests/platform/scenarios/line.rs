//! B3: a restaurant opens its line; guests sit down, wait, are called in turn, and every view tells the same day.

use super::board::agree;
use crate::fixture::booking::{offering, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::embedded::Embedded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testing::{Backend, SOON, check, eventually, run};

/// A store of eight seats that passes a bigger party over once, and who came.
struct Restaurant {
    client: Client,
    line: String,
    tickets: BTreeMap<&'static str, String>,
}

impl Restaurant {
    /// The store registers, and both sides of it know.
    async fn open(client: &Client, business: &str) -> Self {
        let store = json!({
            "business": business, "name": "Noodle bar", "place": "Seoul, Mapo", "payment": "none",
            "price": { "amount": 0, "currency": "KRW" }, "line": { "passes_max": 1 },
        });
        let line = client.post("/offerings", &with(offering("line", 8), store)).await.expect(201).id();
        for path in [format!("/lines/{line}"), format!("/floors/{line}")] {
            eventually(&path, SOON, async || check(client.get(&path).await, |answer| answer.status == 200)).await;
        }
        Self { client: client.clone(), line, tickets: BTreeMap::new() }
    }

    async fn ask_to_join(&self, guest: &str, language: &str, size: i64) -> Answer {
        let wish =
            json!({ "offering_id": self.line, "guest_id": self.name(guest), "party_size": size, "language": language });
        self.client.post_with_key("/tickets", &wish, &unique("key")).await
    }

    /// A party joins; how it stands: its status, its number, and how many are ahead.
    async fn join(&mut self, guest: &'static str, language: &str, size: i64) -> (Value, Value, Value) {
        let ticket = self.ask_to_join(guest, language, size).await.expect(201);
        self.tickets.insert(guest, ticket.id());
        assert_eq!(ticket["wait_seconds"]["p50"].as_i64().is_some_and(|wait| wait > 0), ticket["status"] == "waiting");
        (ticket["status"].clone(), ticket["number"].clone(), ticket["ahead"].clone())
    }

    /// What the guest is called on this platform.
    fn name(&self, guest: &str) -> String {
        format!("{guest}-{}", self.line)
    }

    async fn ticket(&self, guest: &str) -> Answer {
        self.client.get(&format!("/tickets/{}", self.tickets[guest])).await.expect(200)
    }

    async fn reaches(&self, guest: &str, status: &str) {
        eventually(&format!("{guest} to be {status}"), SOON, async || {
            check(self.ticket(guest).await.body, |seen| seen["status"] == status)
        })
        .await;
    }

    /// The guest asks for something, or the host says that the called party is there.
    async fn change(&self, guest: &str, verb: &str) {
        self.client.post(&format!("/tickets/{}/{verb}", self.tickets[guest]), &Value::Null).await.expect(200);
    }

    async fn change_line(&self, verb: &str) {
        self.client.post(&format!("/lines/{}/{verb}", self.line), &Value::Null).await.expect(200);
    }

    /// The party stands up; its table is free.
    async fn leave(&self, guest: &str) {
        let path = format!("/floors/{}/parties/{}/leave", self.line, self.tickets[guest]);
        self.client.post(&path, &Value::Null).await.expect(200);
        self.reaches(guest, "left").await;
    }

    async fn free(&self) -> i64 {
        self.client.get(&format!("/floors/{}", self.line)).await.expect(200)["free"].as_i64().unwrap()
    }

    /// The guest's messages in the order of their templates, each with its language.
    async fn inbox(&self, guest: &str) -> Vec<Value> {
        let path = format!("/notifications?recipient={}&limit=200", self.name(guest));
        self.client.get(&path).await.expect(200)["notifications"].as_array().unwrap().clone()
    }

    /// Waits for a message in the guest's words.
    async fn reads(&self, guest: &str, template: &str, words: &[&str]) {
        let message = eventually(template, SOON, async || {
            let inbox = self.inbox(guest).await;
            inbox.iter().find(|message| message["template"] == template).cloned().ok_or(inbox)
        })
        .await;
        assert_eq!(message["correlation"], self.tickets[guest]);
        let text = format!("{} {}", message["subject"], message["body"]);
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    /// Every transition of a ticket happened once and was told its guest once.
    async fn told(&self, guest: &str, language: &str, way: &[&str]) {
        let steps: Vec<String> = way.iter().map(|step| format!("waitlist.{step}.v1")).collect();
        eventually(&format!("{guest}'s history"), SOON, async || {
            let answer = self.client.get(&format!("/history/{}", self.tickets[guest])).await;
            let events = answer["events"].as_array().cloned().unwrap_or_default();
            let own = events.iter().filter(|event| event["source"] == "waitlist");
            let kinds: Vec<String> = own.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
            check(kinds, |kinds| *kinds == steps)
        })
        .await;
        let mut wanted: Vec<_> =
            way.iter().skip(1).map(|step| json!([format!("waitlist-{step}"), language, "guest"])).collect();
        wanted.sort_by_key(Value::to_string);
        eventually(&format!("{guest}'s messages"), SOON, async || {
            let inbox = self.inbox(guest).await;
            let mut told: Vec<_> =
                inbox.iter().map(|one| json!([one["template"], one["language"], one["role"]])).collect();
            told.sort_by_key(Value::to_string);
            check(told, |told| *told == wanted)
        })
        .await;
    }
}

fn seated() -> (Value, Value, Value) {
    (json!("seated"), Value::Null, Value::Null)
}

fn waits(number: i64, ahead: i64) -> (Value, Value, Value) {
    (json!("waiting"), json!(number), json!(ahead))
}

async fn everybody_was_told(store: &Restaurant) {
    for (guest, language, way) in [
        ("mina", "ko", &["joined", "seated", "left"][..]),
        ("jun", "en", &["joined", "seated", "left"]),
        ("sora", "ko", &["joined", "seated", "left"]),
        ("haru", "ko", &["joined", "issued", "called", "seated"]),
        ("dani", "en", &["joined", "issued", "called", "seated", "left"]),
        ("yuna", "en", &["joined", "issued", "deferred", "called"]),
        ("bora", "ko", &["joined", "issued", "cancelled"]),
        ("kai", "en", &["joined", "seated"]),
        ("lena", "en", &["joined", "issued"]),
    ] {
        store.told(guest, language, way).await;
    }
}

#[test]
fn b3_a_restaurant_and_its_line() {
    run(async {
        // Two busy cores must not look like a seating that is down.
        let mut platform = Embedded::start(Backend::Sqlite, &[("SEATING_TIMEOUT_MS", "8000")]).await;
        let client = platform.client().clone();
        let business = unique("noodles");
        let mut store = Restaurant::open(&client, &business).await;

        // A guest finds it, sees that there is room, and sits down at once, as others do until it is full.
        let found = client.get("/offerings?q=noodle+mapo&kind=line").await.expect(200);
        assert_eq!((&found["offerings"][0]["id"], store.free().await), (&json!(store.line), 8));
        assert_eq!(store.join("mina", "ko", 4).await, seated());
        store.reads("mina", "waitlist-seated", &["Noodle bar", "입장해 주세요"]).await;
        assert_eq!(store.free().await, 4);
        assert_eq!((store.join("jun", "en", 2).await, store.join("sora", "ko", 2).await), (seated(), seated()));
        assert_eq!(store.free().await, 0);

        // Whoever comes now gets a number and is told how long it may take.
        assert_eq!(store.join("haru", "ko", 5).await, waits(1, 0));
        assert_eq!(store.join("dani", "en", 2).await, waits(2, 1));
        assert_eq!(store.join("yuna", "en", 2).await, waits(3, 2));
        store.reads("haru", "waitlist-issued", &["대기번호는 1번"]).await;
        store.reads("yuna", "waitlist-issued", &["Your number at Noodle bar is 3", "min"]).await;

        // A small table is freed: the party of five is passed over, once.
        store.leave("sora").await;
        store.reaches("dani", "called").await;
        store.reads("dani", "waitlist-called", &["Please come in", "Number 2"]).await;
        store.change("dani", "seat").await;
        assert_eq!(store.ticket("haru").await["passes"], 1);
        // Another one is freed, and kept for it: nobody behind is called or seated, though there is room.
        store.leave("jun").await;
        assert_eq!((store.join("bora", "ko", 2).await, store.free().await), (waits(4, 2), 2));
        assert_eq!(store.ticket("yuna").await["status"], "waiting");
        // Yuna lets Bora go first.
        store.change("yuna", "defer").await;
        assert_eq!(
            (&store.ticket("bora").await["ahead"], &store.ticket("yuna").await["ahead"]),
            (&json!(1), &json!(2))
        );
        // With the next table there is room for five.
        store.leave("mina").await;
        store.reaches("haru", "called").await;
        store.reads("haru", "waitlist-called", &["대기번호 1번", "지금 입장해 주세요"]).await;
        store.change("haru", "seat").await;
        assert_eq!(store.free().await, 1);

        // Bora gives up, and Yuna is called with the next table.
        store.change("bora", "cancel").await;
        store.leave("dani").await;
        store.reaches("yuna", "called").await;
        assert_eq!(store.free().await, 1);
        // The store takes nobody for a while, and then it does again.
        store.change_line("pause").await;
        store.ask_to_join("kai", "en", 1).await.refused(409, "line-paused");
        store.change_line("resume").await;
        assert_eq!((store.join("kai", "en", 1).await, store.join("lena", "en", 4).await), (seated(), waits(5, 0)));

        everybody_was_told(&store).await;
        platform.truth().of([store.line.as_str()]).holds().await;
        agree(&client, (&store.line, 8, 5), store.tickets.values()).await;
        platform.stop();
    });
}
