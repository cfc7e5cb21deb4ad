//! A hotel: a room type for nights.

use super::story::{Story, ZONE, day, during, said, wish};
use crate::rest::{Rest, id};
use serde_json::json;

pub async fn story(rest: &Rest) -> anyhow::Result<Story> {
    let mut story = Story::new("Hotel: three double rooms");
    let (from, to) = (day(10)?, day(12)?);
    let double = json!({
        "business": "seaside-hotel", "name": "Double room", "place": "Busan", "kind": "nights", "units": 3,
        "timezone": ZONE, "price": { "amount": 120_000, "currency": "KRW" },
        "cancellation": [{ "before_hours": 72, "refund_percent": 100 }],
    });
    let free = |offering: &str| format!("/availability?offering_id={offering}&from={from}&to={to}");
    let double = rest.publish(double, free).await?;
    story.tell("registers three double rooms at KRW 120,000 a night");
    let stay = |guest: &str| during(wish(&double, guest, 1), from, to);
    let mut declined = stay("sora");
    declined["payment_method"] = json!("card-declined");
    let refused = rest.post("/reservations", declined).await?.expect(402)?;
    story.tell(format!("sora's card is declined: {}, and nothing is booked", said(&refused["type"])));
    rest.post(
        "/blocks",
        json!({ "offering_id": double, "from": from.to_string(), "to": to.to_string(), "reason": "repair" }),
    )
    .await?
    .expect(201)?;
    story.tell("the host takes one room out for repair");
    let booked = rest.post("/reservations", stay("mina")).await?.expect(201)?;
    let case = id(&booked)?;
    rest.post("/reservations", stay("jun")).await?.expect(201)?;
    let refused = rest.post("/reservations", stay("sora")).await?.expect(409)?;
    story.tell(format!("mina and jun book two nights; for sora {} is sold out", said(&refused["bucket"])));
    rest.post(&format!("/reservations/{case}/check-in"), json!({})).await?.expect(200)?;
    rest.post(&format!("/reservations/{case}/complete"), json!({})).await?.expect(200)?;
    story.tell("mina checks in, and checks out");
    let messages = rest
        .until("/notifications?recipient=mina&limit=200", |seen| seen.to_string().matches(&case).count() >= 4)
        .await?;
    let count = messages.to_string().matches(&case).count();
    story.tell(format!("mina was told of each of it: {count} messages"));
    (story.case, story.view) = (case, format!("/dashboard/businesses/seaside-hotel/days?from={from}\\&to={to}"));
    Ok(story)
}
