//! Who reaches whom: one list of calls, from which addresses, network rules and the mesh's rules follow.

use super::{Objects, in_every_profile, of_kind};
use crate::profiles::by_name;
use serde_json::Value;
use std::collections::BTreeSet;
use testing::helm::{Helm, documents, workspace};

/// Pairs of caller and callee, as the values list them.
fn calls() -> BTreeSet<(String, String)> {
    let values = documents(&std::fs::read_to_string(workspace().join("helm/values.yaml")).unwrap()).remove(0);
    let services = values["services"].as_object().unwrap();
    let of_one = |(name, service): (&String, &Value)| -> Vec<(String, String)> {
        let called = service["calls"].as_array().into_iter().flatten();
        called.map(|callee| (name.clone(), callee.as_str().unwrap().to_owned())).collect()
    };
    services.iter().flat_map(of_one).collect()
}

/// The services that a policy's rules admit on a port (`ingress`, `from`) or let go to one (`egress`, `to`).
fn peers(policy: &Value, direction: &str, side: &str, port: u64) -> BTreeSet<String> {
    let rules = policy["spec"][direction].as_array().into_iter().flatten();
    let at_port = rules.filter(|rule| rule["ports"].as_array().unwrap().iter().any(|one| one["port"] == port));
    let peers = at_port.flat_map(|rule| rule[side].as_array().into_iter().flatten());
    let names = peers.filter_map(|peer| peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"].as_str());
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn the_internal_port_is_open_to_those_who_call_it() {
    let calls = calls();
    assert_eq!(calls.len(), 2);
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, _) in of_kind(objects, "Deployment") {
            let policy = &objects[&format!("NetworkPolicy/{name}")];
            let callers: BTreeSet<String> =
                calls.iter().filter(|(_, callee)| callee == name).map(|(caller, _)| caller.clone()).collect();
            let callees: BTreeSet<String> =
                calls.iter().filter(|(caller, _)| caller == name).map(|(_, callee)| callee.clone()).collect();
            let (admitted, sent) = (peers(policy, "ingress", "from", 8082), peers(policy, "egress", "to", 8082));
            faults.extend((admitted != callers).then(|| format!("{name} admits {admitted:?}, called by {callers:?}")));
            faults.extend((sent != callees).then(|| format!("{name} may call {sent:?}, calls {callees:?}")));
            faults.extend(in_mesh(objects, name, &callers));
        }
        faults
    });
}

/// What the mesh's rule for the internal port says otherwise.
fn in_mesh(objects: &Objects, name: &str, callers: &BTreeSet<String>) -> Option<String> {
    let rule = objects.get(&format!("AuthorizationPolicy/{name}"))?;
    let rules = rule["spec"]["rules"].as_array().into_iter().flatten();
    let internal = rules.filter(|rule| rule["to"][0]["operation"]["ports"][0] == "8082");
    let principals = internal.flat_map(|rule| rule["from"][0]["source"]["principals"].as_array().into_iter().flatten());
    let admitted: BTreeSet<&str> =
        principals.map(|principal| principal.as_str().unwrap().rsplit('/').next().unwrap()).collect();
    let account = |caller: &String| {
        let deployment = objects.get(&format!("Deployment/{caller}"));
        deployment.map_or(caller.clone(), |one| {
            one["spec"]["template"]["spec"]["serviceAccountName"].as_str().unwrap().to_owned()
        })
    };
    let expected: BTreeSet<String> = callers.iter().map(account).collect();
    let same = admitted.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>() == expected;
    (!same).then(|| format!("the mesh admits {admitted:?} to {name}, called as {expected:?}"))
}

#[test]
fn nothing_is_reached_unless_it_is_said() {
    in_every_profile(|profile, objects| {
        let deny = &objects["NetworkPolicy/y-default-deny"]["spec"];
        let closed =
            deny["ingress"].is_null() && deny["egress"].is_null() && deny["policyTypes"].as_array().unwrap().len() == 2;
        let mut faults: Vec<String> = (!closed).then(|| "what is not said is open".to_owned()).into_iter().collect();
        for (name, policy) in of_kind(objects, "NetworkPolicy").filter(|(name, _)| !name.starts_with("y-")) {
            let types = policy["spec"]["policyTypes"].as_array().unwrap().len();
            faults.extend((types != 2).then(|| format!("{name} bounds one direction only")));
            // Guests come through the gateway; without a mesh through whom the values name.
            let all = policy["spec"]["ingress"].to_string();
            let from_gateway = all.contains("istio-ingress");
            let served = objects.contains_key(&format!("Deployment/{name}"));
            let wrong = served && from_gateway == profile.contains("no-mesh");
            faults.extend(wrong.then(|| format!("{name}: from the gateway: {from_gateway}")));
            let open = policy["spec"]["ingress"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|rule| rule["from"].as_array().is_none_or(Vec::is_empty));
            faults.extend(open.then(|| format!("{name} is open to everybody")));
        }
        faults
    });
}

