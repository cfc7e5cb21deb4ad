//! Five times as many guests as can be served: as many are served as ever, and the others are told at once.

use super::arrivals::{Arrivals, Visit, within};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, with};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testing::Backend;

const SEATS: i64 = 1_000_000;
/// Captures at once, each of which takes the provider five seconds: what bounds the platform here is the same on every
/// machine, and leaves the machine room for five times as many guests.
const IN_FLIGHT: (&str, usize) = ("100", 100);
const PEAK: Duration = Duration::from_secs(15);
const OVERLOAD: Duration = Duration::from_secs(30);
const TIMES: u32 = 5;
const REFUSED_WITHIN: Duration = Duration::from_millis(100);
const NORMAL_WITHIN: Duration = Duration::from_secs(10);
const SERVED_WITHIN: Duration = Duration::from_secs(1);

fn slow_seat(offering: &str) -> Value {
    with(seats(offering, 1), json!({ "payment_method": "card-slow" }))
}

/// Bookings confirmed per second while everybody waits for an answer before coming back.
async fn peak(client: &Client, offering: &str) -> f64 {
    let (confirmed, begin) = (AtomicUsize::new(0), Instant::now());
    let regulars = (0..IN_FLIGHT.1).map(async |_| {
        while begin.elapsed() < PEAK {
            // A place is free again a moment after its guest was answered, so that one may come too soon.
            if client.post("/reservations", &slow_seat(offering)).await.status == 201 {
                confirmed.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    join_all(regulars).await;
    confirmed.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
}

/// How long it takes until guests are served as on a quiet day.
async fn normal_again(client: &Client, offering: &str) -> Duration {
    let calm = Instant::now();
    loop {
        let begin = Instant::now();
        let answer = client.post("/reservations", &seats(offering, 1)).await;
        if (answer.status == 201 && begin.elapsed() < SERVED_WITHIN) || calm.elapsed() > NORMAL_WITHIN {
            return calm.elapsed();
        }
    }
}

#[test]
fn r12_five_times_too_many_guests() {
    alone(async {
        let platform = Embedded::start(Backend::Sqlite, &[("PAYMENT_IN_FLIGHT_MAX", IN_FLIGHT.0)]).await;
        let client = platform.client();
        let id = client.publish(&offering("seats", SEATS)).await;
        let peak = peak(client, &id).await;
        let mut arrivals = Arrivals::new(client, vec![slow_seat(&id)]);
        let begin = Instant::now();
        arrivals.come(Duration::from_secs_f64(1.0 / (peak * f64::from(TIMES))), OVERLOAD).await;
        let end = Instant::now();
        let calm = normal_again(client, &id).await;
        let visits = arrivals.seen().await;
        assert!(visits.iter().all(|visit| matches!(visit.status(), 201 | 503)), "served, or told to come back");
        let refused: Vec<&Visit> = visits.iter().filter(|visit| visit.status() == 503).collect();
        assert!(refused.iter().all(|visit| visit.answer.retry_after().is_some()), "it says when to come back");
        let in_time = |visit: &&Visit| visit.status() == 201 && visit.at + visit.took <= end;
        let goodput = visits.iter().filter(in_time).count() as f64 / (end - begin).as_secs_f64();
        let told = within(refused.iter().copied(), 0.95);
        println!("peak {peak:.1}/s, goodput {goodput:.1}/s, {} refused within {told:?}", refused.len());
        assert!(refused.len() > visits.len() / 2, "five times too many came");
        assert!(goodput >= 0.8 * peak, "goodput {goodput:.1}/s of {peak:.1}/s");
        assert!(told < REFUSED_WITHIN, "{told:?}");
        assert!(calm < NORMAL_WITHIN, "normal again after {calm:?}");
        let served = visits.iter().filter(|visit| visit.status() == 201).count();
        assert_eq!(platform.truth().captures().len(), platform.truth().captures().values().sum::<usize>());
        assert!(platform.truth().captures().len() >= served);
    });
}
