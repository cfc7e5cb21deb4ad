//! The profiles: each renders, with both charts, the same way every time; and lint has nothing to say.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use testing::helm::{Helm, workspace};

/// The charts: the platform, and its place in the mesh alone.
pub const CHARTS: &[&str] = &["helm", "istio"];

/// Every profile, by its file of values.
pub fn profiles() -> Vec<String> {
    let folder = workspace().join("helm/ci").read_dir().unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.map(|name| format!("helm/ci/{name}")).collect();
    files.sort();
    files
}

/// What a profile renders, object by object; rendered once, because many rules look at it.
pub fn rendered(helm: &Helm, chart: &str, profile: &str) -> Vec<Value> {
    static KNOWN: Mutex<BTreeMap<(String, String), Vec<Value>>> = Mutex::new(BTreeMap::new());
    let render = || {
        let objects = helm.template(chart, &[profile], &[]);
        objects.unwrap_or_else(|fault| panic!("{chart} with {profile}: {fault}"))
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((chart.to_owned(), profile.to_owned())).or_insert_with(render).clone()
}

/// What an object is called: its kind and name, and its namespace where it is not the release's.
pub fn name_of(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let foreign = object["metadata"]["namespace"].as_str().map(|namespace| format!(" in {namespace}"));
    format!("{}/{}{}", text(&object["kind"]), text(&object["metadata"]["name"]), foreign.unwrap_or_default())
}

/// The objects by their names; two of one name fail the test.
pub fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let mut named = BTreeMap::new();
    for object in objects {
        let name = name_of(&object);
        assert!(named.insert(name.clone(), object).is_none(), "{name} stands twice");
    }
    named
}

#[test]
fn there_is_a_profile_for_each_way_to_install() {
    let names = ["default", "demo", "external", "keda", "no-mesh", "production", "single"];
    assert_eq!(profiles(), names.map(|name| format!("helm/ci/{name}-values.yaml")));
}

#[test]
fn every_profile_renders_the_same_way_twice() {
    let Some(helm) = Helm::find() else { return };
    for profile in profiles() {
        for chart in CHARTS {
            let arguments = ["template", "y", chart, "--values", &profile];
            let (first, second) = (helm.run(&arguments).unwrap(), helm.run(&arguments).unwrap());
            assert_eq!(first, second, "{chart} with {profile}");
            by_name(rendered(&helm, chart, &profile));
        }
    }
}

#[test]
fn lint_has_nothing_to_say() {
    let Some(helm) = Helm::find() else { return };
    for profile in profiles() {
        for chart in CHARTS {
            let said = helm.run(&["lint", "--strict", chart, "--values", &profile]).unwrap();
            let said: Vec<&str> = said.lines().filter(|line| line.starts_with('[') && !line.contains("icon")).collect();
            assert!(said.is_empty(), "{chart} with {profile}: {said:?}");
        }
    }
}

/// What the mesh team installs alone is, object by object, what the platform's chart renders of it.
#[test]
fn both_charts_render_the_same_mesh() {
    let Some(helm) = Helm::find() else { return };
    let of_the_mesh =
        |object: &Value| object["apiVersion"].as_str().is_some_and(|version| version.contains("istio.io/"));
    for profile in profiles() {
        let spec = |object: Value| (name_of(&object), object["spec"].clone());
        let specs = |chart: &str| -> BTreeMap<String, Value> {
            rendered(&helm, chart, &profile).into_iter().filter(of_the_mesh).map(spec).collect()
        };
        let (platform, mesh) = (specs("helm"), specs("istio"));
        assert_eq!(platform, mesh, "{profile}");
        let apart = ["no-mesh", "single"].iter().any(|name| profile.contains(name));
        assert_eq!(platform.is_empty(), apart, "{profile}");
    }
}

#[test]
fn an_old_cluster_is_refused() {
    let Some(helm) = Helm::find() else { return };
    let refused =
        helm.run(&["template", "y", "helm", "--values", "helm/ci/demo-values.yaml", "--kube-version", "1.28"]);
    assert!(refused.unwrap_err().contains("1.30"));
}
