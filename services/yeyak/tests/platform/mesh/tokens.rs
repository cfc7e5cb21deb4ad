//! A token is asked for at the gateway, and read again by the service behind it.

use super::world::{BOOKING, World};
use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::client::{Answer, read};
use crate::fixture::run;
use serde_json::{Value, json};
use testing::{Issuer, Principal};

async fn post(world: &World, path: &str, body: &Value, token: &str) -> Answer {
    let request = world.client.request("POST", path).json(body);
    read(if token.is_empty() { request } else { request.bearer_auth(token) }).await.unwrap()
}

async fn get(world: &World, path: &str, token: &str) -> Answer {
    read(world.client.request("GET", path).bearer_auth(token)).await.unwrap()
}

#[test]
fn r17_mesh_a_booking_goes_through_with_a_good_token_and_not_without() {
    run(async {
        let Some(issuer) = Issuer::start().await else { return };
        let Some(world) = World::with_tokens(&issuer, &BOOKING, usize::MAX).await else { return };

        let business = unique("business");
        let host = issuer.token(&Principal::host("host", &[&business])).await;
        let body = with(offering("seats", 10), json!({ "business": business }));
        let id = post(&world, "/offerings", &body, &host).await.expect(201).id();
        // What everybody may read.
        world.client.until_bookable(&id).await;
        world.client.get("/offerings").await.expect(200);
        world.client.get(&format!("/offerings/{id}")).await.expect(200);

        let mina = issuer.token(&Principal::guest("mina")).await;
        let wish = with(seats(&id, 1), json!({ "guest_id": "mina" }));
        let booked = format!("/reservations/{}", post(&world, "/reservations", &wish, &mina).await.expect(201).id());
        get(&world, &booked, &mina).await.expect(200);
        // The token is passed on, and the service knows whose it is.
        let jun = issuer.token(&Principal::guest("jun")).await;
        assert!([403, 404].contains(&get(&world, &booked, &jun).await.status));

        let asked = async || world.edge.pods("reservation").await.iter().map(|pod| pod.asked).sum::<u64>();
        let before = asked().await;
        assert_eq!(post(&world, "/reservations", &wish, "").await.expect(403).body, "RBAC: access denied");
        world.client.get(&booked).await.expect(403);
        let elsewhere = Principal::guest("mina").for_audience("https://elsewhere.yeyak.test");
        post(&world, "/reservations", &wish, &issuer.token(&elsewhere).await).await.expect(403);
        let impostor = issuer.impostor().await;
        let forged = impostor.token(&Principal::guest("mina")).await;
        for bad in [forged.as_str(), "not.a.token", mina.trim_end_matches(|letter| letter != '.')] {
            post(&world, "/reservations", &wish, bad).await.expect(401);
            get(&world, "/offerings", bad).await.expect(401);
        }
        assert_eq!(asked().await, before, "nothing of it reached the service");
        assert_eq!(world.client.free(&id, "2027-01-01", "2027-01-02").await, [9]);
    });
}
