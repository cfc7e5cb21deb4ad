//! A musical: thirty seats, paid later, forty buyers at once.

use super::story::{Story, ZONE, hour, wish};
use crate::rest::{Rest, id};
use anyhow::Context;
use futures_util::future::try_join_all;
use serde_json::json;

const SEATS: usize = 30;
const BUYERS: usize = 40;

pub async fn story(rest: &Rest) -> anyhow::Result<Story> {
    let mut story = Story::new("Musical: thirty seats, forty buyers at once");
    let evening = json!({
        "business": "outer-park", "name": "레베카", "place": "Seoul", "kind": "seats", "units": SEATS, "timezone": ZONE,
        "starts_at": hour(30, 19)?.to_string(), "price": { "amount": 90_000, "currency": "KRW" },
        "payment": "settle_later",
    });
    let evening = rest.publish(evening, |offering| format!("/availability?offering_id={offering}")).await?;
    story.tell(format!("puts {SEATS} seats on sale at KRW 90,000, paid later"));
    let buyers = (0..BUYERS).map(|index| rest.post("/reservations", wish(&evening, &format!("fan-{index}"), 1)));
    let answers = try_join_all(buyers).await?;
    let held: Vec<_> = answers.iter().filter(|answer| answer.status == 202).collect();
    let refused = answers.iter().filter(|answer| answer.status == 409).count();
    story.tell(format!("{BUYERS} buyers at once: {} hold a seat, {refused} are told it is sold out", held.len()));
    let cases = held.iter().map(|answer| id(&answer.body)).collect::<anyhow::Result<Vec<_>>>()?;
    try_join_all(cases.iter().map(async |case| rest.reaches(&format!("/reservations/{case}"), "confirmed").await))
        .await?;
    story.tell(format!("each hold was charged and is confirmed: {}", cases.len()));
    let case = cases.first().context("nobody got a seat")?.clone();
    rest.post(&format!("/reservations/{case}/cancel"), json!({})).await?.expect(200)?;
    let late = rest.post("/reservations", wish(&evening, "late-fan", 1)).await?.expect(202)?;
    rest.reaches(&format!("/reservations/{}", id(&late)?), "confirmed").await?;
    rest.until(&format!("/payments?reservation_id={case}"), |seen| seen["payments"][0]["status"] == "refunded").await?;
    story.tell("one of them cancels: the money goes back, and the seat to somebody else");
    (story.case, story.view) = (case, "/dashboard/offerings?business=outer-park".to_owned());
    Ok(story)
}
