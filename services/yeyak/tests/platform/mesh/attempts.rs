//! How often payment is asked while it fails: the mesh and the breaker do not multiply each other.

use super::world::{BOOKING, World};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, unique};
use crate::fixture::client::Client;
use std::path::Path;

const SEATS: i64 = 1_000;
/// Some bookings fail among so many that succeed that neither process's breaker opens: what a retry costs is seen in
/// full.
const FAILING: usize = 12;
const WELL_EACH: usize = 4;
/// Then everything fails, and the breakers open.
const OUTAGE: usize = 40;

async fn book(client: &Client, id: &str, status: u16) {
    client.post_with_key("/reservations", &seats(id, 1), &unique("key")).await.expect(status);
}

fn cut(file: &Path, cut: bool) {
    if cut { std::fs::write(file, "") } else { std::fs::remove_file(file) }.unwrap();
}

/// Calls that came to the proxy before payment, and requests that it sent to payment.
async fn asked(world: &World) -> [usize; 2] {
    let counts = ["http.yeyak.downstream_rq_total", "payment.default.svc.cluster.local.upstream_rq_total"];
    [count(world, counts[0]).await, count(world, counts[1]).await]
}

async fn count(world: &World, ending: &str) -> usize {
    world.calls.count(ending).await.try_into().unwrap()
}

/// At most 1.25 for one.
#[track_caller]
fn amplified_by_no_more_than_a_quarter(attempts: usize, of: usize) {
    println!("{attempts} attempts for {of} that fail");
    assert!(attempts >= of && attempts * 4 <= of * 5, "{attempts} attempts for {of}");
}

#[test]
fn mesh_retries_and_breaker_do_not_multiply_attempts() {
    alone(async {
        let folder = tempfile::tempdir().unwrap();
        let outage = folder.path().join("outage");
        let extra = [("PROVIDER_OUTAGE", outage.to_str().unwrap())];
        let Some(world) = World::start(&BOOKING, &[], &extra).await else { return };
        let id = world.client.publish(&offering("seats", SEATS)).await;
        for _ in 0..FAILING {
            cut(&outage, true);
            book(&world.client, &id, 503).await;
            cut(&outage, false);
            for _ in 0..WELL_EACH {
                book(&world.client, &id, 201).await;
            }
        }
        let [closed_calls, closed] = asked(&world).await;
        // Who is served costs one attempt; all others are due to those who are not, whenever they were made.
        amplified_by_no_more_than_a_quarter(closed - FAILING * WELL_EACH, FAILING);

        cut(&outage, true);
        for _ in 0..OUTAGE {
            book(&world.client, &id, 503).await;
        }
        let [calls, attempts] = asked(&world).await;
        let (calls, attempts) = (calls - closed_calls, attempts - closed);
        assert!(calls < OUTAGE, "no breaker opened");
        amplified_by_no_more_than_a_quarter(attempts, calls);
    });
}
