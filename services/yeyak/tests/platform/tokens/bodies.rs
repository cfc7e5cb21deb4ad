//! What everybody may read names no guest, and none of the ids by which a guest's cases are reached.

use super::endpoints::{Whom, all};
use super::world::World;
use crate::fixture::alone;
use crate::fixture::client::Client;
use serde_json::Value;
use testing::Issuer;

#[test]
fn r17_what_everybody_reads_names_no_guest() {
    alone(async {
        let Some(issuer) = Issuer::start().await else { return };
        let world = World::build(&issuer).await;
        let (names, callers) = (&world.names, &world.callers);
        let personal = [&names.guest, &names.reservation, &names.ticket, &names.waiting];
        let mut told = Vec::new();
        for endpoint in all(names).into_iter().filter(|endpoint| endpoint.whom == Whom::Everyone) {
            for stranger in [&callers.nobody, &callers.other_guest, &callers.other_host, &callers.service] {
                let body = read(stranger, &endpoint.path).await.to_string();
                told.extend(personal.iter().filter(|name| body.contains(**name)).map(|_| body.clone()));
            }
        }
        assert!(told.is_empty(), "should name nobody:\n{}", told.join("\n"));
        let (board, review) = (format!("/lines/{}", names.line), format!("/reviews/{}", names.review));
        for own in [&callers.guest, &callers.host, &callers.operator] {
            let (board, review) = (read(own, &board).await, read(own, &review).await);
            let waits =
                board["tickets"].as_array().unwrap().iter().find(|ticket| ticket["id"] == *names.waiting).unwrap();
            assert_eq!(waits["guest_id"], *names.guest);
            assert_eq!(
                (&review["guest_id"], &review["reservation_id"]),
                (&names.guest.clone().into(), &names.reservation.clone().into())
            );
        }
    });
}

async fn read(caller: &Client, path: &str) -> Value {
    caller.get(path).await.expect(200).body
}
