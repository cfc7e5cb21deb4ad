//! The rendered mesh objects as Envoy's configuration: what istiod makes of them, without a cluster.
//!
//! It shows what the values mean to a real proxy. It is no proof of istiod, of mutual TLS or of injection.

mod clusters;
pub mod endpoints;
mod fields;
mod filters;
mod routes;

use filters::Patch;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Objects that no proxy's routes, clusters or filters at the gateway come from.
const ELSEWHERE: [&str; 4] = ["Gateway", "PeerAuthentication", "Sidecar", "Telemetry"];
const GATEWAY: &str = "yeyak";
/// Another team's host on the same proxy, which answers everything itself.
pub const NEIGHBOR: &str = "neighbor.example.org";

/// The mesh objects of a chart.
pub struct Rendered(Vec<Value>);

impl Rendered {
    /// The objects that belong to the mesh; one of a kind that nobody knows is refused.
    pub fn of(objects: Vec<Value>) -> Self {
        let known =
            ["VirtualService", "DestinationRule", "RequestAuthentication", "AuthorizationPolicy", "EnvoyFilter"];
        let mesh = objects.into_iter().filter(|object| object["apiVersion"].as_str().unwrap().contains("istio.io/"));
        let mesh: Vec<Value> = mesh.collect();
        for object in &mesh {
            let kind = object["kind"].as_str().unwrap();
            assert!(known.contains(&kind) || ELSEWHERE.contains(&kind), "{kind} is not translated");
        }
        Self(mesh)
    }

    fn specs(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |object| object["kind"] == kind).map(|object| &object["spec"])
    }

    /// Where the issuer shows its keys, if tokens are asked for.
    pub fn keys_at(&self) -> Option<String> {
        let rule = &self.specs("RequestAuthentication").next()?["jwtRules"][0];
        Some(rule["jwksUri"].as_str().unwrap().to_owned())
    }

    /// The gateway's resources on a listener of `port`: the edge's routes behind tokens and the rate limit. `keys` is
    /// what the issuer shows, where tokens are asked for.
    pub fn ingress(&self, port: u16, endpoints: &Path, keys: Option<&str>) -> Value {
        let edge = self.specs("VirtualService").find(|spec| spec["gateways"] == json!([GATEWAY])).unwrap();
        let mut filters: Vec<Value> = Vec::new();
        for authentication in self.specs("RequestAuthentication") {
            filters.push(filters::tokens(authentication, keys.unwrap()));
        }
        let labels = &self.specs("Gateway").next().unwrap()["selector"];
        for policy in self.specs("AuthorizationPolicy").filter(|spec| spec["selector"]["matchLabels"] == *labels) {
            filters.push(filters::authorization(policy));
        }
        // A listener of a gateway routes to whatever port a route names.
        let (mut host, destinations) = routes::virtual_host(edge, 80);
        for patch in self.specs("EnvoyFilter").flat_map(filters::patches) {
            match patch {
                Patch::Filter(filter) => filters.push(filter),
                Patch::Host(name, fields) if host["name"] == name => {
                    host.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
                }
                Patch::Host(..) => {}
            }
        }
        filters.push(filters::router());
        self.resources(port, (host, filters), &destinations, endpoints)
    }

    /// A caller's own proxy in front of `service`'s internal port, on a listener of `port`.
    pub fn outbound(&self, (service, internal): (&str, u16), port: u16, endpoints: &Path) -> Value {
        let host = self.host(service);
        let calls = self.specs("VirtualService").find(|spec| spec["hosts"] == json!([host])).unwrap();
        let (host, destinations) = routes::virtual_host(calls, internal);
        self.resources(port, (host, vec![filters::router()]), &destinations, endpoints)
    }

    /// The full name of a service.
    pub fn host(&self, service: &str) -> String {
        let hosts = self.specs("DestinationRule").map(|spec| spec["host"].as_str().unwrap());
        hosts.filter(|host| host.starts_with(&format!("{service}."))).collect()
    }

    fn resources(
        &self,
        port: u16,
        (host, filters): (Value, Vec<Value>),
        destinations: &BTreeSet<(String, u16)>,
        endpoints: &Path,
    ) -> Value {
        let clusters: Vec<Value> = destinations
            .iter()
            .map(|(host, number)| {
                let rule = self.specs("DestinationRule").find(|spec| spec["host"] == host.as_str());
                if !endpoints::file(endpoints, &clusters::name(host, *number)).exists() {
                    endpoints::tell(endpoints, (host, *number), &[]);
                }
                clusters::cluster(&clusters::name(host, *number), rule, endpoints)
            })
            .collect();
        let log = endpoints.join("access.log");
        let answer = json!({ "match": { "prefix": "/" }, "direct_response": { "status": 200 } });
        let neighbor = json!({ "name": format!("{NEIGHBOR}:80"), "domains": [NEIGHBOR], "routes": [answer] });
        let manager = json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "yeyak", "normalize_path": true, "http_filters": filters,
            "route_config": { "virtual_hosts": [host, neighbor] },
            "access_log": [{ "name": "envoy.access_loggers.file", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": log } }],
        });
        json!({ "clusters": clusters, "listeners": [{
            "name": "entry",
            "address": { "socket_address": { "address": "127.0.0.1", "port_value": port } },
            "filter_chains": [{ "filters": [
                { "name": "envoy.filters.network.http_connection_manager", "typed_config": manager },
            ] }],
        }] })
    }
}
