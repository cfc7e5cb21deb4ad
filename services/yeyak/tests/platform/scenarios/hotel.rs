//! B2: a hotel's room types are published, searched, booked and paid; its host works through a day and counts the money.

use crate::fixture::booking::{nights, offering, unique, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use serde_json::{Value, json};
use std::time::Duration;
use testing::{Backend, SOON, check, eventually, run};
use tokio::time::timeout;

/// Status is told "at once": generous, because two busy cores must not look like a delay.
const AT_ONCE: Duration = Duration::from_secs(10);

/// What the host's live stream says, line by line.
struct Live {
    response: reqwest::Response,
    text: String,
}

impl Live {
    async fn listen(client: &Client, query: &str) -> Self {
        let response = eventually("the live stream", SOON, async || {
            let answer = client.request("GET", &format!("/dashboard/stream?{query}")).send().await.unwrap();
            check(answer, |answer| answer.status() == 200)
        });
        Self { response: response.await, text: String::new() }
    }

    /// Waits until it has told a type of a case.
    async fn tells(&mut self, kind: &str, case: &str) {
        let told = async {
            while !self.text.lines().any(|line| line.contains(&format!("\"{kind}.v1\"")) && line.contains(case)) {
                let chunk = self.response.chunk().await.unwrap().expect("the stream ends");
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let in_time = timeout(AT_ONCE, told).await;
        assert!(in_time.is_ok(), "{kind} of {case} was not told: {}", self.text);
    }
}

/// A stay of `quantity` rooms by `guest`.
fn stay(room: &str, guest: &str, quantity: i64, (from, to): (&str, &str)) -> Value {
    with(nights(room, from, to), json!({ "guest_id": guest, "quantity": quantity }))
}

/// The ids of the business's bookings that fit, as soon as they are the wanted ones.
async fn list(client: &Client, business: &str, query: &str, wanted: &[&str]) {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    eventually(query, SOON, async || {
        let page = client.get(&format!("/dashboard/businesses/{business}?{query}")).await.expect(200);
        let rows = page["reservations"].as_array().unwrap();
        let mut ids: Vec<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        check(ids, |ids| *ids == wanted)
    })
    .await;
}

async fn host_does(client: &Client, id: &str, verb: &str) {
    client.post(&format!("/reservations/{id}/{verb}"), &Value::Null).await.expect(200);
}

#[test]
fn b2_a_hotels_working_day() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client().clone();
        let business = unique("hotel");
        let of_hotel = |name: &str, units: i64, price: i64| {
            let price = json!({ "amount": price, "currency": "KRW" });
            with(offering("nights", units), json!({ "business": business, "name": name, "price": price }))
        };
        let double = client.publish(&of_hotel("Double", 3, 120_000)).await;
        let suite = client.publish(&of_hotel("Suite", 1, 300_000)).await;
        let mut live = Live::listen(&client, &format!("business={business}")).await;

        // Guests search, see what is free, and book.
        let found = client.get(&format!("/offerings?business={business}")).await.expect(200);
        assert_eq!(found["offerings"].as_array().unwrap().len(), 2, "{}", found.body);
        assert_eq!(client.free(&double, "2027-05-01", "2027-05-03").await, [3, 3]);
        let book = async |body: Value, status: u16| client.post("/reservations", &body).await.expect(status);
        let mina = book(stay(&double, "mina", 1, ("2027-05-01", "2027-05-03")), 201).await.id();
        live.tells("reservation.confirmed", &mina).await;
        let jun = book(stay(&suite, "jun", 1, ("2027-05-01", "2027-05-02")), 201).await.id();
        let hana = book(stay(&double, "hana", 2, ("2027-05-02", "2027-05-03")), 201).await.id();
        // Unpaid never stands.
        let unpaid = stay(&double, "sora", 1, ("2027-05-01", "2027-05-02"));
        let sora = book(with(unpaid, json!({ "payment_method": "card-declined" })), 402).await.id();
        live.tells("reservation.rejected", &sora).await;
        assert_eq!(client.free(&double, "2027-05-01", "2027-05-03").await, [2, 0]);
        client.cancel(&hana).await.expect(200);
        live.tells("payment.refunded", &hana).await;
        // Payment is out of reach: try again shortly, and then it is there.
        let wish = stay(&double, "bora", 1, ("2027-05-02", "2027-05-04"));
        platform.provider_outage(true);
        let refused = book(wish.clone(), 503).await;
        assert!(refused.retry_after().is_some(), "{:?}", refused.headers);
        platform.provider_outage(false);
        assert_eq!(client.free(&double, "2027-05-02", "2027-05-04").await, [2, 3]);
        let bora = eventually("payment is reached again", SOON, async || {
            check(client.post("/reservations", &wish).await, |answer| answer.status == 201)
        });
        let bora = bora.await.id();

        // The host's day: who comes, who is there, who leaves.
        list(&client, &business, "status=confirmed&arrives=2027-05-01", &[&mina, &jun]).await;
        host_does(&client, &mina, "check-in").await;
        host_does(&client, &jun, "no-show").await;
        live.tells("reservation.checked-in", &mina).await;
        live.tells("reservation.no-show", &jun).await;
        list(&client, &business, "status=checked_in", &[&mina]).await;
        list(&client, &business, "status=checked_in&departs=2027-05-03", &[&mina]).await;
        list(&client, &business, "status=confirmed&from=2027-05-03", &[&bora]).await;
        host_does(&client, &mina, "complete").await;
        live.tells("reservation.completed", &mina).await;
        list(&client, &business, "status=completed", &[&mina]).await;

        let known = [mina, jun, hana, sora, bora];
        platform.truth().of([double.as_str(), &suite]).knowing(known).holds().await;
        counts_its_days(&client, &business).await;
        platform.stop();
    });
}

