//! Who asks too often is told so by the gateway.

use super::translate::NEIGHBOR;
use super::world::World;
use crate::fixture::alone;
use crate::fixture::client::read;
use futures_util::future::join_all;

const BURST: usize = 20;
const AT_ONCE: usize = 60;
/// A minute passes before there is room again.
const LIMIT: [&str; 3] = ["mesh.rateLimit.burst=20", "mesh.rateLimit.requests=20", "mesh.rateLimit.interval=60s"];

#[test]
fn mesh_who_asks_too_often_is_answered_429() {
    alone(async {
        let Some(world) = World::start(&[("catalog", 1)], &LIMIT, &[]).await else { return };
        let answers = join_all((0..AT_ONCE).map(async |_| world.client.get("/offerings").await)).await;
        let (served, limited): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((served.len(), limited.len()), (BURST, AT_ONCE - BURST));
        for answer in limited {
            assert_eq!((answer.status, answer.retry_after()), (429, Some(1)), "{answer:?}");
            assert_eq!(answer.headers["x-ratelimit-remaining"], "0");
        }
        let neighbor = async |_| read(world.client.request("GET", "/").header("host", NEIGHBOR)).await.unwrap().status;
        let answers = join_all((0..AT_ONCE).map(neighbor)).await;
        assert_eq!(answers, [200; AT_ONCE], "another team's host is limited");
        assert_eq!(world.edge.pods("catalog").await[0].asked, u64::try_from(BURST).unwrap());
    });
}
