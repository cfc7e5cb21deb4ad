//! Payment is down for half a minute under load: refused fast, deferred safely, served again at once.

use super::arrivals::{Arrivals, Visit, within};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, with};
use crate::fixture::separate::{ONE_EACH, Separate};
use serde_json::json;
use std::time::{Duration, Instant};
use testing::{Backend, SOON, check, eventually};

/// Nobody answers at once where nobody listens; a busy machine's first capture may take longer than a quiet one's.
const TIMEOUT_MS: &str = "2000";
const PACE: Duration = Duration::from_millis(25);
const DOWN: Duration = Duration::from_secs(30);
/// From the first refused call to the fifth, which opens the breaker: three kinds of guests take turns.
const OPENS_WITHIN: Duration = Duration::from_secs(2);
const REFUSED_WITHIN: Duration = Duration::from_millis(50);
const SERVED_WITHIN: Duration = Duration::from_secs(3);

const REFUSE: usize = 0;
const DEFER: usize = 1;
const LATER: usize = 2;

fn of(visits: &[Visit], kind: usize, during: (Instant, Instant)) -> impl Iterator<Item = &Visit> {
    visits.iter().filter(move |visit| visit.kind == kind && (during.0..during.1).contains(&visit.at))
}

#[test]
fn r12_payment_down_for_thirty_seconds_under_load() {
    alone(async {
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &[("PAYMENT_TIMEOUT_MS", TIMEOUT_MS)]).await;
        let client = platform.client().clone();
        let mut ids = Vec::new();
        for terms in [json!({}), json!({ "on_payment_outage": "defer" }), json!({ "payment": "settle_later" })] {
            ids.push(client.publish(&with(offering("seats", 10_000), terms)).await);
        }
        let mut arrivals = Arrivals::new(&client, ids.iter().map(|id| seats(id, 1)).collect());
        arrivals.come(PACE, Duration::from_secs(3)).await;
        platform.kill9("payment");
        let down = Instant::now();
        arrivals.come(PACE, DOWN).await;
        platform.restart("payment").await;
        let up = Instant::now();
        arrivals.come(PACE, SERVED_WITHIN).await;
        let later = Instant::now();
        arrivals.come(PACE, Duration::from_secs(2)).await;
        let visits = arrivals.seen().await;

        let outage = (down + OPENS_WITHIN, up - Duration::from_millis(500));
        for visit in of(&visits, REFUSE, outage) {
            assert_eq!((visit.status(), visit.answer.slug()), (503, "unavailable"), "{}", visit.answer.body);
            assert!(visit.answer.retry_after().is_some(), "it says when to come back");
        }
        // The few who were let through as probes are among them.
        let refused_within = within(of(&visits, REFUSE, outage), 0.95);
        assert!(refused_within < REFUSED_WITHIN, "{refused_within:?}");
        for kind in [DEFER, LATER] {
            assert!(of(&visits, kind, outage).all(|visit| visit.status() == 202));
        }
        let served = of(&visits, REFUSE, (up, later)).any(|visit| visit.status() == 201);
        assert!(served, "served again within {SERVED_WITHIN:?}");
        let end = visits.last().unwrap().at + Duration::from_millis(1);
        assert!(of(&visits, REFUSE, (later, end)).all(|visit| visit.status() == 201), "and everybody from then on");

        let known: Vec<String> =
            visits.iter().filter(|visit| matches!(visit.status(), 201 | 202)).map(|visit| visit.answer.id()).collect();
        // R11, D10: everything that was accepted is paid in the end, and nothing was confirmed before it was.
        for reservation in &known {
            eventually(reservation, SOON, async || {
                check(client.reservation(reservation).await, |seen| seen["status"] == "confirmed")
            })
            .await;
        }
        platform.truth().of(ids.iter().map(String::as_str)).knowing(known).holds().await;
        platform.stop();
    });
}
