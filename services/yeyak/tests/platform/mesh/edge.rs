//! What the gateway leads to, and what it may send again.

use crate::fixture::SERVICES;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testing::helm::Helm;

/// Words after which a call is sent again although its service may have begun to work on it.
const ANSWERED: [&str; 3] = ["503", "5xx", "gateway-error"];

fn virtual_services(helm: &Helm, sets: &[&str]) -> Vec<Value> {
    let objects = helm.template("istio", &[], sets).unwrap();
    objects.into_iter().filter(|object| object["kind"] == "VirtualService").collect()
}

fn routes(service: &Value) -> impl Iterator<Item = &Value> {
    service["spec"]["http"].as_array().unwrap().iter()
}

#[test]
fn mesh_the_edge_leads_to_every_service_and_to_no_inner_port() {
    let Some(helm) = Helm::find() else { return };
    let services = virtual_services(&helm, &[]);
    let edge = services.iter().find(|service| !service["spec"]["gateways"].is_null()).unwrap();
    let mut led_to = BTreeSet::new();
    for route in routes(edge) {
        let destination = &route["route"][0]["destination"];
        assert_eq!(destination["port"]["number"], json!(8080), "{route:#}");
        led_to.insert(destination["host"].as_str().unwrap().split('.').next().unwrap().to_owned());
        for one in route["match"].as_array().unwrap() {
            assert!(one["uri"]["prefix"].as_str().is_none_or(|prefix| prefix.ends_with('/')), "{one} takes more");
        }
    }
    assert_eq!(led_to, SERVICES.map(str::to_owned).into());
}

#[test]
fn mesh_no_write_is_sent_again_after_an_answer() {
    let Some(helm) = Helm::find() else { return };
    for service in virtual_services(&helm, &[]) {
        for route in routes(&service).filter(|route| !route["name"].as_str().unwrap().ends_with("-read")) {
            let words: Vec<&str> = route["retries"]["retryOn"].as_str().unwrap_or_default().split(',').collect();
            assert!(!words.iter().any(|word| ANSWERED.contains(word)), "{}: {words:?}", route["name"]);
            let keyed = route["name"].as_str().unwrap().ends_with("-keyed");
            assert!(keyed || !words.contains(&"reset"), "{}: {words:?}", route["name"]);
        }
    }
    let refused = helm.template("istio", &[], &[r"mesh.edge.keyed.retries.retryOn=reset\,gateway-error"]);
    assert!(refused.unwrap_err().contains("/mesh/edge/keyed/retries/retryOn"));
}
