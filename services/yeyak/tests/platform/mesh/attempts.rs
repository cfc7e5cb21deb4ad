//! How often payment is asked while it fails: the mesh and the breaker do not multiply each other.

use super::world::{BOOKING, World};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, unique};
use crate::fixture::client::Client;
use std::path::Path;

const SEATS: i64 = 1_000;
/// One booking fails and two succeed, so that the breaker never opens: what a retry costs is seen in full.
const ROUNDS: usize = 12;
const WELL: usize = 2;
/// Then everything fails, and the breaker opens.
const OUTAGE: usize = 40;

async fn book(client: &Client, id: &str, status: u16) {
    client.post_with_key("/reservations", &seats(id, 1), &unique("key")).await.expect(status);
}

fn cut(file: &Path, cut: bool) {
    if cut { std::fs::write(file, "") } else { std::fs::remove_file(file) }.unwrap();
}

#[test]
fn mesh_retries_and_breaker_do_not_multiply_attempts() {
    alone(async {
        let folder = tempfile::tempdir().unwrap();
        let outage = folder.path().join("outage");
        let extra = [("PROVIDER_OUTAGE", outage.to_str().unwrap())];
        let Some(world) = World::start(&BOOKING, &[], &extra).await else { return };
        let id = world.client.publish(&offering("seats", SEATS)).await;
        let attempts = async || world.calls.count("payment.default.svc.cluster.local.upstream_rq_total").await;
        for _ in 0..ROUNDS {
            cut(&outage, true);
            book(&world.client, &id, 503).await;
            cut(&outage, false);
            for _ in 0..WELL {
                book(&world.client, &id, 201).await;
            }
        }
        let (closed, bookings) = (attempts().await, u64::try_from(ROUNDS * (1 + WELL)).unwrap());
        println!("{closed} attempts for {bookings} bookings, a third of them failing");
        assert!(closed >= bookings && closed * 4 <= bookings * 5, "{closed} attempts for {bookings} bookings");
        cut(&outage, true);
        for _ in 0..OUTAGE {
            book(&world.client, &id, 503).await;
        }
        let open = attempts().await - closed;
        println!("{open} attempts for {OUTAGE} bookings in an outage");
        assert!(open * 4 <= u64::try_from(OUTAGE).unwrap() * 5, "{open} attempts for {OUTAGE} bookings");
    });
}
