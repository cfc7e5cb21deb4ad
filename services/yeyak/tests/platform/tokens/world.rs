//! What a guest and a host have on the platform, each made with the token of whom it belongs to.

use super::platform;
use crate::fixture::booking::{day, nights, offering, unique, with};
use crate::fixture::client::{Answer, Client, read};
use crate::fixture::embedded::Embedded;
use crate::fixture::truth::quiet;
use serde_json::{Value, json};
use testing::{Issuer, Principal, SOON, check, eventually};

/// Everybody who calls, with a token of its own.
pub struct Callers {
    pub nobody: Client,
    pub forger: Client,
    pub guest: Client,
    pub other_guest: Client,
    pub host: Client,
    pub other_host: Client,
    pub operator: Client,
    pub service: Client,
}

/// A platform with one of everything, all of it the guest's and the host's.
pub struct World {
    pub callers: Callers,
    pub names: Names,
    _platform: Embedded,
}

/// How all that is called.
#[derive(Default)]
pub struct Names {
    pub guest: String,
    pub business: String,
    pub offering: String,
    /// An offering to retire.
    pub spare: String,
    pub line: String,
    pub reservation: String,
    pub ticket: String,
    /// One that waits, and stands on the board.
    pub waiting: String,
    pub review: String,
    /// Deliveries to the guest and to the host.
    pub deliveries: [String; 2],
}

impl Callers {
    /// Logs everybody in, by each kind of key.
    async fn log_in(issuer: &Issuer, client: &Client, guest: &str, business: &str) -> Self {
        let log_in = async |principal: Principal| client.showing(&issuer.token(&principal).await);
        Self {
            nobody: client.clone(),
            forger: client.showing("e30.e30.e30"),
            guest: log_in(Principal::guest(guest)).await,
            other_guest: log_in(Principal::guest(&unique("guest")).signed_by("ES256")).await,
            host: log_in(Principal::host(&unique("host"), &[business]).signed_by("EdDSA")).await,
            other_host: log_in(Principal::host(&unique("host"), &[&unique("business")])).await,
            operator: log_in(Principal::operator(&unique("operator"))).await,
            service: client.showing(&issuer.service().await),
        }
    }
}

impl World {
    pub async fn build(issuer: &Issuer) -> Self {
        let platform = platform(issuer, &[]).await;
        let (guest, business) = (unique("guest"), unique("business"));
        let callers = Callers::log_in(issuer, platform.client(), &guest, &business).await;
        let (host, mina) = (&callers.host, &callers.guest);
        for (caller, name) in [(mina, &guest), (host, &business)] {
            // Nobody listens there, so that deliveries wait.
            let addresses = json!({ "webhook": { "url": "http://127.0.0.1:9/" } });
            send(caller, "PUT", &format!("/recipients/{name}"), Some(&addresses)).await.expect(200);
        }
        let of = |kind| with(offering(kind, 4), json!({ "business": business }));
        // Guests join a line, and nobody books it.
        let line = host.post("/offerings", &with(of("line"), json!({ "payment": null }))).await.expect(201).id();
        let (spare, offering) = (host.publish(&of("nights")).await, host.publish(&of("nights")).await);
        let reservation = book(mina, &with(nights(&offering, &day(1), &day(3)), json!({ "guest_id": guest }))).await;
        let join = json!({ "offering_id": line, "guest_id": guest, "party_size": 2 });
        let ticket = eventually("the line", SOON, async || {
            check(mina.post("/tickets", &join).await, |answer| answer.status == 201)
        });
        let ticket = ticket.await.id();
        // As many as there are seats.
        let waiting = mina.post("/tickets", &with(join, json!({ "party_size": 4 }))).await.expect(201).id();
        let praise = json!({
            "offering_id": offering, "reservation_id": reservation, "guest_id": guest, "rating": 5, "text": "Quiet",
        });
        let review = eventually("the stay to be known", SOON, async || {
            check(mina.post("/reviews", &praise).await, |answer| answer.status == 201)
        });
        let review = review.await.id();
        let deliveries = [first_delivery(mina, &guest).await, first_delivery(host, &business).await];
        let names = Names { guest, business, offering, spare, line, reservation, ticket, waiting, review, deliveries };
        Self { callers, names, _platform: platform }
    }

    /// Everything that a call may change, once all has settled: the history of each case, and where readers are reached.
    pub async fn state(&self) -> Vec<Value> {
        let (operator, names) = (&self.callers.operator, &self.names);
        let cases = [&names.offering, &names.spare, &names.line, &names.reservation, &names.ticket, &names.waiting];
        let paths = cases.map(|case| format!("/history/{case}")).into_iter();
        let recipients = [&names.guest, &names.business].map(|name| format!("/recipients/{name}"));
        let mut seen = Vec::new();
        eventually("quiet", SOON, async || check(quiet::differences(operator).await, Vec::is_empty)).await;
        for path in paths.chain(recipients).chain([format!("/offerings?business={}", names.business)]) {
            let mut body = operator.get(&path).await.expect(200).body;
            for moving in ["as_of", "lag"] {
                body.as_object_mut().unwrap().remove(moving);
            }
            seen.push(body);
        }
        seen
    }
}

/// Books as soon as the platform has its own token and knows the offering; the id.
pub async fn book(guest: &Client, body: &Value) -> String {
    let key = unique("key");
    let booked = eventually("a booking", SOON, async || {
        check(guest.post_with_key("/reservations", body, &key).await, |answer| answer.status == 201)
    });
    booked.await.id()
}

pub async fn send(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = client.request(method, path);
    read(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
    .unwrap()
}

async fn first_delivery(reader: &Client, name: &str) -> String {
    let found = eventually("a delivery", SOON, async || {
        let page = reader.get(&format!("/deliveries?recipient={name}")).await.expect(200);
        page["deliveries"][0]["id"].as_str().map(ToOwned::to_owned).ok_or(page.body)
    });
    found.await
}
