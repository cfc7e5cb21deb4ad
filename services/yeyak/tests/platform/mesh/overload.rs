//! More than may wait is shed at once, never executed, and no failure of whoever was not asked.

use super::world::{BOOKING, World};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats};
use crate::fixture::client::{Answer, Client};
use futures_util::future::join_all;
use runtime::breaker::SHED;

const SEATS: i64 = 1_000;
const AT_ONCE: usize = 80;
/// Few enough places at every proxy that so many at once overflow them.
const FEW: [&str; 2] = [
    "mesh.profiles.standard.connectionPool.tcp.maxConnections=8",
    "mesh.profiles.standard.connectionPool.http.http1MaxPendingRequests=8",
];
/// The breaker would open at the fifth failure in a row.
const SHEDS_MIN: u64 = 10;

async fn at_once(client: &Client, id: &str) -> Vec<Answer> {
    join_all((0..AT_ONCE).map(async |_| client.post("/reservations", &seats(id, 1)).await)).await
}

#[test]
fn mesh_what_overflows_is_shed_and_never_executed() {
    alone(async {
        let Some(mut world) = World::start(&BOOKING, &FEW, &[]).await else { return };
        let id = world.client.publish(&offering("seats", SEATS)).await;
        let booked = at_once(&world.client, &id).await;
        let (shed, passed): (Vec<_>, Vec<_>) = booked.iter().partition(|answer| answer.headers.contains_key(SHED));
        assert!(shed.iter().all(|answer| answer.status == 503) && passed.iter().all(|answer| answer.status == 201));
        assert!(!shed.is_empty() && passed.len() >= 8, "{} of {AT_ONCE} shed", shed.len());
        let free = SEATS - i64::try_from(passed.len()).unwrap();
        assert_eq!(world.client.free(&id, "2027-01-01", "2027-01-02").await, [free]);

        // Now everybody reaches reservation, and few of its calls reach payment.
        world.behind(&[]).await;
        let booked = at_once(&world.client, &id).await;
        let refused = booked.iter().filter(|answer| answer.status == 503).inspect(|answer| {
            assert!(answer.retry_after().is_some() && !answer.headers.contains_key(SHED), "{answer:?}");
        });
        let (refused, shed) = (refused.count(), world.calls.count("upstream_rq_pending_overflow").await);
        println!("{refused} of {AT_ONCE} refused, {shed} calls shed");
        assert!(shed >= SHEDS_MIN && refused > 0, "{shed} shed, {refused} refused");
        for door in world.platform.doors("reservation") {
            let metrics = world.client.fetch(&format!("{}/metrics", door.admin)).await.unwrap();
            let mut lines = metrics.body.as_str().unwrap().lines();
            // It is told from the start, at 0.
            let opened = lines.any(|line| line.starts_with("yeyak_breaker_rejected_total") && !line.ends_with(" 0"));
            assert!(!opened, "payment is well, whatever was shed");
        }
        world.client.post("/reservations", &seats(&id, 1)).await.expect(201);
        assert_eq!(world.edge.count("ejections_enforced_total").await, 0);
    });
}
