//! Every endpoint for every role, own and other; a new endpoint without a row fails.

use super::endpoints::{At, Endpoint, Whom, all};
use super::world::{Callers, Names, World};
use crate::fixture::alone;
use crate::fixture::client::{Client, read};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use testing::Issuer;

/// Of the admin port, asked by the kubelet and Prometheus, who have no token: the network guards them.
const OF_THE_NETWORK: [&str; 3] = ["/livez", "/metrics", "/readyz"];

/// What somebody is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Served,
    Unauthenticated,
    Refused,
}

#[test]
fn r17_every_endpoint_serves_whom_it_is_for_and_nobody_else() {
    alone(async {
        let Some(issuer) = Issuer::start().await else { return };
        let world = World::build(&issuer).await;
        let endpoints = all(&world.names);
        let before = world.state().await;
        for path in OF_THE_NETWORK {
            read(world.callers.forger.request_at(|door| &door.admin, "GET", path)).await.unwrap().expect(200);
        }
        let mut wrong = Vec::new();
        for endpoint in &endpoints {
            for (who, caller, expected) in expectations(endpoint.whom, &world.callers) {
                if expected != Answered::Served {
                    wrong.extend(ask(endpoint, caller, expected).await.map(|seen| format!("{who}: {seen}")));
                }
            }
        }
        assert!(wrong.is_empty(), "should be refused:\n{}", wrong.join("\n"));
        assert_eq!(world.state().await, before, "a refusal changes nothing");
        for endpoint in &endpoints {
            for (who, caller, expected) in expectations(endpoint.whom, &world.callers) {
                if expected == Answered::Served {
                    wrong.extend(ask(endpoint, caller, expected).await.map(|seen| format!("{who}: {seen}")));
                }
            }
        }
        assert!(wrong.is_empty(), "should be served:\n{}", wrong.join("\n"));
    });
}

/// Who calls, and what they are answered.
fn expectations(whom: Whom, callers: &Callers) -> [(&'static str, &Client, Answered); 8] {
    let served_if = |served: bool| if served { Answered::Served } else { Answered::Refused };
    let everyone = whom == Whom::Everyone;
    let nobody = if everyone { Answered::Served } else { Answered::Unauthenticated };
    let own_guest = everyone || matches!(whom, Whom::Guest | Whom::Party);
    let own_host = everyone || matches!(whom, Whom::Host | Whom::Party);
    [
        ("nobody", &callers.nobody, nobody),
        ("a forger", &callers.forger, Answered::Unauthenticated),
        ("the guest", &callers.guest, served_if(own_guest)),
        ("another guest", &callers.other_guest, served_if(everyone)),
        ("the host", &callers.host, served_if(own_host)),
        ("another host", &callers.other_host, served_if(everyone)),
        ("an operator", &callers.operator, served_if(whom != Whom::Service)),
        ("a service", &callers.service, served_if(everyone || whom == Whom::Service)),
    ]
}

/// What was seen, unless it was expected.
async fn ask(endpoint: &Endpoint, caller: &Client, expected: Answered) -> Option<String> {
    let Endpoint { at, whom, method, path, body, .. } = endpoint;
    let mut request = match at {
        At::Entry => caller.request(method, path),
        At::Inside => caller.request_at(|door| &door.internal, method, path),
        At::Admin => caller.request_at(|door| &door.admin, method, path),
    };
    if *method == "PATCH" && path.starts_with("/offerings") {
        // A stale version is refused as a version, after the caller was let in.
        request = request.header("if-match", "\"1\"");
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    // Only the head: a stream has no end.
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let seen = match status {
        401 => Answered::Unauthenticated,
        403 => Answered::Refused,
        // The same again may meet another state, which is told only to those who may know it.
        200..=299 | 409 | 412 => Answered::Served,
        // Nothing is parked, which only operators are told.
        404 if *at == At::Admin => Answered::Served,
        _ => return Some(format!("{status} from {method} {path}: {}", answer.text().await.unwrap())),
    };
    let challenged = answer.headers().contains_key("www-authenticate");
    let wrong = seen != expected || challenged != (status == 401);
    wrong.then(|| format!("{status} from {method} {path}, which is for {whom:?} (challenge: {challenged})"))
}

#[test]
fn r17_every_route_has_a_row_in_the_table() {
    let rows = all(&Names::default()).into_iter().map(|endpoint| format!("{} {}", endpoint.method, endpoint.route));
    let rows: BTreeSet<String> = rows.collect();
    let mut routes = routes();
    for path in OF_THE_NETWORK {
        assert!(routes.remove(&format!("GET {path}")), "{path} is gone");
    }
    assert_eq!(rows, routes, "a route without a row says to nobody whom it serves");
}

/// Method and path of everything that a service's router is told.
pub fn routes() -> BTreeSet<String> {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let shared = services.parent().unwrap().join("shared");
    let mut found = BTreeSet::new();
    let folders = services.read_dir().unwrap().map(|entry| entry.unwrap().path().join("src").join("http"));
    for folder in folders.chain(["runtime", "choreography"].map(|name| shared.join(name).join("src"))) {
        for file in sources(&folder) {
            let text = std::fs::read_to_string(file).unwrap();
            for call in text.split(".route(").skip(1) {
                let call = call.split(".with_state(").next().unwrap();
                let path = call.split('"').nth(1).unwrap();
                let methods = ["get", "post", "put", "patch", "delete"];
                let methods = methods
                    .into_iter()
                    .filter(|method| [" ", "."].into_iter().any(|before| call.contains(&format!("{before}{method}("))));
                found.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
            }
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}
