//! B1, the shared office: a meeting room by the hour, with opening hours, notice, and a pause between two meetings.

use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::{Shared, shared};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use testing::run;

/// A Monday that is always far enough ahead.
fn monday() -> Date {
    date(2199, 6, 1).nth_weekday(1, Weekday::Monday).unwrap()
}

/// That hour of a day in Seoul, as the API writes it.
fn hour(day: Date, hour: i8) -> String {
    let seoul = TimeZone::get("Asia/Seoul").unwrap();
    day.at(hour, 0, 0, 0).to_zoned(seoul).unwrap().timestamp().to_string()
}

fn room(place: &str) -> Value {
    let opening = |day: &str| json!({ "day": day, "opens": "09:00", "closes": "18:00" });
    let days = ["mon", "tue", "wed", "thu", "fri"].map(opening);
    let tier = |hours: i64, percent: i64| json!({ "before_hours": hours, "refund_percent": percent });
    with(
        offering("slots", 1),
        json!({
            "name": format!("Meeting room at {place}"), "place": place,
            "price": { "amount": 20_001, "currency": "KRW" },
            // Ten years ahead 70 percent come back, so that a meeting of the far future is refunded in part.
            "cancellation": [tier(87_600, 70), tier(24, 50)],
            "rules": {
                "opening_hours": days, "minimum_notice_minutes": 60, "stay_max": 4, "buffer_minutes": 30,
            },
        }),
    )
}

/// The office on one day.
struct Office<'a> {
    client: &'a Client,
    room: &'a str,
    day: Date,
}

impl Office<'_> {
    fn span(&self, from: i8, to: i8) -> Value {
        json!({ "from": hour(self.day, from), "to": hour(self.day, to) })
    }

    /// A guest of its own asks for the room.
    async fn book(&self, from: i8, to: i8) -> Answer {
        self.client.post("/reservations", &with(seats(self.room, 1), self.span(from, to))).await
    }

    async fn block(&self, from: i8, to: i8, key: &str) -> Answer {
        let body = with(self.span(from, to), json!({ "offering_id": self.room, "reason": "painting" }));
        self.client.post_with_key("/blocks", &body, key).await
    }

    /// Why each hour of the span cannot be booked, where it cannot.
    async fn removed(&self, from: i8, to: i8) -> Vec<String> {
        let (from, to) = (hour(self.day, from), hour(self.day, to));
        let path = format!("/availability?offering_id={}&from={from}&to={to}&explain=1", self.room);
        let answer = self.client.get(&path).await.expect(200);
        let buckets = answer["buckets"].as_array().unwrap().iter();
        buckets.map(|bucket| bucket["removed_by"].as_str().unwrap_or("free").to_owned()).collect()
    }
}

/// A guest finds the room and what it asks of its guests.
async fn searched(client: &Client, place: &str) -> String {
    let page = client.get(&format!("/offerings?kind=slots&q={place}")).await.expect(200);
    let [found] = page["offerings"].as_array().unwrap().as_slice() else { panic!("{}", page.body) };
    assert_eq!(found["rules"], room(place)["rules"]);
    found["id"].as_str().unwrap().to_owned()
}

/// What the quote says is what the cancel does, to the won.
async fn cancelled_as_quoted(client: &Client, id: &str) {
    let quote = client.get(&format!("/reservations/{id}/cancellation")).await.expect(200);
    assert_eq!((&quote["refund_percent"], &quote["keep"]), (&json!(70), &json!(6_000)));
    assert_eq!(quote["refund"], json!({ "amount": 14_001, "currency": "KRW" }));
    let cancelled = client.cancel(id).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["keep"]), (&json!("cancelled"), &quote["keep"]));
    testing::eventually("the refund", testing::SOON, async || {
        let payments = client.get(&format!("/payments?reservation_id={id}")).await.expect(200);
        testing::check(payments, |payments| payments["payments"][0]["refunded"] == quote["refund"]["amount"])
    })
    .await;
}

async fn a_day(world: &Shared) -> Vec<String> {
    let (client, place) = (&world.client, unique("office"));
    client.publish(&room(&place)).await;
    let id = searched(client, &place).await;
    let office = Office { client, room: &id, day: monday() };
    let (closed, free, buffer, taken) = ("opening_hours", "free", "buffer", "taken");
    assert_eq!(office.removed(8, 19).await, [&[closed][..], &[free; 9], &[closed]].concat());

    let meeting = office.book(11, 13).await.expect(201);
    assert_eq!((&meeting["status"], &meeting["total"]["amount"]), (&json!("confirmed"), &json!(40_002)));
    assert_eq!(office.removed(9, 15).await, [free, buffer, taken, taken, buffer, free]);
    for (from, to, status, slug, bucket) in [
        (12, 14, 409, "sold-out", Some(12)),
        (13, 14, 409, "sold-out", Some(13)),
        (10, 11, 409, "sold-out", Some(11)),
        (8, 10, 422, "outside-opening-hours", Some(8)),
        (14, 19, 422, "outside-opening-hours", Some(18)),
        (13, 18, 422, "stay-too-long", None),
    ] {
        let refused = office.book(from, to).await.refused(status, slug);
        assert_eq!(refused.body.get("bucket"), bucket.map(|at| json!(hour(office.day, at))).as_ref());
    }
    let past = Office { day: date(2026, 1, 5), ..office };
    past.book(9, 10).await.refused(422, "too-short-notice");

    let second = office.book(14, 15).await.expect(201);
    cancelled_as_quoted(client, &second.id()).await;
    let fourth = office.book(14, 16).await.expect(201);
    let third = office.book(9, 10).await.expect(201);

    let tuesday = Office { day: office.day.tomorrow().unwrap(), ..office };
    let blocked = tuesday.block(7, 20, "painting").await.expect(201);
    assert_eq!(tuesday.block(7, 20, "painting").await.expect(201).body, blocked.body);
    assert_eq!((&blocked["purpose"], &blocked["total"]["amount"]), (&json!("block"), &json!(0)));
    tuesday.book(9, 10).await.refused(409, "sold-out");
    client.post(&format!("/reservations/{}/check-in", blocked.id()), &Value::Null).await.refused(409, "is-a-block");
    client.cancel(&blocked.id()).await.expect(200);
    let after = tuesday.book(9, 10).await.expect(201);
    office.block(12, 14, "too-late").await.refused(409, "sold-out");

    client.post(&format!("/reservations/{}/check-in", meeting.id()), &Value::Null).await.expect(200);
    client.post(&format!("/reservations/{}/complete", meeting.id()), &Value::Null).await.expect(200);
    [meeting, second, third, fourth, blocked, after].iter().map(Answer::id).collect()
}

#[test]
fn b1_an_office_sells_its_meeting_room_by_the_hour() {
    run(async {
        let world = shared().await;
        let known = a_day(&world).await;
        world.truth().knowing(known).holds().await;
    });
}