/// The ports that a policy lets through in a direction, and those that whoever scrapes may reach.
fn ports_of(policy: &Value, direction: &str, from: &str) -> BTreeSet<u64> {
    let rules = policy["spec"][direction].as_array().into_iter().flatten();
    let rules = rules.filter(|rule| rule.to_string().contains(from));
    let ports = rules.flat_map(|rule| rule["ports"].as_array().unwrap());
    ports.map(|port| port["port"].as_u64().unwrap()).collect()
}

/// Where a Secret holds the broker's URL, the values say the port; and all who speak with the broker have the same way.
#[test]
fn the_broker_is_reached_on_the_port_that_is_said() {
    let Some(helm) = Helm::find() else { return };
    for (profile, sets, ports) in [
        ("production", &[][..], &[4222][..]),
        ("production", &["networkPolicies.brokerPorts={4333}"], &[4333]),
        ("default", &["broker.url=nats://n:4444"], &[4444]),
        ("default", &[r"broker.url=nats://a\,tls://b:4333\,nats://c"], &[4222, 4333]),
        ("demo", &["networkPolicies.brokerPorts={4333}"], &[4222]),
    ] {
        let objects = by_name(helm.template("helm", &[&format!("helm/ci/{profile}-values.yaml")], sets).unwrap());
        let speak = of_kind(&objects, "Deployment").map(|(name, _)| name).chain(["y-provision"]);
        for name in speak {
            let ways = ports_of(&objects[&format!("NetworkPolicy/{name}")], "egress", "");
            let brokers: Vec<u64> = [4222, 4333, 4444].into_iter().filter(|port| ways.contains(port)).collect();
            assert_eq!(brokers, ports, "{profile}, {sets:?}: {name}");
        }
    }
}

/// A call that arrived nowhere is told by the caller's proxy alone.
#[test]
fn whoever_scrapes_reaches_the_proxies_too() {
    in_every_profile(|profile, objects| {
        let meshed = objects.keys().any(|name| name.starts_with("Sidecar/"));
        let proxies: &[u64] = if meshed { &[15020, 15090] } else { &[] };
        let wanted: BTreeSet<u64> = proxies.iter().copied().chain([8081]).collect();
        let mut faults = Vec::new();
        for (name, _) in of_kind(objects, "Deployment") {
            let open = ports_of(&objects[&format!("NetworkPolicy/{name}")], "ingress", "monitoring");
            faults.extend((open != wanted).then(|| format!("{name} is scraped on {open:?}")));
        }
        let monitored = objects.contains_key("ServiceMonitor/reservation") && meshed;
        let proxies = objects.get("PodMonitor/y-proxies").map(|monitor| &monitor["spec"]);
        faults.extend((proxies.is_some() != monitored).then(|| format!("proxies are scraped: {proxies:?}")));
        let wrong = proxies.filter(|spec| spec["podMetricsEndpoints"][0]["port"] != "http-envoy-prom");
        faults.extend(wrong.map(|spec| format!("{profile}: no proxy has the port of {spec}")));
        faults
    });
}

/// A service in another namespace is known to the proxy of who calls it; else it would be called without the mesh.
#[test]
fn who_is_called_elsewhere_is_known_to_the_proxy() {
    let Some(helm) = Helm::find() else { return };
    let objects = by_name(helm.template("helm", &["helm/ci/external-values.yaml"], &[]).unwrap());
    let url = objects["ConfigMap/reservation"]["data"]["PAYMENT_URL"].as_str().unwrap();
    let namespace = url.split('.').nth(1).unwrap();
    let known = objects["Sidecar/reservation"]["spec"]["egress"][0]["hosts"].as_array().unwrap();
    assert!(known.contains(&format!("{namespace}/*").into()), "{url} is not in {known:?}");
}

/// What a service sends to has a way out: the ports of the URLs that it is told.
#[test]
fn every_address_has_a_way_out() {
    let Some(helm) = Helm::find() else { return };
    let sets = [
        "auth.issuer=https://login.example.org:8443/x",
        "telemetry.otlpEndpoint=http://collector:4318",
        "broker.url=nats://n:4333",
    ];
    let objects = helm
        .template("helm", &["helm/ci/production-values.yaml"], &[&sets[..], &["broker.secret.name="]].concat())
        .unwrap();
    let policy =
        objects.iter().find(|one| one["kind"] == "NetworkPolicy" && one["metadata"]["name"] == "notification").unwrap();
    let rules = policy["spec"]["egress"].as_array().unwrap();
    let ports: BTreeSet<u64> = rules
        .iter()
        .flat_map(|rule| rule["ports"].as_array().unwrap())
        .map(|port| port["port"].as_u64().unwrap())
        .collect();
    assert_eq!(ports, BTreeSet::from([25, 53, 80, 443, 465, 587, 3306, 4318, 4333, 5432, 8443, 15012]));
}
