//! A POST that the mesh sends again after a reset is done once: by its key, or by what it means.

use crate::fixture::booking::{day, nights, offering, unique, with};
use crate::fixture::client::{Answer, Client, read};
use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use crate::fixture::truth::quiet;
use crate::tokens::routes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testing::{Backend, SOON, check, eventually};
use uuid::Uuid;

/// Another key is another wish.
const KEYED: [&str; 7] = [
    "/blocks",
    "/deliveries/{id}/redeliver",
    "/offerings",
    "/reservations",
    "/reviews",
    "/tickets",
    "/tickets/{id}/defer",
];
/// Said again it changes nothing, whatever the key.
const REPEATABLE: [&str; 10] = [
    "/floors/{offering_id}/parties/{ticket_id}/leave",
    "/lines/{offering_id}/pause",
    "/lines/{offering_id}/resume",
    "/payments",
    "/reservations/{id}/cancel",
    "/reservations/{id}/check-in",
    "/reservations/{id}/complete",
    "/reservations/{id}/no-show",
    "/tickets/{id}/cancel",
    "/tickets/{id}/seat",
];
/// Of the admin ports, to which no route of the mesh leads.
const OF_OPERATORS: [&str; 2] = ["/parked/{id}/replay", "/rebuild"];

/// A call that is good.
struct Wish {
    route: &'static str,
    path: String,
    body: Value,
}

#[test]
fn every_post_says_what_makes_it_harmless_when_it_comes_again() {
    let posts = routes().into_iter().filter_map(|route| route.strip_prefix("POST ").map(ToOwned::to_owned));
    let said = KEYED.into_iter().chain(REPEATABLE).chain(OF_OPERATORS).map(ToOwned::to_owned);
    assert_eq!(posts.collect::<BTreeSet<_>>(), said.collect());
}

#[test]
fn a_post_that_comes_again_is_done_once() {
    run(async {
        let platform = Embedded::start(Backend::Sqlite, &[("DELIVERY_ATTEMPTS_MAX", "1")]).await;
        let client = platform.client();
        let mut wishes = of_stays(client).await;
        wishes.extend(of_parties(client).await);
        let tried: BTreeSet<&str> = wishes.iter().map(|wish| wish.route).collect();
        assert_eq!(tried, KEYED.into_iter().chain(REPEATABLE).collect());
        for wish in &wishes {
            let key = unique("key");
            let first = send(client, wish, &key).await;
            assert!((200..300).contains(&first.status), "{}: {:#}", wish.path, first.body);
            let again = send(client, wish, &key).await;
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{}", wish.path);
            let anew = send(client, wish, &unique("key")).await;
            let same = (anew.status, &anew.body) == (first.status, &first.body);
            assert_eq!(same, REPEATABLE.contains(&wish.route), "{} with another key: {:#}", wish.path, anew.body);
        }
    });
}

async fn send(client: &Client, wish: &Wish, key: &str) -> Answer {
    let inside = wish.route == "/payments";
    let request = client.request_at(|door| if inside { &door.internal } else { &door.public }, "POST", &wish.path);
    let request = request.header("idempotency-key", key);
    read(if wish.body.is_null() { request } else { request.json(&wish.body) }).await.unwrap()
}

async fn of_stays(client: &Client) -> Vec<Wish> {
    let guest = unique("guest");
    let nowhere = json!({ "webhook": { "url": "http://127.0.0.1:9/" } });
    read(client.request("PUT", &format!("/recipients/{guest}")).json(&nowhere)).await.unwrap().expect(200);
    let room = client.publish(&offering("nights", 9)).await;
    let book = with(nights(&room, &day(1), &day(3)), json!({ "guest_id": guest }));
    let mut stays = Vec::new();
    for _ in 0..3 {
        stays.push(client.post("/reservations", &book).await.expect(201).id());
    }
    let failed = eventually("a message that was not delivered", SOON, async || {
        let page = client.get(&format!("/deliveries?recipient={guest}&status=failed")).await.expect(200);
        page["deliveries"][0]["id"].as_str().map(ToOwned::to_owned).ok_or(page.body)
    });
    let failed = failed.await;
    // Review has heard of the stays by then.
    eventually("quiet", SOON, async || check(quiet::differences(client).await, Vec::is_empty)).await;
    let praise =
        json!({ "offering_id": room, "reservation_id": stays[0], "guest_id": guest, "rating": 5, "text": "Quiet" });
    let block = json!({ "offering_id": room, "from": day(5), "to": day(6) });
    let price = json!({ "amount": 1, "currency": "KRW" });
    let capture = json!({ "reservation_id": Uuid::now_v7(), "amount": price, "method": "card-ok" });
    vec![
        plain("/offerings", offering("nights", 1)),
        plain("/reservations", book),
        plain("/blocks", block),
        plain("/reviews", praise),
        plain("/payments", capture),
        of_case("/deliveries/{id}/redeliver", &failed),
        of_case("/reservations/{id}/check-in", &stays[0]),
        of_case("/reservations/{id}/complete", &stays[0]),
        of_case("/reservations/{id}/no-show", &stays[1]),
        of_case("/reservations/{id}/cancel", &stays[2]),
    ]
}

async fn of_parties(client: &Client) -> Vec<Wish> {
    let (full, quiet) = (open(client).await, open(client).await);
    let mut parties = Vec::new();
    for line in [&full, &full, &full, &full, &full, &quiet] {
        parties.push(client.post("/tickets", &party(line)).await.expect(201).id());
    }
    let leave = "/floors/{offering_id}/parties/{ticket_id}/leave";
    let leaves = leave.replace("{offering_id}", &quiet).replace("{ticket_id}", &parties[5]);
    vec![
        plain("/tickets", party(&full)),
        of_case("/tickets/{id}/seat", &parties[0]),
        // The one before it would be called first, and two are behind it.
        of_case("/tickets/{id}/defer", &parties[2]),
        of_case("/tickets/{id}/cancel", &parties[4]),
        of_line("/lines/{offering_id}/pause", &full),
        of_line("/lines/{offering_id}/resume", &full),
        Wish { route: leave, path: leaves, body: Value::Null },
    ]
}

/// A store with two seats, known to both sides.
async fn open(client: &Client) -> String {
    let id = client.post("/offerings", &with(offering("line", 2), json!({ "payment": null }))).await.expect(201).id();
    for path in [format!("/lines/{id}"), format!("/floors/{id}")] {
        eventually(&path, SOON, async || check(client.get(&path).await, |answer| answer.status == 200)).await;
    }
    id
}

fn party(line: &str) -> Value {
    json!({ "offering_id": line, "guest_id": unique("guest"), "party_size": 2 })
}

fn plain(route: &'static str, body: Value) -> Wish {
    Wish { route, path: route.to_owned(), body }
}

fn of_case(route: &'static str, id: &str) -> Wish {
    Wish { route, path: route.replace("{id}", id), body: Value::Null }
}

fn of_line(route: &'static str, line: &str) -> Wish {
    Wish { route, path: route.replace("{offering_id}", line), body: Value::Null }
}
