//! Every object of every profile against the schemas of who reads it: unknown fields, types and rules between fields.

mod istio;
mod kubernetes;
mod operators;
mod rules;

use crate::profiles::{CHARTS, name_of, profiles, rendered};
use istio::Istio;
use kubernetes::Kubernetes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testing::helm::Helm;

/// Who knows which objects.
struct Readers {
    kubernetes: Kubernetes,
    /// Absent where Istio's definitions are not at hand.
    istio: Option<Istio>,
}

/// What a reader says: every fault, and how many rules between fields it evaluated.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    faults: Vec<String>,
    rules: usize,
}

impl Readers {
    fn new() -> Self {
        Self { kubernetes: Kubernetes::new(), istio: Istio::find() }
    }

    fn judge(&self, object: &Value) -> Verdict {
        let version = object["apiVersion"].as_str().unwrap_or_default();
        let verdict = match &self.istio {
            Some(istio) if version.contains("istio.io/") => istio.judge(object),
            None if version.contains("istio.io/") => Verdict::default(),
            Some(_) | None if operators::knows(object) => operators::judge(object),
            Some(_) | None => self.kubernetes.judge(object),
        };
        let faults = nulls(object, &mut String::new()).into_iter().chain(verdict.faults).collect();
        Verdict { faults, ..verdict }
    }
}

/// The paths of fields without a value: a template that wrote nothing where something was meant.
fn nulls(value: &Value, path: &mut String) -> Vec<String> {
    let mut found = Vec::new();
    let mut below = |key: &str, value: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(key);
        found.extend(nulls(value, path));
        path.truncate(length);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| below(&at.to_string(), value)),
        Value::Null => found.push(format!("{path} has no value")),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

#[test]
fn every_object_of_every_profile_is_what_its_reader_expects() {
    let Some(helm) = Helm::find() else { return };
    let readers = Readers::new();
    let (mut faults, mut kinds, mut rules) = (Vec::new(), BTreeMap::<String, usize>::new(), 0);
    for profile in profiles() {
        for chart in CHARTS {
            for object in rendered(&helm, chart, &profile) {
                let verdict = readers.judge(&object);
                let named = |fault| format!("{profile}, {chart}, {}: {fault}", name_of(&object));
                faults.extend(verdict.faults.into_iter().map(named));
                rules += verdict.rules;
                *kinds.entry(object["kind"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    println!("judged {} objects of {} kinds, {rules} rules evaluated", kinds.values().sum::<usize>(), kinds.len());
    for kind in
        ["Deployment", "HorizontalPodAutoscaler", "ScaledObject", "ServiceMonitor", "PodMonitor", "StatefulSet", "Job"]
    {
        assert!(kinds.contains_key(kind), "no profile has a {kind}");
    }
    assert!(readers.istio.is_none() || rules > 0);
}

/// A reader that says nothing may be one that does not look.
#[test]
fn what_is_wrong_is_found() {
    let readers = Readers::new();
    let judged = |object: Value| readers.judge(&object).faults.join("\n");
    let object = |version: &str, kind: &str, spec: Value| {
        judged(json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "x" }, "spec": spec }))
    };
    let scaler = |metric: Value| {
        let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "x" });
        let spec = json!({ "scaleTargetRef": target, "maxReplicas": 3, "metrics": [metric] });
        object("autoscaling/v2", "HorizontalPodAutoscaler", spec)
    };
    assert!(scaler(json!({ "type": "Resource", "metric": {} })).contains("metric"));
    let service = |port: Value| object("v1", "Service", json!({ "ports": [{ "port": port }] }));
    assert_eq!(service(json!(80)), "");
    assert!(service(json!("eighty")).contains("/spec/ports/0/port"));
    assert!(service(Value::Null).contains("/spec/ports/0/port has no value"));
    assert!(object("policy/v1beta1", "PodDisruptionBudget", json!({})).contains("no schema"));
    assert!(object("monitoring.coreos.com/v1", "ServiceMonitor", json!({ "endpoint": [] })).contains("endpoint"));
    assert!(object("keda.sh/v1alpha1", "ScaledObject", json!({ "triggers": [] })).contains("scaleTargetRef"));
    if readers.istio.is_none() {
        return;
    }
    let destination = |outliers: Value| {
        let spec = json!({ "host": "x", "trafficPolicy": { "outlierDetection": outliers } });
        object("networking.istio.io/v1", "DestinationRule", spec)
    };
    assert_eq!(destination(json!({ "consecutive5xxErrors": 0, "interval": "1s" })), "");
    assert!(destination(json!({ "consecutive5xxError": 0 })).contains("consecutive5xxError"));
    assert!(destination(json!({ "consecutive5xxErrors": "0" })).contains("consecutive5xxErrors"));
    assert!(
        destination(json!({ "interval": "0s" })).contains("must be"),
        "{}",
        destination(json!({ "interval": "0s" }))
    );
    assert!(destination(json!({ "interval": "soon" })).contains("interval"));
    let tokens = |rule: Value| object("security.istio.io/v1", "RequestAuthentication", json!({ "jwtRules": [rule] }));
    assert_eq!(tokens(json!({ "issuer": "https://i", "jwksUri": "https://i/keys" })), "");
    assert!(tokens(json!({ "issuer": "https://i", "jwksUri": "https://i/keys", "jwks": "{}" })).contains("only one"));
    assert!(tokens(json!({ "issuer": "https://i", "jwksUri": "ftp://i/keys" })).contains("scheme"));
    let ports = json!({ "portLevelMtls": { "8081": { "mode": "PERMISSIVE" } } });
    assert!(object("security.istio.io/v1", "PeerAuthentication", ports).contains("portLevelMtls"));
}
