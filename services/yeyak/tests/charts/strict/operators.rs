//! Objects of operators whose definitions no registry of ours carries: the fields that the charts use, and no others.

use super::Verdict;
use serde_json::{Value, json};

/// Whether an object is one of them.
pub fn knows(object: &Value) -> bool {
    schema(object["kind"].as_str().unwrap_or_default()).is_some()
}

pub fn judge(object: &Value) -> Verdict {
    let schema = schema(object["kind"].as_str().unwrap_or_default()).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let faults = validator.iter_errors(object).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    Verdict { faults, rules: 0 }
}

fn schema(kind: &str) -> Option<Value> {
    let (version, spec) = match kind {
        "ServiceMonitor" => ("monitoring.coreos.com/v1", service_monitor()),
        "PodMonitor" => ("monitoring.coreos.com/v1", pod_monitor()),
        "PrometheusRule" => ("monitoring.coreos.com/v1", prometheus_rule()),
        "ScaledObject" => ("keda.sh/v1alpha1", scaled_object()),
        _ => return None,
    };
    let metadata = json!({ "type": "object", "required": ["name"] });
    let kind = json!({ "const": kind });
    Some(record(json!({ "apiVersion": { "const": version }, "kind": kind, "metadata": metadata, "spec": spec })))
}

/// An object of these fields, all of them there.
fn record(fields: Value) -> Value {
    let required: Vec<&String> = fields.as_object().unwrap().keys().collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": fields })
}

fn texts() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" })
}

fn endpoints() -> Value {
    let path = json!({ "type": "string", "pattern": "^/" });
    let endpoint = record(json!({ "port": { "type": "string" }, "path": path, "interval": duration() }));
    json!({ "type": "array", "minItems": 1, "items": endpoint })
}

fn service_monitor() -> Value {
    record(json!({ "selector": record(json!({ "matchLabels": texts() })), "endpoints": endpoints() }))
}

fn pod_monitor() -> Value {
    record(json!({ "selector": record(json!({ "matchLabels": texts() })), "podMetricsEndpoints": endpoints() }))
}

fn prometheus_rule() -> Value {
    let rule = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["expr"],
        "oneOf": [{ "required": ["alert"] }, { "required": ["record"] }],
        "properties": {
            "alert": { "type": "string" }, "record": { "type": "string" }, "expr": { "type": "string" },
            "for": duration(), "keep_firing_for": duration(), "labels": texts(), "annotations": texts(),
        },
    });
    let group = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "rules"],
        "properties": {
            "name": { "type": "string" }, "interval": duration(),
            "rules": { "type": "array", "minItems": 1, "items": rule },
        },
    });
    record(json!({ "groups": { "type": "array", "minItems": 1, "items": group } }))
}

fn scaled_object() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let number = json!({ "type": "string", "pattern": "^[1-9][0-9]*$" });
    let lag = record(json!({
        "type": { "const": "nats-jetstream" },
        "metadata": record(json!({
            "natsServerMonitoringEndpoint": { "type": "string", "pattern": "^[-a-z0-9.]+:[0-9]+$" },
            "account": text, "stream": text, "consumer": text, "lagThreshold": number,
        })),
    }));
    let processor = record(json!({
        "type": { "const": "cpu" },
        "metricType": { "const": "Utilization" },
        "metadata": record(json!({ "containerName": text, "value": number })),
    }));
    let count = json!({ "type": "integer", "minimum": 1 });
    record(json!({
        "scaleTargetRef": record(json!({ "name": text })),
        "minReplicaCount": count,
        "maxReplicaCount": count,
        "advanced": record(json!({ "horizontalPodAutoscalerConfig": record(json!({ "behavior": { "type": "object" } })) })),
        "triggers": { "type": "array", "minItems": 1, "items": { "oneOf": [lag, processor] } },
    }))
}
