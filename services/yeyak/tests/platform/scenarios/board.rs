//! D06: the board of a store's line equals the replay of the events of its tickets.

use crate::fixture::booking::with;
use crate::fixture::client::Client;
use crate::fixture::truth::history;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What every view says of a ticket.
const FIELDS: [&str; 15] = [
    "version",
    "status",
    "offering_id",
    "offering_name",
    "business",
    "guest_id",
    "party_size",
    "number",
    "service_day",
    "timezone",
    "called_at",
    "call_deadline",
    "seated_at",
    "deferrals",
    "passes",
];

/// The store's board as the events of its tickets alone tell it.
struct Replay {
    /// Each ticket as its last event tells it.
    tickets: BTreeMap<String, Value>,
    /// Who owns seats, and how many.
    seated: BTreeMap<String, i64>,
    /// Numbers in the order in which they were given.
    numbers: Vec<i64>,
}

impl Replay {
    async fn of(client: &Client, tickets: impl Iterator<Item = &String>) -> Self {
        let mut replay = Self { tickets: BTreeMap::new(), seated: BTreeMap::new(), numbers: Vec::new() };
        let mut given = BTreeMap::new();
        for id in tickets {
            for event in history(client, id).await {
                let data = &event["data"];
                match event["type"].as_str().unwrap() {
                    "seating.party-seated.v1" => {
                        replay.seated.insert(id.clone(), data["party_size"].as_i64().unwrap());
                    }
                    "seating.seats-freed.v1" => drop(replay.seated.remove(id)),
                    kind => {
                        if kind == "waitlist.issued.v1" {
                            let at = (event["time"].as_str().unwrap().to_owned(), event["id"].to_string());
                            assert_eq!(given.insert(at, data["number"].as_i64().unwrap()), None);
                        }
                        replay.tickets.insert(id.clone(), data.clone());
                    }
                }
            }
        }
        replay.numbers = given.into_values().collect();
        replay
    }

    fn with_status(&self, wanted: &[&str]) -> Vec<Value> {
        let with_id = |(id, ticket): (&String, &Value)| row(&with(ticket.clone(), json!({ "id": id })));
        let is_wanted = |ticket: &Value| wanted.contains(&ticket["status"].as_str().unwrap());
        self.tickets.iter().filter(|(_, ticket)| is_wanted(ticket)).map(with_id).collect()
    }

    fn count(&self, status: &str) -> (usize, i64) {
        let tickets = self.with_status(&[status]);
        (tickets.len(), tickets.iter().map(|ticket| ticket["party_size"].as_i64().unwrap()).sum())
    }
}

/// A ticket with the fields that every view shows.
fn row(ticket: &Value) -> Value {
    let field = |name: &&str| ((*name).to_owned(), ticket[*name].clone());
    Value::Object(["id"].iter().chain(&FIELDS).map(field).collect())
}

/// Tickets of a view, by id.
fn rows(tickets: &Value) -> Vec<Value> {
    let mut rows: Vec<Value> = tickets.as_array().unwrap().iter().map(row).collect();
    rows.sort_by_key(|row| row["id"].to_string());
    rows
}

/// The dashboard's board, waitlist's, seating's floor and the replay of the events of all `tickets` say the same of a
/// store with so many seats, whose last number is `last`.
pub async fn agree(client: &Client, (line, units, last): (&str, i64, i64), tickets: impl Iterator<Item = &String>) {
    let replay = Replay::of(client, tickets).await;
    let taken: i64 = replay.seated.values().sum();
    assert_eq!(replay.numbers, (1..=last).collect::<Vec<_>>(), "given once, in order");

    let floor = client.get(&format!("/floors/{line}")).await.expect(200);
    let parties = floor["parties"].as_array().unwrap().iter();
    let parties: BTreeMap<String, i64> = parties
        .map(|party| (party["ticket_id"].as_str().unwrap().to_owned(), party["party_size"].as_i64().unwrap()))
        .collect();
    assert_eq!((&parties, &floor["taken"], &floor["free"]), (&replay.seated, &json!(taken), &json!(units - taken)));

    let board = client.get(&format!("/lines/{line}")).await.expect(200);
    assert_eq!(rows(&board["tickets"]), replay.with_status(&["joining", "waiting", "called"]));
    assert_eq!((&board["status"], &board["free"]), (&json!("open"), &json!(units - taken)));
    for (status, parties) in board["counts"].as_object().unwrap() {
        assert_eq!(*parties, replay.count(status).0, "{status}");
    }

    let board = client.get(&format!("/dashboard/lines/{line}")).await.expect(200);
    for (shown, status) in [("waiting", &["joining", "waiting"][..]), ("called", &["called"]), ("seated", &["seated"])]
    {
        assert_eq!(rows(&board[shown]), replay.with_status(status), "{shown}");
    }
    assert_eq!(board["seats"], json!({ "units": units, "taken": taken, "free": units - taken }));
    for (status, counted) in board["day"]["parties"].as_object().unwrap() {
        let (parties, people) = replay.count(status);
        assert_eq!(*counted, json!({ "parties": parties, "people": people }), "{status}");
    }
}
