//! A restaurant: a line of walk-in parties.

use super::story::{Story, ZONE, said};
use crate::rest::{Rest, id};
use serde_json::{Value, json};

/// Joins the line; the ticket as it was answered.
async fn join(rest: &Rest, store: &str, guest: &str, party_size: i64) -> anyhow::Result<Value> {
    let ticket = json!({ "offering_id": store, "guest_id": guest, "party_size": party_size });
    rest.post("/tickets", ticket).await?.expect(201)
}

pub async fn story(rest: &Rest) -> anyhow::Result<Story> {
    let mut story = Story::new("Restaurant: a line before twelve seats");
    let store = json!({
        "business": "noodle-bar", "name": "국수집", "place": "Seoul, Mapo", "kind": "line", "units": 12, "timezone": ZONE,
        "price": { "amount": 0, "currency": "KRW" }, "payment": "none",
    });
    let store = rest.publish(store, |offering| format!("/floors/{offering}")).await?;
    rest.until(&format!("/lines/{store}"), |_| true).await?;
    story.tell("registers a store of twelve seats");
    let mut seated = Vec::new();
    for (guest, size) in [("mina", 4), ("jun", 4), ("sora", 2)] {
        seated.push(id(&join(rest, &store, guest, size).await?)?);
    }
    let floor = rest.get(&format!("/floors/{store}")).await?;
    story.tell(format!("parties of 4, 4 and 2 are seated at once; {} seats are free", floor["free"]));
    let big = join(rest, &store, "haru", 5).await?;
    let (case, number) = (id(&big)?, big["number"].clone());
    story.tell(format!("a party of 5 gets number {number}, {} seconds to wait (p50)", big["wait_seconds"]["p50"]));
    let small = join(rest, &store, "yuna", 2).await?;
    story.tell(format!("a party of 2 behind it fits into what is left: {}", said(&small["status"])));
    let last = join(rest, &store, "dani", 2).await?;
    story.tell(format!("one more party of 2 gets number {}", last["number"]));
    rest.post(&format!("/tickets/{}/cancel", id(&last)?), json!({})).await?.expect(200)?;
    story.tell("and leaves the line");
    for ticket in &seated[..2] {
        rest.post(&format!("/floors/{store}/parties/{ticket}/leave"), json!({})).await?.expect(200)?;
    }
    rest.reaches(&format!("/tickets/{case}"), "called").await?;
    story.tell(format!("two tables are freed: number {number} is called, its seats are kept"));
    rest.post(&format!("/tickets/{case}/seat"), json!({})).await?.expect(200)?;
    let message = rest.until("/notifications?recipient=haru&limit=200", |seen| {
        let texts = seen.to_string();
        texts.matches(&case).count() >= 2
    });
    message.await?;
    story.tell("the party of 5 read its message, comes and sits down");
    (story.case, story.view) = (case, format!("/dashboard/lines/{store}"));
    Ok(story)
}
