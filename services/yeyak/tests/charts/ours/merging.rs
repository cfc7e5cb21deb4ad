//! How a service's own values lie over the defaults.

use crate::profiles::by_name;
use serde_json::json;
use testing::helm::Helm;

const DEMO: &[&str] = &["helm/ci/demo-values.yaml"];

/// The usual functions for merging take false, 0 and empty for "not said".
#[test]
fn what_is_false_or_less_overrides_too() {
    let Some(helm) = Helm::find() else { return };
    let own = ["pdb.enabled=false", "migrate=false", "serviceAccount.create=false", "replicas=2"];
    let own = own.map(|value| format!("services.catalog.{value}"));
    let sets: Vec<&str> = ["defaults.replicas=3", "services.payment.replicas=1"]
        .into_iter()
        .chain(own.iter().map(String::as_str))
        .collect();
    let objects = by_name(helm.template("helm", DEMO, &sets).unwrap());
    let catalog = &objects["Deployment/catalog"]["spec"];
    assert_eq!(catalog["replicas"], 2);
    assert!(catalog["template"]["spec"]["initContainers"].is_null());
    assert!(!objects.contains_key("PodDisruptionBudget/catalog") && !objects.contains_key("ServiceAccount/catalog"));
    assert!(objects.contains_key("PodDisruptionBudget/review") && objects.contains_key("ServiceAccount/review"));
    assert!(objects["Deployment/review"]["spec"]["template"]["spec"]["initContainers"].is_array());
}

#[test]
fn a_setting_is_added_to_those_that_are_there_and_keeps_its_digits() {
    let Some(helm) = Helm::find() else { return };
    let sets = [
        "defaults.env.QUEUE_MAX=1000000",
        "services.payment.env.BATCH_MAX=64",
        "services.payment.env.QUEUE_MAX=2000000",
        "services.reservation.env.PAYMENT_URL=http://elsewhere:1",
        "telemetry.sampleRatio=0.25",
        "telemetry.otlpEndpoint=http://collector:4318",
    ];
    let objects = by_name(helm.template("helm", DEMO, &sets).unwrap());
    let setting = |service: &str, name: &str| objects[&format!("ConfigMap/{service}")]["data"][name].clone();
    assert_eq!(setting("payment", "PROVIDER_LEDGER"), "/var/lib/yeyak/ledger.jsonl");
    assert_eq!(setting("payment", "BATCH_MAX"), "64");
    assert_eq!(setting("payment", "QUEUE_MAX"), "2000000");
    assert_eq!(setting("catalog", "QUEUE_MAX"), "1000000");
    assert_eq!(setting("catalog", "BATCH_MAX"), json!(null));
    assert_eq!(setting("catalog", "OTEL_TRACES_SAMPLER_ARG"), "0.25");
    assert_eq!(setting("reservation", "PAYMENT_URL"), "http://elsewhere:1");
    assert_eq!(setting("waitlist", "SEATING_URL"), "http://seating:8082");
}
