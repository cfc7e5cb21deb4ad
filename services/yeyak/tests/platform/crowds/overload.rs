//! Five times as many guests as can be served: as many are served as ever, and the others are told at once.

use super::arrivals::{Arrivals, one_seat, within};
use crate::fixture::alone;
use crate::fixture::booking::offering;
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testing::Backend;

const SEATS: i64 = 1_000_000;
/// Guests who book again as soon as they have booked.
const REGULARS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(3);
const PEAK: Duration = Duration::from_secs(8);
const OVERLOAD: Duration = Duration::from_secs(30);
const TIMES: u32 = 5;
const NORMAL_WITHIN: Duration = Duration::from_secs(10);

/// Bookings confirmed per second while everybody waits for an answer before coming back.
async fn peak(client: &Client, offering: &str) -> f64 {
    let (confirmed, begin) = (AtomicUsize::new(0), Instant::now());
    let regulars = (0..REGULARS).map(async |_| {
        while begin.elapsed() < WARM_UP + PEAK {
            let answer = client.post("/reservations", &one_seat(offering)).await.expect(201);
            if begin.elapsed() > WARM_UP && answer.status == 201 {
                confirmed.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    futures_util::future::join_all(regulars).await;
    confirmed.load(Ordering::Relaxed) as f64 / PEAK.as_secs_f64()
}

#[test]
fn r12_five_times_too_many_guests() {
    alone(async {
        let platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client();
        let id = client.publish(&offering("seats", SEATS)).await;
        let peak = peak(client, &id).await;
        let mut arrivals = Arrivals::new(client, std::slice::from_ref(&id));
        let begin = Instant::now();
        arrivals.come(Duration::from_secs_f64(1.0 / (peak * f64::from(TIMES))), OVERLOAD).await;
        let end = Instant::now();
        let visits = arrivals.seen().await;
        let served = visits.iter().filter(|visit| visit.status() == 201 && visit.at + visit.took <= end).count();
        let goodput = served as f64 / (end - begin).as_secs_f64();
        let refused: Vec<_> = visits.iter().filter(|visit| visit.status() == 503).collect();
        println!(
            "peak {peak:.0}/s, offered {:.0}/s, goodput {goodput:.0}/s ({:.2}), refused p50 {:?} p99 {:?}, served p99 {:?}",
            visits.len() as f64 / (end - begin).as_secs_f64(),
            goodput / peak,
            within(refused.iter().copied(), 0.5),
            within(refused.iter().copied(), 0.99),
            within(visits.iter().filter(|visit| visit.status() == 201), 0.99),
        );
        assert!(visits.iter().all(|visit| matches!(visit.status(), 201 | 503)));
        assert!(refused.iter().all(|visit| visit.answer.retry_after().is_some()));
        assert!(goodput >= 0.8 * peak, "goodput {goodput:.0}/s of {peak:.0}/s");
        let calm = Instant::now();
        let regular = loop {
            let begin = Instant::now();
            let answer = client.post("/reservations", &one_seat(&id)).await;
            if answer.status == 201 && begin.elapsed() < Duration::from_millis(500) {
                break calm.elapsed();
            }
        };
        assert!(regular < NORMAL_WITHIN, "normal again after {regular:?}");
    });
}
