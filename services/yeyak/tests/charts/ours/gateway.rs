//! The gateway: tokens reach it encrypted, and other teams' hosts on it are left alone.

use super::{every, in_every_profile, of_kind};
use crate::profiles::by_name;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testing::helm::Helm;

const PRODUCTION: &str = "helm/ci/production-values.yaml";

/// What the objects of this kind have in `spec`.
fn specs(sets: &[&str], kind: &'static str) -> Option<Vec<Value>> {
    let objects = by_name(Helm::find()?.template("istio", &[PRODUCTION], sets).unwrap());
    Some(of_kind(&objects, kind).map(|(_, object)| object["spec"].clone()).collect())
}

#[test]
fn no_token_travels_unencrypted() {
    in_every_profile(|_, objects| {
        let asks_for_tokens = of_kind(objects, "RequestAuthentication").next().is_some();
        let gateways = of_kind(objects, "Gateway").filter(|_| asks_for_tokens);
        let open = gateways.filter(|(_, gateway)| {
            let servers = gateway["spec"]["servers"].as_array().unwrap();
            let is_closed = |server: &Value| {
                let has_key = server["tls"]["credentialName"].as_str().is_some_and(|name| !name.is_empty());
                let named = server["hosts"].as_array().unwrap().iter().all(|host| host != "*");
                named
                    && if server["port"]["protocol"] == "HTTPS" {
                        has_key
                    } else {
                        server["tls"]["httpsRedirect"] == true
                    }
            };
            servers.len() != 2 || !servers.iter().all(is_closed)
        });
        open.map(|(name, gateway)| format!("{name} takes tokens over {}", gateway["spec"]["servers"])).collect()
    });
}

#[test]
fn who_installs_is_told_that_tokens_travel_unencrypted() {
    let Some(helm) = Helm::find() else { return };
    let told = |sets: &[&str]| {
        let mut arguments = vec!["install", "y", "helm", "--dry-run=client", "--values", PRODUCTION];
        sets.iter().for_each(|assignment| arguments.extend(["--set", assignment]));
        let text = helm.run(&arguments).unwrap();
        text.split("\nNOTES:\n").nth(1).unwrap().contains("Tokens travel unencrypted")
    };
    let bare = "mesh.gateway.credentialName=";
    assert!(told(&[bare]) && !told(&[]));
    assert!(!told(&[bare, "auth.issuer="]) && !told(&[bare, "mesh.enabled=false"]));
}

/// The filter does nothing by itself; only our own hosts have a limit.
#[test]
fn other_hosts_of_the_gateway_are_not_limited() {
    let names = "mesh.gateway.hosts={a.example.org,*.b.example.org}";
    for (sets, hosts) in [
        (&["mesh.gateway.hosts={*}", "mesh.gateway.credentialName="][..], &["*:80"][..]),
        (&["mesh.gateway.credentialName=", names], &["a.example.org:80", "*.b.example.org:80"]),
        (&[names], &["a.example.org:443", "*.b.example.org:443"]),
    ] {
        let Some(filters) = specs(sets, "EnvoyFilter") else { return };
        let patches = filters[0]["configPatches"].as_array().unwrap();
        let everywhere = patches.iter().filter(|patch| patch["applyTo"] != "VIRTUAL_HOST");
        let everywhere: Vec<&Value> = everywhere.map(|patch| &patch["patch"]["value"]["typed_config"]).collect();
        assert_eq!(everywhere.len(), 1);
        assert!(everywhere[0].as_object().unwrap().keys().eq(["@type", "stat_prefix"]), "{}", everywhere[0]);
        let limited = patches.iter().filter(|patch| patch["applyTo"] == "VIRTUAL_HOST");
        let limited = limited.map(|patch| patch["match"]["routeConfiguration"]["vhost"]["name"].as_str().unwrap());
        assert!(limited.eq(hosts.iter().copied()), "{patches:#?}");
    }
}

/// A pattern of Istio is a word, or has one star: at its beginning or at its end.
#[test]
fn a_wildcard_host_makes_no_pattern_that_matches_nothing() {
    let hosts = |sets: &str| -> Option<BTreeSet<String>> {
        let policies = specs(&[sets], "AuthorizationPolicy")?;
        let mut found = Vec::new();
        policies.iter().for_each(|policy| every(policy, "hosts", &mut found));
        let all = found.into_iter().flat_map(|hosts| hosts.as_array().unwrap());
        Some(all.map(|host| host.as_str().unwrap().to_owned()).collect())
    };
    let Some(named) = hosts("mesh.gateway.hosts={a.example.org}") else { return };
    assert_eq!(named, BTreeSet::from(["a.example.org".to_owned(), "a.example.org:*".to_owned()]));
    // Every host is asked for a token, whatever port it is called with.
    assert_eq!(hosts("mesh.gateway.hosts={a.example.org,*.b.example.org}").unwrap(), BTreeSet::new());
}

#[test]
fn the_gateways_telemetry_is_not_ours_unless_it_is_said() {
    let objects = |sets: &[&str]| Some(by_name(Helm::find()?.template("istio", &[PRODUCTION], sets).unwrap()));
    let names = |sets: &[&str]| -> Option<Vec<String>> {
        Some(of_kind(&objects(sets)?, "Telemetry").map(|(name, _)| name.to_owned()).collect())
    };
    let Some(usual) = names(&[]) else { return };
    assert_eq!(usual, ["yeyak"]);
    assert_eq!(names(&["mesh.telemetry.gateway=true"]).unwrap(), ["yeyak", "yeyak-gateway in istio-ingress"]);
    // With the gateway in their own namespace the services keep theirs.
    let beside = objects(&["mesh.gateway.namespace=default", "mesh.telemetry.gateway=true"]).unwrap();
    assert_eq!(beside["Telemetry/yeyak"]["spec"]["selector"], json!(null));
}
