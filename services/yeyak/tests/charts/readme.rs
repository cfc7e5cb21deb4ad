//! The README's way onto a cluster, command by command, against what the chart renders.

use crate::profiles::by_name;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use testing::helm::{Helm, documents, workspace};

/// Namespaces that are not ours, whose objects we cannot know.
const FOREIGN: &[&str] = &["istio-ingress"];

/// The section's commands, in order, each as its words.
fn commands() -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let section = readme.split("\n## Install on a cluster\n").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines: Vec<String> = blocks
        .flat_map(|block| block.replace("\\\n", " ").lines().map(ToOwned::to_owned).collect::<Vec<_>>())
        .collect();
    let words = |line: &String| line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    lines
        .iter()
        .map(words)
        .filter(|words| ["helm", "kubectl"].iter().any(|program| words.first().is_some_and(|word| word == program)))
        .collect()
}

/// What `--name value` or `--name=value` says.
fn option<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| word == name);
    at.and_then(|at| words.get(at + 1)).map(String::as_str)
}

/// What the command installs, by `helm template` with its own arguments.
fn installed(helm: &Helm, words: &[String]) -> BTreeMap<String, Value> {
    let skip = ["install", "upgrade", "--install"];
    let arguments = words[1..].iter().map(String::as_str).filter(|word| !skip.contains(word));
    let arguments: Vec<&str> = ["template"].into_iter().chain(arguments).collect();
    by_name(documents(&helm.run(&arguments).unwrap_or_else(|fault| panic!("{words:?}: {fault}"))))
}

#[test]
fn every_command_of_the_readme_fits_the_chart() {
    let Some(helm) = Helm::find() else { return };
    let (mut objects, mut secrets) = (BTreeMap::new(), BTreeSet::new());
    let (mut namespaces, mut installs, mut referred) = (BTreeSet::new(), 0, 0);
    for words in commands() {
        let (program, rest) = (words[0].as_str(), &words[1..]);
        let namespace = option(rest, "--namespace");
        match (program, rest[0].as_str()) {
            ("helm", "test") => {
                assert_eq!(rest[1], "yeyak");
                assert!(objects.values().any(|one: &Value| one["metadata"]["annotations"]["helm.sh/hook"] == "test"));
            }
            ("helm", _) => {
                assert!(namespaces.contains(namespace.unwrap()), "nobody made {namespace:?}");
                objects = installed(&helm, &words);
                let made = std::mem::take(&mut secrets);
                assert_eq!(wanted(&objects), made, "{words:?}");
                installs += 1;
            }
            ("kubectl", "create") => drop(namespaces.insert(rest[2].clone())),
            ("kubectl", _) if words.contains(&"secret".to_owned()) => secrets.extend(created(&words)),
            ("kubectl", _) if namespace.is_some_and(|name| !FOREIGN.contains(&name)) => {
                assert!(namespaces.contains(namespace.unwrap()), "{words:?}");
                for word in words.iter().filter(|word| word.contains('/')) {
                    let (kind, name) = word.split_once('/').unwrap();
                    let known = objects.keys().any(|key| {
                        let (its_kind, its_name) = key.split_once('/').unwrap();
                        its_kind.to_lowercase() == kind && its_name == name
                    });
                    assert!(known, "{words:?}: there is no {word}");
                    referred += 1;
                }
            }
            _ => {}
        }
    }
    assert_eq!((installs, referred), (2, 4), "the section has other commands than this test knows");
}

/// Whom the production example speaks with is known to the proxies by namespace, wherever a URL leads into the cluster.
#[test]
fn the_proxies_know_whom_the_readme_speaks_with() {
    let Some(helm) = Helm::find() else { return };
    let install = commands().into_iter().find(|words| words.contains(&"upgrade".to_owned())).unwrap();
    let objects = installed(&helm, &install);
    let mut urls: Vec<String> =
        commands().into_iter().flatten().filter_map(|word| Some(word.split_once('@')?.1.to_owned())).collect();
    let collector = &objects["ConfigMap/reservation"]["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"];
    urls.push(collector.as_str().unwrap().split("//").nth(1).unwrap().to_owned());
    let host = |url: &String| url.split([':', '/']).next().unwrap().to_owned();
    let inner: BTreeSet<String> = urls.iter().map(host).filter(|host| host.split('.').count() == 2).collect();
    let namespaces: BTreeSet<String> =
        inner.iter().map(|host| format!("{}/*", host.split_once('.').unwrap().1)).collect();
    assert_eq!(namespaces.len(), 3, "{inner:?}");
    for sidecar in objects.values().filter(|object| object["kind"] == "Sidecar") {
        let known = sidecar["spec"]["egress"][0]["hosts"].as_array().unwrap();
        let known: BTreeSet<String> = known.iter().map(|host| host.as_str().unwrap().to_owned()).collect();
        assert!(known.is_superset(&namespaces), "{} knows {known:?}", sidecar["metadata"]["name"]);
    }
}

/// The Secrets and keys that the objects name and that are not among them.
fn wanted(objects: &BTreeMap<String, Value>) -> BTreeSet<(String, String)> {
    let mut found = Vec::new();
    objects.values().for_each(|object| references(object, &mut found));
    let own = |name: &str| objects.contains_key(&format!("Secret/{name}"));
    let servers = objects.values().flat_map(|object| object["spec"]["servers"].as_array().into_iter().flatten());
    let certificates = servers.filter_map(|server| server["tls"]["credentialName"].as_str());
    let certificates = certificates.map(|name| (name.to_owned(), "tls".to_owned()));
    let pair = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["key"].as_str().unwrap().to_owned());
    found.into_iter().map(pair).filter(|(name, _)| !own(name)).chain(certificates).collect()
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    if let Some(fields) = value.as_object() {
        found.extend(fields.get("secretKeyRef"));
        fields.values().for_each(|child| references(child, found));
    }
    value.as_array().into_iter().flatten().for_each(|child| references(child, found));
}

/// What `create secret generic <name> --from-literal=<key>=…` makes, or `create secret tls <name>` beside the gateway.
fn created(words: &[String]) -> Vec<(String, String)> {
    if let Some(name) = option(words, "tls") {
        assert!(
            FOREIGN.contains(&option(words, "--namespace").unwrap()),
            "{words:?}: the gateway reads its own namespace"
        );
        return vec![(name.to_owned(), "tls".to_owned())];
    }
    let name = option(words, "generic").unwrap();
    let keys = words.iter().filter_map(|word| word.strip_prefix("--from-literal=")?.split('=').next());
    keys.map(|key| (name.to_owned(), key.to_owned())).collect()
}

/// The claim that the production profile mounts is one that the reader is told to make.
#[test]
fn the_readme_names_the_claims_and_profiles_that_there_are() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let section = readme.split("\n## Install on a cluster\n").nth(1).unwrap().split("\n## ").next().unwrap();
    assert!(section.contains("`payment-ledger`"));
    for profile in crate::profiles::profiles() {
        let name = profile.trim_start_matches("helm/ci/").trim_end_matches("-values.yaml");
        assert!(section.contains(&format!("`{name}`")), "{name}");
    }
}
