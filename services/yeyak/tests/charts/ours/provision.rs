//! The provisioning Job: what a Job's pod is cannot be changed, so that whatever changes it must name another Job.

use super::{Objects, of_kind};
use crate::profiles::by_name;
use serde_json::Value;
use std::collections::BTreeMap;
use testing::helm::Helm;

/// Values that the pod has something of.
const CHANGES: &[&str] = &[
    "image.tag=2.0.0",
    "image.pullPolicy=Always",
    "image.repository=elsewhere/yeyak",
    "imagePullSecrets[0].name=registry",
    "broker.replicas=5",
    "broker.eventsBytesMax=1073741824",
    "broker.secret.name=another",
    "broker.secret.key=another",
    "telemetry.logLevel=debug",
    "telemetry.logFormat=text",
    "services.review.enabled=false",
];
/// Values that it has nothing of.
const OTHERS: &[&str] = &["services.review.replicas=7", "auth.audience=others", "mesh.rateLimit.enabled=false"];

fn job(helm: &Helm, sets: &[&str]) -> (String, Value) {
    let objects: Objects = by_name(helm.template("helm", &["helm/ci/production-values.yaml"], sets).unwrap());
    let jobs: BTreeMap<&str, &Value> = of_kind(&objects, "Job").collect();
    let [(name, job)] = Vec::from_iter(jobs).try_into().unwrap();
    (name.to_owned(), job["spec"].clone())
}

#[test]
fn another_pod_is_another_job() {
    let Some(helm) = Helm::find() else { return };
    let (name, spec) = job(&helm, &[]);
    for change in CHANGES {
        let (its_name, its_spec) = job(&helm, &[change]);
        assert_ne!(its_spec["template"], spec["template"], "{change} is not in the pod");
        assert_ne!(its_name, name, "{change}: the upgrade would change what cannot be changed");
    }
    for other in OTHERS {
        assert_eq!(job(&helm, &[other]), (name.clone(), spec.clone()), "{other}");
    }
}
