//! Images and the rights of containers.

use super::{containers, in_every_profile, pods};
use serde_json::json;
use testing::helm::Helm;

#[test]
fn every_container_is_restricted_and_bounded() {
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, _, spec) in pods(objects) {
            let fine = spec["securityContext"]["runAsNonRoot"] == true
                && spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
                && spec["automountServiceAccountToken"] == false
                && spec["hostNetwork"].is_null();
            faults.extend((!fine).then(|| format!("{name}: the pod is not restricted")));
            for container in containers(spec) {
                let what = &container["name"];
                let security = json!({
                    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] },
                });
                if container["securityContext"] != security {
                    faults.push(format!("{name}: {what} is not restricted: {}", container["securityContext"]));
                }
                let resources = &container["resources"];
                let bounded = ["/limits/memory", "/requests/memory", "/requests/cpu"];
                if bounded.iter().any(|field| !resources.pointer(field).is_some_and(|value| value.is_string())) {
                    faults.push(format!("{name}: {what} has no bounds: {resources}"));
                }
                let image = container["image"].as_str().unwrap();
                if !is_pinned(image) {
                    faults.push(format!("{name}: {what} runs whatever {image} is today"));
                }
            }
        }
        faults
    });
}

fn is_pinned(image: &str) -> bool {
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':'));
    image.contains("@sha256:") || tag.is_some_and(|(_, tag)| !tag.is_empty() && tag != "latest")
}

#[test]
fn a_digest_wins_over_a_tag_and_a_service_may_have_its_own_image() {
    let Some(helm) = Helm::find() else { return };
    let digest = format!("sha256:{:064}", 7);
    let own = format!("services.review.image.digest={digest}");
    let sets =
        ["image.tag=1.2.3", "services.catalog.image.tag=1.3.0", "services.seating.image.repository=r/seating", &own];
    let objects = helm.template("helm", &["helm/ci/demo-values.yaml"], &sets).unwrap();
    let image = |name: &str| {
        let is_it = |object: &&serde_json::Value| object["kind"] == "Deployment" && object["metadata"]["name"] == name;
        let spec = &objects.iter().find(is_it).unwrap()["spec"]["template"]["spec"];
        let images: Vec<_> = containers(spec).map(|container| container["image"].as_str().unwrap()).collect();
        assert!(images.windows(2).all(|pair| pair[0] == pair[1]), "{images:?}");
        images[0].to_owned()
    };
    assert_eq!(image("payment"), "registry.example/yeyak:1.2.3");
    assert_eq!(image("catalog"), "registry.example/yeyak:1.3.0");
    assert_eq!(image("seating"), "r/seating:1.2.3");
    assert_eq!(image("review"), format!("registry.example/yeyak@{digest}"));
}
