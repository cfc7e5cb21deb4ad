//! The on-sale: 10,000 buyers at once for 1,000 seats, each of them impatient.

use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::client::{Answer, Client};
use crate::fixture::separate::Separate;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use testing::Backend;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

const SEATS: usize = 1_000;
const BUYERS: usize = 10_000;
/// One buyer in so many loses patience with the first request and sends it again.
const IMPATIENT_EACH: usize = 7;
const PATIENCE: Duration = Duration::from_millis(40);
/// A buyer who has no clear answer after this has found a bug.
const ANSWER_MAX: Duration = Duration::from_secs(240);
const PLAN: [(&str, usize); 5] =
    [("catalog", 1), ("reservation", 2), ("payment", 1), ("notification", 1), ("dashboard", 1)];

/// Buys one seat under one key until the answer is clear.
async fn buy(client: Client, body: Value, impatient: bool, doors: Arc<Barrier>) -> Answer {
    let key = unique("buyer");
    let deadline = Instant::now() + ANSWER_MAX;
    doors.wait().await;
    if impatient {
        let first = tokio::time::timeout(PATIENCE, client.try_post("/reservations", &body, Some(&key)));
        drop(first.await);
    }
    loop {
        let answer = client.try_post("/reservations", &body, Some(&key)).await;
        match answer {
            Ok(answer) if matches!(answer.status, 201 | 202) || answer.slug() == "sold-out" => return answer,
            Ok(answer) => {
                assert!(answer.status == 503 || answer.slug() == "in-progress", "{}", answer.body);
                let seconds = answer.retry_after().expect("it says when to come back");
                tokio::time::sleep(Duration::from_millis(seconds * rand::random_range(500..1_500))).await;
            }
            // Thousands of connections at once: some are not taken in time.
            Err(_) => tokio::time::sleep(Duration::from_millis(rand::random_range(100..500))).await,
        }
        assert!(Instant::now() < deadline, "no clear answer in {ANSWER_MAX:?}");
    }
}

async fn sale(platform: &Separate, payment: &str) -> Vec<String> {
    let client = platform.client();
    let id = client.publish(&with(offering("seats", SEATS as i64), json!({ "payment": payment }))).await;
    let doors = Arc::new(Barrier::new(BUYERS));
    let mut buyers = JoinSet::new();
    for index in 0..BUYERS {
        let impatient = index % IMPATIENT_EACH == 0;
        buyers.spawn(buy(client.clone(), seats(&id, 1), impatient, Arc::clone(&doors)));
    }
    let (won, lost): (Vec<Answer>, Vec<Answer>) =
        buyers.join_all().await.into_iter().partition(|answer| answer.status < 300);
    assert_eq!((won.len(), lost.len()), (SEATS, BUYERS - SEATS));
    assert!(lost.iter().all(|answer| answer["bucket"].is_string()), "each refusal names what is sold out");
    let placed = if payment == "prepay" { 201 } else { 202 };
    assert!(won.iter().all(|answer| answer.status == placed));
    let won: Vec<String> = won.iter().map(Answer::id).collect();
    for reservation in &won {
        client.until_status(reservation, "confirmed").await;
    }
    assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [0]);
    let truth = platform.truth().of([id.as_str()]).knowing(won.clone());
    truth.holds().await;
    // Nobody who was refused has paid, and nobody paid twice: the provider knows these captures and no others.
    let captures = truth.captures();
    assert_eq!(won.iter().map(|reservation| captures[reservation]).sum::<usize>(), SEATS);
    won
}

#[test]
fn onsale_ten_thousand_buyers_for_a_thousand_seats() {
    alone(async {
        let mut platform = Separate::start(Backend::Postgres, &PLAN, &[]).await;
        let paid_at_once = sale(&platform, "prepay").await;
        let paid_later = sale(&platform, "settle_later").await;
        assert_eq!(platform.truth().captures().len(), paid_at_once.len() + paid_later.len());
        platform.stop();
    });
}
