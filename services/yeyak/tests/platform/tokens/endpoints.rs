//! Every endpoint, and whom it serves.

use super::world::Names;
use serde_json::{Value, json};
use uuid::Uuid;

/// Whom an endpoint serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    Everyone,
    /// The guest whose it is; operators too.
    Guest,
    /// The hosts of the business whose it is; operators too.
    Host,
    /// Both, and operators.
    Party,
    Operator,
    /// Other services, and nobody else.
    Service,
}

/// The door of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Entry,
    Inside,
    Admin,
}

/// A call that is good, made with what belongs to the guest and the host.
pub struct Endpoint {
    pub at: At,
    pub whom: Whom,
    pub method: &'static str,
    /// As the router has it.
    pub route: &'static str,
    pub path: String,
    pub body: Option<Value>,
}

/// All of them; those that end something come last.
pub fn all(names: &Names) -> Vec<Endpoint> {
    let mut all = of_hosts(names);
    all.extend(of_guests(names));
    all.extend(of_readers(names));
    all.extend(inside(names));
    all.extend(endings(names));
    all.extend(of_operators());
    all
}

fn of_hosts(names: &Names) -> Vec<Endpoint> {
    let Names { business, offering, line, .. } = names;
    let publish = json!({
        "business": business, "name": "Suite", "kind": "nights", "units": 1, "timezone": "Asia/Seoul",
        "price": { "amount": 1, "currency": "KRW" },
    });
    let block = json!({ "offering_id": offering, "from": "2027-03-01", "to": "2027-03-02" });
    let days = "from=2027-01-01&to=2027-01-05";
    vec![
        entry(Whom::Host, "POST", "/offerings", "/offerings", Some(publish)),
        entry(Whom::Host, "PATCH", "/offerings/{id}", &format!("/offerings/{offering}"), Some(json!({ "units": 5 }))),
        entry(Whom::Host, "POST", "/blocks", "/blocks", Some(block)),
        entry(Whom::Host, "POST", "/lines/{offering_id}/pause", &format!("/lines/{line}/pause"), None),
        entry(Whom::Host, "POST", "/lines/{offering_id}/resume", &format!("/lines/{line}/resume"), None),
        entry(Whom::Host, "GET", "/floors/{offering_id}", &format!("/floors/{line}"), None),
        of_business("/dashboard/businesses/{business}", business, ""),
        of_business("/dashboard/businesses/{business}/bookings.csv", business, ""),
        of_business("/dashboard/businesses/{business}/days", business, days),
        of_business("/dashboard/businesses/{business}/days.csv", business, days),
        entry(Whom::Host, "GET", "/dashboard/lines/{offering_id}", &format!("/dashboard/lines/{line}"), None),
        get(Whom::Operator, "/dashboard/offerings", ""),
        get(Whom::Host, "/dashboard/offerings", &format!("business={business}")),
        get(Whom::Operator, "/dashboard/stream", &format!("offering_id={offering}")),
        get(Whom::Host, "/dashboard/stream", &format!("business={business}")),
        entry(Whom::Host, "GET", "/history/{correlation}", &format!("/history/{offering}"), None),
    ]
}

fn of_business(route: &'static str, business: &str, query: &str) -> Endpoint {
    entry(Whom::Host, "GET", route, &format!("{}?{query}", route.replace("{business}", business)), None)
}

fn of_guests(names: &Names) -> Vec<Endpoint> {
    let Names { guest, business, offering, line, reservation, ticket, review, .. } = names;
    let book = json!({
        "offering_id": offering, "guest_id": guest, "quantity": 1, "from": "2027-04-01", "to": "2027-04-02",
        "payment_method": "card-ok",
    });
    let join = json!({ "offering_id": line, "guest_id": guest, "party_size": 1 });
    let change = json!({ "guest_id": guest, "rating": 4 });
    let both = format!("guest_id={guest}&business={business}");
    vec![
        get(Whom::Everyone, "/offerings", &format!("business={business}")),
        entry(Whom::Everyone, "GET", "/offerings/{id}", &format!("/offerings/{offering}"), None),
        get(Whom::Everyone, "/availability", &format!("offering_id={offering}&from=2027-01-01&to=2027-01-05")),
        get(Whom::Everyone, "/reviews", &format!("offering_id={offering}")),
        entry(Whom::Everyone, "GET", "/reviews/{id}", &format!("/reviews/{review}"), None),
        entry(Whom::Everyone, "GET", "/lines/{offering_id}", &format!("/lines/{line}"), None),
        entry(Whom::Guest, "POST", "/reservations", "/reservations", Some(book)),
        of_case(Whom::Party, "GET", "/reservations/{id}", reservation),
        of_case(Whom::Party, "GET", "/reservations/{id}/cancellation", reservation),
        get(Whom::Party, "/payments", &format!("reservation_id={reservation}")),
        // A host puts whoever walks in into its own line.
        entry(Whom::Party, "POST", "/tickets", "/tickets", Some(join)),
        of_case(Whom::Party, "GET", "/tickets/{id}", ticket),
        entry(Whom::Guest, "PATCH", "/reviews/{id}", &format!("/reviews/{review}"), Some(change)),
        entry(Whom::Party, "GET", "/history/{correlation}", &format!("/history/{reservation}"), None),
        entry(Whom::Party, "GET", "/history/{correlation}", &format!("/history/{ticket}"), None),
        entry(Whom::Guest, "GET", "/dashboard/guests/{guest_id}", &format!("/dashboard/guests/{guest}"), None),
        get(Whom::Guest, "/dashboard/stream", &format!("guest_id={guest}")),
        get(Whom::Party, "/dashboard/stream", &both),
    ]
}

