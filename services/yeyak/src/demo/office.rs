//! A shared office: a meeting room by the hour.

use super::story::{Story, ZONE, during, hour, said, wish};
use crate::rest::{Rest, id};
use serde_json::json;

pub async fn story(rest: &Rest) -> anyhow::Result<Story> {
    let mut story = Story::new("Shared office: a meeting room by the hour");
    let hours = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .map(|day| json!({ "day": day, "opens": "09:00", "closes": "18:00" }));
    let room = json!({
        "business": "gangnam-office", "name": "회의실 Han", "place": "Seoul, Gangnam", "kind": "slots", "slot_minutes": 60,
        "units": 1, "timezone": ZONE, "price": { "amount": 30_000, "currency": "KRW" },
        "cancellation": [{ "before_hours": 24, "refund_percent": 100 }, { "before_hours": 0, "refund_percent": 50 }],
        "rules": { "opening_hours": hours, "stay_max": 4 },
    });
    let day = (hour(3, 0)?, hour(4, 0)?);
    let free = |offering: &str| format!("/availability?offering_id={offering}&from={}&to={}", day.0, day.1);
    let room = rest.publish(room, free).await?;
    story.tell("registers a room, open 09:00 to 18:00, at most four hours, KRW 30,000 an hour");
    let shown = rest.get(&format!("{}&explain=1", free(&room))).await?;
    let open = shown["buckets"].as_array().map_or(0, |all| all.iter().filter(|one| one["free"] == 1).count());
    story.tell(format!("the day has 24 hours, {open} of them can be booked"));

    let morning = during(wish(&room, "mina", 1), hour(3, 10)?, hour(3, 12)?);
    let booked = rest.post("/reservations", morning).await?.expect(201)?;
    let case = id(&booked)?;
    story.tell(format!("mina books 10 to 12: {}, {} won paid", said(&booked["status"]), booked["total"]["amount"]));
    let overlap = during(wish(&room, "jun", 1), hour(3, 11)?, hour(3, 13)?);
    let refused = rest.post("/reservations", overlap.clone()).await?.expect(409)?;
    story.tell(format!("jun wants 11 to 13: sold out at {}", said(&refused["bucket"])));
    let night = during(wish(&room, "jun", 1), hour(3, 18)?, hour(3, 20)?);
    let refused = rest.post("/reservations", night).await?.expect(422)?;
    story.tell(format!("jun wants 18 to 20: {}", said(&refused["type"])));
    let quote = rest.get(&format!("/reservations/{case}/cancellation")).await?;
    story.tell(format!("mina asks what a cancel gives back: {} percent", quote["refund_percent"]));
    rest.post(&format!("/reservations/{case}/cancel"), json!({})).await?.expect(200)?;
    let booked = rest.post("/reservations", overlap).await?.expect(201)?;
    story.tell(format!("mina cancels, and jun has 11 to 13: {}", said(&booked["status"])));
    let paid = rest
        .until(&format!("/payments?reservation_id={case}"), |seen| seen["payments"][0]["status"] == "refunded")
        .await?;
    story.tell(format!("mina's {} won are back", paid["payments"][0]["refunded"]));
    (story.case, story.view) = (case, "/dashboard/businesses/gangnam-office".to_owned());
    Ok(story)
}
