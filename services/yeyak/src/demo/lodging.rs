//! Private lodging: one house, its guests and their reviews.

use super::story::{Story, ZONE, day, during, said, wish};
use crate::rest::{Rest, id};
use serde_json::json;

pub async fn story(rest: &Rest) -> anyhow::Result<Story> {
    let mut story = Story::new("Lodging: one house and its reviews");
    let (from, to) = (day(10)?, day(13)?);
    let house = json!({
        "business": "bear-house", "name": "Stone house by the sea", "place": "Jeju", "kind": "nights", "units": 1,
        "timezone": ZONE, "price": { "amount": 200_000, "currency": "KRW" }, "on_payment_outage": "defer",
        "cancellation": [{ "before_hours": 336, "refund_percent": 100 }, { "before_hours": 48, "refund_percent": 50 }],
        "rules": { "stay_min": 2 },
    });
    let free = |offering: &str| format!("/availability?offering_id={offering}&from={from}&to={to}");
    let house = rest.publish(house, free).await?;
    story.tell("registers a house, two nights at least");
    let refused = rest.post("/reservations", during(wish(&house, "mina", 1), from, day(11)?)).await?.expect(422)?;
    story.tell(format!("mina wants one night: {}", said(&refused["type"])));
    let booked = rest.post("/reservations", during(wish(&house, "mina", 1), from, to)).await?.expect(201)?;
    let case = id(&booked)?;
    story.tell(format!("mina books three nights: {} won paid", booked["total"]["amount"]));
    let review =
        json!({ "offering_id": house, "reservation_id": case, "guest_id": "mina", "rating": 3, "text": "Cold." });
    let review = rest.until_accepted("/reviews", review, 201).await?;
    let path = format!("/reviews/{}", id(&review)?);
    rest.patch(&path, json!({ "guest_id": "mina", "rating": 5, "text": "Warm, and the sea!" })).await?.expect(200)?;
    let shown = rest
        .until(&format!("/offerings/{house}"), |seen| seen["review_count"] == 1 && seen["rating_average"] == 5.0)
        .await?;
    story.tell(format!("and reviews it: {} review, average {}", shown["review_count"], shown["rating_average"]));
    let cancelled = rest.post(&format!("/reservations/{case}/cancel"), json!({})).await?.expect(200)?;
    let refunded = rest
        .until(&format!("/payments?reservation_id={case}"), |seen| seen["payments"][0]["status"] == "refunded")
        .await?;
    story.tell(format!(
        "mina cancels, ten days before: {} won come back, the host keeps {}",
        refunded["payments"][0]["refunded"], cancelled["keep"]
    ));
    (story.case, story.view) = (case, "/dashboard/businesses/bear-house".to_owned());
    Ok(story)
}
