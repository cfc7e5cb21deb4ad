//! Every service has all that belongs to it, and its parts agree about names and ports.

use super::{Objects, containers, in_every_profile, of_kind, pods, selects};
use serde_json::Value;

/// How many replicas there are at least.
fn replicas_min(objects: &Objects, name: &str) -> Option<u64> {
    let by = [("HorizontalPodAutoscaler", "minReplicas"), ("ScaledObject", "minReplicaCount")];
    let scaled = by.iter().filter_map(|(kind, field)| objects.get(&format!("{kind}/{name}"))?["spec"][field].as_u64());
    let fixed = objects[&format!("Deployment/{name}")]["spec"]["replicas"].as_u64();
    let said: Vec<u64> = scaled.chain(fixed).collect();
    // Two that say it would quarrel.
    (said.len() == 1).then(|| said[0])
}

#[test]
fn every_service_has_all_that_belongs_to_it() {
    in_every_profile(|profile, objects| {
        let mut faults = Vec::new();
        for (name, deployment) in of_kind(objects, "Deployment") {
            let kinds = ["Service", "ConfigMap", "NetworkPolicy"];
            let absent = kinds.iter().filter(|kind| !objects.contains_key(&format!("{kind}/{name}")));
            faults.extend(absent.map(|kind| format!("{name} has no {kind}")));
            let account = deployment["spec"]["template"]["spec"]["serviceAccountName"].as_str().unwrap();
            let made = objects.contains_key(&format!("ServiceAccount/{account}"));
            faults.extend(
                (made == profile.contains("external")).then(|| format!("{name} runs as {account}, made: {made}")),
            );
            let Some(replicas) = replicas_min(objects, name) else {
                faults.push(format!("{name}: none or several say how many replicas there are"));
                continue;
            };
            let budget = objects.get(&format!("PodDisruptionBudget/{name}"));
            if budget.is_some() != (replicas >= 2) {
                faults.push(format!("{name} has {replicas} replicas, and a disruption budget: {}", budget.is_some()));
            }
            let budget = budget.map(|budget| &budget["spec"]);
            let fine =
                |budget: &Value| budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow" && budget["maxUnavailable"] == 1;
            faults.extend(budget.filter(|budget| !fine(budget)).map(|budget| format!("{name}: {budget}")));
        }
        faults
    });
}

#[test]
fn every_service_is_replaced_without_a_gap() {
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, deployment) in of_kind(objects, "Deployment") {
            let (spec, pod) = (&deployment["spec"], &deployment["spec"]["template"]["spec"]);
            let container = &pod["containers"][0];
            let rolling = &spec["strategy"]["rollingUpdate"];
            let checks: &[(&str, bool)] = &[
                ("a pod goes before another one is there", rolling["maxUnavailable"] == 0 && rolling["maxSurge"] == 1),
                ("it is not seen to stay ready", spec["minReadySeconds"] == 5),
                ("it ends before its endpoint is gone", container["lifecycle"]["preStop"]["sleep"]["seconds"] == 10),
                ("it is killed before it has finished", pod["terminationGracePeriodSeconds"] == 45),
                ("liveness depends on others", container["livenessProbe"]["httpGet"]["path"] == "/livez"),
                ("start is not /livez", container["startupProbe"]["httpGet"]["path"] == "/livez"),
                ("readiness is not /readyz", container["readinessProbe"]["httpGet"]["path"] == "/readyz"),
                ("it is found unready late", container["readinessProbe"]["periodSeconds"] == 2),
                ("it migrates itself", objects[&format!("ConfigMap/{name}")]["data"]["MIGRATE"] == "false"),
                ("nobody migrates", pod["initContainers"][0]["args"] == serde_json::json!(["migrate", name])),
                ("it serves another", container["args"] == serde_json::json!(["serve", name])),
                (
                    "a new setting starts nothing",
                    !spec["template"]["metadata"]["annotations"]["checksum/config"].is_null(),
                ),
                ("it is not spread", pod["topologySpreadConstraints"].as_array().is_some_and(|all| all.len() == 2)),
            ];
            faults.extend(checks.iter().filter(|(_, fine)| !fine).map(|(fault, _)| format!("{name}: {fault}")));
        }
        faults
    });
}

