//! Toggles: each one, flipped, changes its own objects and nothing else.

use crate::profiles::by_name;
use serde_json::Value;
use std::collections::BTreeSet;
use testing::helm::{Helm, documents, workspace};

/// A toggle, what else is set while it is on and while it is off, and the objects that it may change: kind and name, each
/// with `*` for any end.
struct Toggle(&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const TOGGLES: &[Toggle] = &[
    Toggle(
        "services.catalog.enabled",
        &[],
        &[],
        &[
            "*/catalog",
            "Job/y-provision-*",
            "Pod/y-ready",
            "Pod/y-booking",
            "Secret/y-demo-databases",
            "VirtualService/*",
        ],
    ),
    Toggle("services.catalog.migrate", &[], &[], &["Deployment/catalog"]),
    Toggle(
        "services.catalog.pdb.enabled",
        &["services.catalog.replicas=2"],
        &["services.catalog.replicas=2"],
        &["PodDisruptionBudget/catalog"],
    ),
    Toggle("services.catalog.serviceAccount.create", &[], &[], &["ServiceAccount/catalog"]),
    Toggle(
        "provision.enabled",
        &[],
        &[],
        &["Job/y-provision-*", "ServiceAccount/y-provision", "NetworkPolicy/y-provision"],
    ),
    Toggle(
        "rehearsal.enabled",
        &[],
        &[],
        &[
            "Pod/y-ready",
            "Pod/y-booking",
            "ServiceAccount/yeyak-rehearsal",
            "NetworkPolicy/y-rehearsal",
            "AuthorizationPolicy/*",
        ],
    ),
    Toggle("networkPolicies.enabled", &[], &[], &["NetworkPolicy/*"]),
    Toggle("monitoring.serviceMonitors.enabled", &[], &[], &["ServiceMonitor/*", "PodMonitor/y-proxies"]),
    Toggle("monitoring.rules.enabled", &[], &[], &["PrometheusRule/*"]),
    Toggle("monitoring.dashboards.enabled", &[], &[], &["ConfigMap/y-dashboard-*"]),
    Toggle(
        "nats.enabled",
        &["broker.url=", "broker.secret.name=", "broker.replicas=1", "broker.eventsBytesMax=1073741824"],
        &[
            "broker.url=nats://nats:4222",
            "broker.secret.name=",
            "broker.replicas=1",
            "broker.eventsBytesMax=1073741824",
        ],
        &["*/nats"],
    ),
    Toggle(
        "postgres.enabled",
        &["databases.secret="],
        &["databases.secret=y-demo-databases"],
        &["*/postgres", "Secret/postgres-demo-password", "Secret/y-demo-databases"],
    ),
    Toggle(
        "mesh.enabled",
        &[],
        &[],
        &[
            "Gateway/*",
            "VirtualService/*",
            "DestinationRule/*",
            "RequestAuthentication/*",
            "AuthorizationPolicy/*",
            "PeerAuthentication/*",
            "EnvoyFilter/*",
            "Telemetry/*",
            "Sidecar/*",
            "PodMonitor/y-proxies",
            // Who may come from the gateway, and the way to who tells a proxy what to do.
            "NetworkPolicy/*",
        ],
    ),
    Toggle("mesh.telemetry.gateway", &[], &[], &["Telemetry/yeyak-gateway*"]),
    Toggle("mesh.rateLimit.enabled", &[], &[], &["EnvoyFilter/*"]),
];

/// Settings that are handed on as they are, and are no toggles.
const HANDED_ON: &[&str] = &["mesh.edge.", "mesh.calls.", "mesh.profiles.", "mesh.destinations."];

const PROFILES: &[&str] = &["helm/ci/demo-values.yaml", "helm/ci/production-values.yaml"];

#[test]
fn a_toggle_changes_its_own_objects_only() {
    let Some(helm) = Helm::find() else { return };
    for Toggle(toggle, on, off, own) in TOGGLES {
        for profile in PROFILES {
            let rendered = |value: bool, sets: &[&str]| {
                let own = format!("{toggle}={value}");
                let sets: Vec<&str> = [own.as_str()].into_iter().chain(sets.iter().copied()).collect();
                by_name(helm.template("helm", &[profile], &sets).unwrap_or_else(|fault| panic!("{sets:?}: {fault}")))
            };
            let (on, off) = (rendered(true, on), rendered(false, off));
            let names: BTreeSet<&String> = on.keys().chain(off.keys()).collect();
            let changed: Vec<&String> = names.into_iter().filter(|name| on.get(*name) != off.get(*name)).collect();
            assert!(!changed.is_empty() || is_about_no_file(toggle), "{profile}: {toggle} changes nothing");
            let strangers: Vec<&&String> =
                changed.iter().filter(|name| !own.iter().any(|own| matches(own, name))).collect();
            assert!(strangers.is_empty(), "{profile}: {toggle} changes {strangers:?}");
        }
    }
}

/// Whether a toggle is about files of which there are none.
fn is_about_no_file(toggle: &str) -> bool {
    let folder = ["rules", "dashboards"].into_iter().find(|folder| toggle == format!("monitoring.{folder}.enabled"));
    folder.is_some_and(|folder| !workspace().join("helm/files").join(folder).is_dir())
}

/// A toggle that is not in the table is one that nobody flips.
#[test]
fn the_table_knows_every_toggle() {
    let values = std::fs::read_to_string(workspace().join("helm/values.yaml")).unwrap();
    let mut found = Vec::new();
    booleans(&documents(&values)[0], "", &mut found);
    let of_a_service = |path: String| path.replacen("defaults.", "services.catalog.", 1);
    let found: BTreeSet<String> = found.into_iter().map(of_a_service).collect();
    let known: BTreeSet<String> = TOGGLES.iter().map(|Toggle(path, ..)| (*path).to_owned()).collect();
    assert_eq!(found, known);
}

fn booleans(values: &Value, path: &str, found: &mut Vec<String>) {
    if values.is_boolean() && !HANDED_ON.iter().any(|prefix| path.starts_with(prefix)) {
        found.push(path.to_owned());
    }
    for (name, value) in values.as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        booleans(value, &path, found);
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    let ((kind, pattern), (its_kind, name)) = (pattern.split_once('/').unwrap(), name.split_once('/').unwrap());
    let fits = pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start));
    (kind == "*" || kind == its_kind) && fits
}
