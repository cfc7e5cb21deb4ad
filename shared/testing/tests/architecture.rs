//! The rules about packages and files that a compiler does not know; each failure says what to do.
#![expect(clippy::unwrap_used, reason = "a test; what cannot be read fails it")]
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOMAIN_MAY_USE: &[&str] = &["kernel", "jiff", "thiserror", "uuid"];
const KERNEL_MAY_USE: &[&str] = &["jiff", "serde", "thiserror", "uuid"];
/// Beside these, tests of pure crates draw their cases.
const PURE_TESTS_MAY_USE: &[&str] = &["proptest"];
const DOMAIN_NEVER_REACHES: &[&str] = &["axum", "sea-orm", "tokio"];
const KNOW_THE_BROKER: &[&str] = &["bench", "choreography"];
/// The one binary that links every service.
const PLATFORM: &str = "yeyak";
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "helm",
    "istio",
    "loadtest",
    "rustfmt.toml",
    "services",
    "shared",
    "target",
];
const SOURCES: &[&str] = &["loadtest", "services", "shared"];

#[test]
fn domains_and_kernel_are_pure() {
    let workspace = workspace();
    let mut offenders = Vec::new();
    for package in &workspace.packages {
        let may_use = match package.name.as_str() {
            "kernel" => KERNEL_MAY_USE,
            name if name.ends_with("-domain") => DOMAIN_MAY_USE,
            _ => continue,
        };
        offenders.extend(package.dependencies.iter().filter_map(|dependency| {
            let name = dependency.name.as_str();
            let for_tests = dependency.kind == DependencyKind::Development && PURE_TESTS_MAY_USE.contains(&name);
            let fine = for_tests || may_use.contains(&name);
            (!fine).then(|| format!("{} depends on {name}", package.name))
        }));
    }
    assert_none(&offenders, "a decision is pure: move what needs this into the service around it");
}

#[test]
fn domains_never_reach_io_through_another_crate() {
    let workspace = workspace();
    let domains = workspace.packages.iter().filter(|package| package.name.ends_with("-domain"));
    let offenders: Vec<String> = domains
        .flat_map(|domain| {
            let reached = reach(&workspace, domain);
            let forbidden = DOMAIN_NEVER_REACHES.iter().filter(move |name| reached.contains(**name));
            forbidden.map(move |name| format!("{} reaches {name}", domain.name))
        })
        .collect();
    assert_none(&offenders, "no I/O in a domain, nor in a crate of ours that it depends on");
}

#[test]
fn only_choreography_knows_the_broker() {
    let workspace = workspace();
    let strangers = workspace.packages.iter().filter(|package| !KNOW_THE_BROKER.contains(&package.name.as_str()));
    let offenders: Vec<String> = strangers
        .filter(|package| package.dependencies.iter().any(|dependency| dependency.name == "async-nats"))
        .map(|package| format!("{} names async-nats", package.name))
        .collect();
    assert_none(&offenders, "publish by an outbox row, consume by `Service::translate`; choreography does the rest");
}

#[test]
fn services_do_not_know_each_other() {
    let workspace = workspace();
    let services: Vec<(&Package, String)> =
        workspace.packages.iter().filter_map(|package| Some((package, service(&workspace, package)?))).collect();
    let mut offenders = Vec::new();
    for (package, own) in services.iter().filter(|(_, own)| own != PLATFORM) {
        let others = services.iter().filter(|(_, other)| other != own);
        let used = others
            .filter(|(other, _)| package.dependencies.iter().any(|dependency| dependency.name == other.name.as_str()));
        offenders.extend(used.map(|(other, _)| format!("{} depends on {}", package.name, other.name)));
    }
    assert_none(&offenders, "services share events (contract) and calls over HTTP, never code of each other");
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let offenders: Vec<String> = workspace()
        .packages
        .iter()
        .filter(|package| {
            let manifest = fs::read_to_string(&package.manifest_path).unwrap();
            let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
            lines.next() != Some("workspace = true")
        })
        .map(|package| package.manifest_path.to_string())
        .collect();
    assert_none(&offenders, "add `[lints]` with `workspace = true`");
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = root();
    let offenders: Vec<String> = SOURCES
        .iter()
        .flat_map(|folder| rust_files(&root.join(folder)))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert_none(&offenders, "the first line is `//!` and one sentence: what the file is for");
}

#[test]
fn the_top_level_holds_what_a_newcomer_expects() {
    let entries = root().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let offenders: Vec<String> =
        entries.filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str())).collect();
    assert_none(&offenders, "put it into one of the folders that are there");
}

#[test]
fn every_promise_of_the_readme_names_tests_that_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let promises = readme.split("## What is promised").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let files = SOURCES.iter().flat_map(|folder| rust_files(&root().join(folder)));
    let sources: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let named =
        promises.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    let tests = named.filter(|name| {
        name.contains('_')
            && name.chars().all(|letter| letter.is_lowercase() || letter == '_' || letter.is_ascii_digit())
    });
    let absent =
        tests.filter(|name| !sources.contains(&format!("fn {name}(")) && !sources.contains(&format!("mod {name}")));
    let mut offenders: Vec<String> = absent.map(ToOwned::to_owned).collect();
    let rows = (1..=17).chain([19]).map(|number| format!("R{number:02}"));
    let rows = rows.chain((1..=11).map(|number| format!("D{number:02}")));
    offenders.extend(rows.filter(|row| !promises.contains(&format!("\n| {row}"))));
    assert_none(&offenders, "a promise needs a test: name one that exists, in the README's table");
}

fn assert_none(offenders: &[String], advice: &str) {
    assert!(offenders.is_empty(), "{advice}:\n  {}", offenders.join("\n  "));
}

fn workspace() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The folder below `services` that a package belongs to: a service and its domain are one.
fn service(workspace: &Metadata, package: &Package) -> Option<String> {
    let below = package.manifest_path.strip_prefix(workspace.workspace_root.join("services")).ok()?;
    Some(below.iter().next()?.to_owned())
}

/// What `package` depends on outside its tests, directly or through other crates of this workspace.
fn reach(workspace: &Metadata, package: &Package) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![package];
    while let Some(package) = open.pop() {
        for dependency in package.dependencies.iter().filter(|edge| edge.kind != DependencyKind::Development) {
            if reached.insert(dependency.name.clone()) {
                open.extend(workspace.packages.iter().find(|ours| ours.name.as_str() == dependency.name));
            }
        }
    }
    reached
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