#[test]
fn ports_agree() {
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, service) in of_kind(objects, "Service") {
            let selector = &service["spec"]["selector"];
            let Some((_, _, pod)) = pods(objects).find(|(_, labels, _)| selects(selector, labels)) else {
                faults.push(format!("the Service {name} selects no pod"));
                continue;
            };
            let open = &pod["containers"][0]["ports"];
            for port in service["spec"]["ports"].as_array().unwrap() {
                let same = |one: &&Value| one["name"] == port["targetPort"] && one["containerPort"] == port["port"];
                let is_open = open.as_array().is_some_and(|ports| ports.iter().any(|one| same(&one)));
                faults.extend((!is_open).then(|| format!("{name}: no container has the port {port}")));
                faults.extend(
                    port["appProtocol"].is_null().then(|| format!("{name}: {} has no appProtocol", port["name"])),
                );
            }
            let Some(config) = objects.get(&format!("ConfigMap/{name}")).filter(|_| name != "nats") else { continue };
            for (setting, port) in [("PORT", "http"), ("ADMIN_PORT", "admin"), ("INTERNAL_PORT", "internal")] {
                let told = config["data"][setting].as_str().unwrap();
                let listed = open.as_array().unwrap().iter().find(|one| one["name"] == port).unwrap();
                faults.extend(
                    (listed["containerPort"].as_u64() != told.parse().ok())
                        .then(|| format!("{name}: {setting} is {told}")),
                );
            }
        }
        for (name, _, spec) in pods(objects) {
            for container in containers(spec) {
                let names: Vec<&Value> =
                    container["ports"].as_array().into_iter().flatten().map(|port| &port["name"]).collect();
                let probes = ["startupProbe", "livenessProbe", "readinessProbe"]
                    .map(|probe| &container[probe]["httpGet"]["port"]);
                let wrong = probes.into_iter().filter(|port| !port.is_null() && !names.contains(port));
                faults.extend(wrong.map(|port| format!("{name}: a probe asks {port}")));
            }
        }
        faults
    });
}

/// A policy, a budget or a monitor that selects nothing is one that somebody misspelt.
#[test]
fn every_selector_selects() {
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, object) in objects {
            let spec = &object["spec"];
            let selector = match object["kind"].as_str().unwrap() {
                "NetworkPolicy" => &spec["podSelector"],
                "PodDisruptionBudget" | "Deployment" | "StatefulSet" | "PodMonitor" => &spec["selector"],
                "AuthorizationPolicy" | "PeerAuthentication" | "Sidecar" => {
                    let own = if spec["selector"].is_null() {
                        &spec["workloadSelector"]["labels"]
                    } else {
                        &spec["selector"]
                    };
                    // A policy for the whole namespace, or for the gateway, which is not ours.
                    let ours = object["metadata"]["namespace"].is_null() && own.is_object();
                    if ours { own } else { continue }
                }
                _ => continue,
            };
            let selected = pods(objects).any(|(_, labels, _)| selects(selector, labels));
            faults.extend((!selected).then(|| format!("{name} selects nothing: {selector}")));
        }
        for (name, monitor) in of_kind(objects, "ServiceMonitor") {
            let selector = &monitor["spec"]["selector"];
            let labels = |service: &Value| service["metadata"]["labels"].as_object().cloned().unwrap();
            let mut selected = of_kind(objects, "Service").filter(|(_, service)| selects(selector, &labels(service)));
            let (found, port) = (selected.next(), &monitor["spec"]["endpoints"][0]["port"]);
            let has_port = found.is_some_and(|(_, service)| {
                service["spec"]["ports"].as_array().unwrap().iter().any(|one| one["name"] == *port)
            });
            faults.extend(
                (!has_port || selected.next().is_some()).then(|| format!("{name} monitors {selector}, {port}")),
            );
        }
        faults
    });
}