/// Guests and hosts alike, each as itself.
fn of_readers(names: &Names) -> Vec<Endpoint> {
    let Names { guest, business, deliveries: [to_guest, to_host], .. } = names;
    let addresses = json!({ "webhook": { "url": "http://127.0.0.1:9/" } });
    let mut all = Vec::new();
    for (whom, name, delivery) in [(Whom::Guest, guest, to_guest), (Whom::Host, business, to_host)] {
        let recipient = format!("/recipients/{name}");
        all.extend([
            get(whom, "/notifications", &format!("recipient={name}")),
            get(whom, "/deliveries", &format!("recipient={name}")),
            of_case(whom, "GET", "/deliveries/{id}", delivery),
            of_case(whom, "POST", "/deliveries/{id}/redeliver", delivery),
            entry(whom, "GET", "/recipients/{recipient}", &recipient, None),
            entry(whom, "PUT", "/recipients/{recipient}", &recipient, Some(addresses.clone())),
        ]);
    }
    all
}

fn inside(names: &Names) -> Vec<Endpoint> {
    let fresh = Uuid::now_v7();
    let capture = json!({ "reservation_id": fresh, "amount": { "amount": 1, "currency": "KRW" }, "method": "card-ok" });
    let claim = format!("/floors/{}/parties/{fresh}", names.line);
    let claims = entry(
        Whom::Service,
        "PUT",
        "/floors/{offering_id}/parties/{ticket_id}",
        &claim,
        Some(json!({ "party_size": 1, "claim": 1 })),
    );
    let captures = entry(Whom::Service, "POST", "/payments", "/payments", Some(capture));
    [claims, captures].map(|endpoint| Endpoint { at: At::Inside, ..endpoint }).into()
}

fn endings(names: &Names) -> Vec<Endpoint> {
    let Names { guest, business, spare, line, reservation, ticket, review, .. } = names;
    let praise = json!({
        "offering_id": names.offering, "reservation_id": reservation, "guest_id": guest, "rating": 3, "text": "Quiet",
    });
    let leave = format!("/floors/{line}/parties/{ticket}/leave");
    let remove = format!("/reviews/{review}?guest_id={guest}");
    vec![
        of_case(Whom::Party, "POST", "/tickets/{id}/defer", ticket),
        of_case(Whom::Host, "POST", "/tickets/{id}/seat", ticket),
        entry(Whom::Host, "POST", "/floors/{offering_id}/parties/{ticket_id}/leave", &leave, None),
        of_case(Whom::Party, "POST", "/tickets/{id}/cancel", ticket),
        of_case(Whom::Host, "POST", "/reservations/{id}/check-in", reservation),
        of_case(Whom::Host, "POST", "/reservations/{id}/complete", reservation),
        of_case(Whom::Host, "POST", "/reservations/{id}/no-show", reservation),
        of_case(Whom::Party, "POST", "/reservations/{id}/cancel", reservation),
        entry(Whom::Guest, "DELETE", "/reviews/{id}", &remove, None),
        entry(Whom::Guest, "POST", "/reviews", "/reviews", Some(praise)),
        entry(Whom::Guest, "DELETE", "/recipients/{recipient}", &format!("/recipients/{guest}"), None),
        entry(Whom::Host, "DELETE", "/recipients/{recipient}", &format!("/recipients/{business}"), None),
        of_case(Whom::Host, "DELETE", "/offerings/{id}", spare),
    ]
}

/// On the admin port, below a service's name where a process has several.
fn of_operators() -> Vec<Endpoint> {
    let replay = format!("/review/parked/{}/replay", Uuid::now_v7());
    let all = [
        entry(Whom::Operator, "GET", "/parked", "/review/parked", None),
        entry(Whom::Operator, "POST", "/parked/{id}/replay", &replay, None),
        entry(Whom::Operator, "GET", "/rebuild", "/dashboard/rebuild", None),
        entry(Whom::Operator, "POST", "/rebuild", "/dashboard/rebuild", None),
    ];
    all.map(|endpoint| Endpoint { at: At::Admin, ..endpoint }).into()
}

/// One that is named by an id alone.
fn of_case(whom: Whom, method: &'static str, route: &'static str, id: &str) -> Endpoint {
    entry(whom, method, route, &route.replace("{id}", id), None)
}

fn get(whom: Whom, route: &'static str, query: &str) -> Endpoint {
    entry(whom, "GET", route, &format!("{route}?{query}"), None)
}

fn entry(whom: Whom, method: &'static str, route: &'static str, path: &str, body: Option<Value>) -> Endpoint {
    Endpoint { at: At::Entry, whom, method, route, path: path.to_owned(), body }
}
