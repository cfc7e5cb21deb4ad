//! Our own rules about what the charts render, which no schema knows.

mod gateway;
mod images;
mod merging;
mod program;
mod provision;
mod reach;
mod room;
mod workloads;

use crate::profiles::{by_name, profiles, rendered};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use testing::helm::Helm;

/// The objects of a profile by kind and name.
type Objects = BTreeMap<String, Value>;

/// Holds a rule against every profile of the platform's chart; what it says are faults.
fn in_every_profile(rule: impl Fn(&str, &Objects) -> Vec<String>) {
    let Some(helm) = Helm::find() else { return };
    let mut faults = Vec::new();
    for profile in profiles() {
        let objects = by_name(rendered(&helm, "helm", &profile));
        faults.extend(rule(&profile, &objects).into_iter().map(|fault| format!("{profile}: {fault}")));
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// The objects of a kind, by name.
fn of_kind<'a>(objects: &'a Objects, kind: &'static str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    objects.iter().filter_map(move |(name, object)| Some((name.strip_prefix(kind)?.strip_prefix('/')?, object)))
}

/// The pods that an object makes or is: their labels and their `spec`.
fn pod(object: &Value) -> Option<(&Map<String, Value>, &Value)> {
    let holder = match object["kind"].as_str()? {
        "Deployment" | "StatefulSet" | "Job" => &object["spec"]["template"],
        "Pod" => object,
        _ => return None,
    };
    Some((holder["metadata"]["labels"].as_object()?, &holder["spec"]))
}

/// Every pod of a profile, by the object that makes it.
fn pods(objects: &Objects) -> impl Iterator<Item = (&String, &Map<String, Value>, &Value)> {
    objects.iter().filter_map(|(name, object)| pod(object).map(|(labels, spec)| (name, labels, spec)))
}

/// Every container of a pod, the first ones too.
fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    let list = |field: &str| spec[field].as_array().into_iter().flatten();
    list("initContainers").chain(list("containers"))
}

/// Whether a selector's labels are among these.
fn selects(selector: &Value, labels: &Map<String, Value>) -> bool {
    let wanted = selector["matchLabels"].as_object().or_else(|| selector.as_object()).unwrap();
    wanted.iter().all(|(name, value)| labels.get(name) == Some(value))
}

/// Every value of this field, however deep it lies.
fn every<'a>(value: &'a Value, field: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(field));
            fields.values().for_each(|child| every(child, field, found));
        }
        Value::Array(items) => items.iter().for_each(|child| every(child, field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Istio's definition still has it, and Istio ignores it.
#[test]
fn no_destination_counts_consecutive_errors() {
    in_every_profile(|_, objects| {
        let with = objects.iter().filter(|(_, object)| {
            let mut found = Vec::new();
            every(object, "consecutiveErrors", &mut found);
            !found.is_empty()
        });
        with.map(|(name, _)| format!("{name} has consecutiveErrors, which Istio ignores")).collect()
    });
}

#[test]
fn only_the_demonstration_has_secrets_of_its_own() {
    in_every_profile(|profile, objects| {
        let demo = profile.contains("demo");
        let secrets = of_kind(objects, "Secret").filter(|(name, _)| !demo || !name.contains("demo"));
        secrets.map(|(name, _)| format!("the Secret {name} stands in the chart")).collect()
    });
}
