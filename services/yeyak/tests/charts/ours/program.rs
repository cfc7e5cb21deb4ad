//! What the charts tell the program, against what the program's sources say that it reads.

use super::{Objects, containers, in_every_profile, of_kind, pods};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use testing::helm::workspace;

/// How the sources read a setting, without white space: as the first argument of a call, or for a command line.
const READERS: &[&str] = &["(\"", "env=\""];
/// Suffixes that a breaker reads below the name of whom it calls.
const BREAKER: &[&str] = &["TIMEOUT_MS", "BACKOFF_MS_MIN", "BACKOFF_MS_MAX", "IN_FLIGHT_MAX"];

/// Our program's containers: the demonstration's servers are other people's.
fn ours<'a>(objects: &'a Objects) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let of_pod = |(name, _, spec): (&'a String, _, &'a Value)| containers(spec).map(move |container| (name, container));
    let is_ours = |(_, container): &(_, &Value)| container["image"].as_str().unwrap().contains("registry.example/");
    pods(objects).flat_map(of_pod).filter(is_ours)
}

#[test]
fn every_setting_is_one_that_the_program_reads() {
    let known = settings();
    assert!(known.contains("NATS_URL") && known.contains("PAYMENT_TIMEOUT_MS") && known.len() > 30, "{known:?}");
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        let mut check = |place: &str, setting: &str| {
            if !known.contains(setting) {
                faults.push(format!("{place}: the program reads no {setting}"));
            }
        };
        for (name, config) in of_kind(objects, "ConfigMap").filter(|(name, _)| services().contains(*name)) {
            config["data"].as_object().unwrap().keys().for_each(|setting| check(name, setting));
        }
        for (name, container) in ours(objects) {
            let entries = container["env"].as_array().into_iter().flatten();
            entries.for_each(|entry| check(name, entry["name"].as_str().unwrap()));
        }
        faults
    });
}

#[test]
fn every_argument_is_a_role_of_the_program() {
    let roles = roles();
    assert!(
        ["serve", "migrate", "provision", "rehearse", "selfcheck"].iter().all(|role| roles.contains(*role)),
        "{roles:?}"
    );
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, container) in ours(objects) {
            let arguments =
                container["args"].as_array().into_iter().flatten().map(|argument| argument.as_str().unwrap());
            let (options, words): (Vec<&str>, Vec<&str>) = arguments.partition(|word| word.starts_with("--"));
            let (role, named) = words.split_first().unwrap();
            faults.extend((!roles.contains(*role)).then(|| format!("{name}: no role is called {role}")));
            let strangers = named.iter().filter(|service| !services().contains(**service));
            faults.extend(strangers.map(|service| format!("{name}: no service is called {service}")));
            let command_line = source("services/yeyak/src/cli.rs");
            for option in options {
                let field = option.trim_start_matches('-').split('=').next().unwrap().replace('-', "_");
                let known =
                    command_line.contains(&format!("pub{field}:")) || command_line.contains(&format!("{field}:String"));
                faults.extend((!known).then(|| format!("{name}: {role} has no {option}")));
            }
        }
        faults
    });
}

#[test]
fn who_scales_on_waiting_events_names_a_consumer_that_is_there() {
    let stream = source("shared/choreography/src/broker/mod.rs");
    in_every_profile(|_, objects| {
        let mut faults = Vec::new();
        for (name, scaler) in of_kind(objects, "ScaledObject") {
            let lag = &scaler["spec"]["triggers"][0]["metadata"];
            let known = stream.contains(&format!("STREAM:&str=\"{}\"", lag["stream"].as_str().unwrap()));
            // A service's consumer is called as the service.
            let fine = known && lag["consumer"] == name && scaler["spec"]["scaleTargetRef"]["name"] == name;
            faults.extend((!fine).then(|| format!("{name} scales on {lag}")));
        }
        faults
    });
}

/// As the profile's first lines say.
#[test]
fn with_keda_every_service_is_scaled() {
    in_every_profile(|profile, objects| {
        let unscaled = |name: &str| {
            let kind =
                if ["notification", "dashboard"].contains(&name) { "ScaledObject" } else { "HorizontalPodAutoscaler" };
            !objects.contains_key(&format!("{kind}/{name}"))
        };
        let services = of_kind(objects, "Deployment").filter(|(name, _)| profile.contains("keda") && unscaled(name));
        services.map(|(name, _)| format!("{name} is not scaled as it is said")).collect()
    });
}

/// Every setting that the program's sources read.
fn settings() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["services", "shared"] {
        sources(&workspace().join(folder), &mut |text| {
            let read = READERS.iter().flat_map(|reader| text.split(reader).skip(1));
            let names = read.filter_map(|rest| rest.split('"').next()).filter(|name| is_setting(name));
            found.extend(names.map(ToOwned::to_owned));
            let breakers = text.split("Settings::read(env,\"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(breakers.flat_map(|name| BREAKER.iter().map(move |suffix| format!("{name}_{suffix}"))));
        });
    }
    found
}

fn is_setting(name: &str) -> bool {
    name.len() > 3 && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

/// The services, as the program lists them.
pub fn services() -> BTreeSet<String> {
    let text = source("services/yeyak/src/roles.rs");
    let list = text.split("SERVICES:&[Service]").nth(1).unwrap().split("];").next().unwrap();
    list.split("service!(").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
}

fn roles() -> BTreeSet<String> {
    let text = fs::read_to_string(workspace().join("services/yeyak/src/cli.rs")).unwrap();
    let variants = text.split("pub enum Role {").nth(1).unwrap().split("\n}").next().unwrap();
    let names = variants
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(char::is_uppercase));
    names.map(|line| line.split([' ', '(', ',']).next().unwrap().to_lowercase()).collect()
}

/// A source without its white space, so that it does not matter how lines are broken.
fn source(path: &str) -> String {
    squeezed(&workspace().join(path))
}

fn squeezed(path: &Path) -> String {
    fs::read_to_string(path).unwrap().split_whitespace().collect()
}

fn sources(folder: &Path, visit: &mut impl FnMut(&str)) {
    for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && entry.file_name().is_some_and(|name| name != "tests") {
            sources(&entry, visit);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            visit(&squeezed(&entry));
        }
    }
}