/// Occupancy and revenue to the won, and the same in a spreadsheet.
async fn counts_its_days(client: &Client, business: &str) {
    let query = "from=2027-05-01&to=2027-05-04";
    let days = client.get(&format!("/dashboard/businesses/{business}/days?{query}")).await.expect(200);
    let days = days["days"].as_array().unwrap();
    let counted: Vec<Value> = days
        .iter()
        .map(|day| {
            json!([day["arrivals"], day["departures"], day["sold"], day["offered"], day["occupancy"], earned(day)])
        })
        .collect();
    // Mina stayed two nights, Jun paid and never came, Hana has her money back, Bora comes on the second.
    let first = json!([1, 0, 2, 4, 0.5, 540_000]);
    let second = json!([1, 0, 2, 4, 0.5, 240_000]);
    assert_eq!(counted, [first, second, json!([0, 1, 1, 4, 0.25, 0])]);
    let table = client.get(&format!("/dashboard/businesses/{business}/days.csv?{query}")).await.expect(200);
    let rows: Vec<&str> = table.body.as_str().unwrap().lines().skip(1).collect();
    let wanted: Vec<String> = days
        .iter()
        .map(|day| {
            let numbers = ["arrivals", "departures", "sold", "held", "blocked", "units", "offered"];
            let numbers = numbers.map(|name| day[name].to_string()).join(",");
            format!("{},{numbers},{},{}", day["day"].as_str().unwrap(), day["occupancy"], earned(day))
        })
        .collect();
    assert_eq!(rows, wanted);
    let table = client.get(&format!("/dashboard/businesses/{business}/bookings.csv")).await.expect(200);
    let shown = client.get(&format!("/dashboard/businesses/{business}")).await.expect(200);
    let ids: Vec<&str> = table.body.as_str().unwrap().lines().skip(1).map(|row| &row[..36]).collect();
    let rows = shown["reservations"].as_array().unwrap();
    assert_eq!(ids, rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>());
}

fn earned(day: &Value) -> i64 {
    day["revenue"].get(0).map_or(0, |money| money["amount"].as_i64().unwrap())
}
