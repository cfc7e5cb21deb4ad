//! Who is left out: a pod that does not answer, never one that says no.

use super::world::{BOOKING, Pod, World};
use crate::fixture::alone;
use crate::fixture::booking::{offering, seats, with};
use crate::fixture::client::Client;
use serde_json::json;
use testing::{SOON, check, eventually};

const SEATS: i64 = 1_000;
/// The chart leaves a pod out for 15 s and looks each 5 s; a test need not wait so long.
const SOONER: [&str; 2] = [
    "mesh.profiles.standard.outlierDetection.baseEjectionTime=3s",
    "mesh.profiles.standard.outlierDetection.interval=500ms",
];
const REFUSALS: usize = 12;
const SERVED: usize = 24;

async fn book(client: &Client, id: &str, count: usize, method: &str, status: u16) {
    for _ in 0..count {
        let wish = with(seats(id, 1), json!({ "payment_method": method }));
        let answer = client.post("/reservations", &wish).await.expect(status);
        assert_eq!(answer.retry_after().is_some(), status == 503, "{answer:?}");
    }
}

fn left_out(pods: &[Pod]) -> Vec<u16> {
    pods.iter().filter(|pod| pod.is_left_out).map(|pod| pod.port).collect()
}

#[test]
fn mesh_a_dead_payment_is_left_out_and_comes_back() {
    alone(async {
        let Some(mut world) = World::start(&BOOKING, &SOONER, &[]).await else { return };
        let id = world.client.publish(&offering("seats", SEATS)).await;
        book(&world.client, &id, SERVED, "card-ok", 201).await;
        let dead: u16 = world.platform.doors("payment")[0].internal.rsplit(':').next().unwrap().parse().unwrap();
        assert_eq!(world.platform.end_one("payment", 0, "KILL"), 137);
        // Nobody notices: what never reached the dead one is sent to the other.
        eventually("payment to be left out", SOON, async || {
            book(&world.client, &id, 1, "card-ok", 201).await;
            check(left_out(&world.calls.pods("payment").await), |pods| *pods == [dead])
        })
        .await;
        book(&world.client, &id, SERVED, "card-ok", 201).await;
        world.platform.begin_one("payment", 0);
        world.platform.until_ready().await;
        let asked = async |world: &World| {
            let pods = world.calls.pods("payment").await;
            pods.iter().find(|pod| pod.port == dead).unwrap().asked
        };
        let before = asked(&world).await;
        eventually("payment to come back", SOON, async || {
            book(&world.client, &id, 1, "card-ok", 201).await;
            let pods = world.calls.pods("payment").await;
            check((left_out(&pods), asked(&world).await), |(out, asked)| out.is_empty() && *asked > before + 2)
        })
        .await;
    });
}

#[test]
fn mesh_an_honest_refusal_leaves_nobody_out_but_in_the_demonstration() {
    alone(async {
        let Some(mut world) = World::start(&BOOKING, &[], &[]).await else { return };
        let id = world.client.publish(&offering("seats", SEATS)).await;
        let sold_out = world.client.publish(&offering("seats", 1)).await;
        book(&world.client, &sold_out, 1, "card-ok", 201).await;
        book(&world.client, &sold_out, REFUSALS, "card-ok", 409).await;
        book(&world.client, &id, REFUSALS, "card-declined", 402).await;
        world.platform.kill9("payment");
        book(&world.client, &id, REFUSALS * 2, "card-ok", 503).await;
        let before = world.edge.pods("reservation").await;
        assert_eq!(left_out(&before), [0; 0]);
        assert_eq!(world.edge.count("ejections_active").await, 0);
        assert_eq!(world.edge.count("ejections_detected_consecutive_5xx").await, 0);
        for _ in 0..SERVED {
            world.client.get(&format!("/availability?offering_id={id}")).await.expect(200);
        }
        let after = world.edge.pods("reservation").await;
        assert!(before.iter().zip(&after).all(|(before, after)| after.asked > before.asked), "{after:?}");

        // The founding documents' rule takes a refusal for a fault, and its breaker visibly trips.
        world.behind(&["mesh.profile=demonstration"]).await;
        eventually("the breaker to trip", SOON, async || {
            let answer = world.client.post("/reservations", &seats(&id, 1)).await.expect(503);
            check(answer.body, |body| body == "no healthy upstream")
        })
        .await;
        assert_eq!(left_out(&world.edge.pods("reservation").await).len(), 2);
        assert_eq!(world.edge.count("ejections_enforced_consecutive_5xx").await, 2);
    });
}
