//! The rules: promtool reads them, each alert is shown to fire and to stay silent, and has its paragraph to act by.

use crate::promtool::{files, listed, run, stem};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use testing::helm::documents;

/// A rule of one file: an alert, or an expression recorded under a name.
pub struct Rule {
    pub file: String,
    pub body: Value,
}

impl Rule {
    pub fn alert(&self) -> Option<&str> {
        self.body["alert"].as_str()
    }

    pub fn record(&self) -> Option<&str> {
        self.body["record"].as_str()
    }

    pub fn expression(&self) -> &str {
        self.body["expr"].as_str().unwrap()
    }
}

fn yaml(path: &Path) -> Value {
    let [document] = documents(&std::fs::read_to_string(path).unwrap()).try_into().unwrap();
    document
}

/// Every rule of every file.
pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for path in listed("rules", "yaml") {
        for group in yaml(&path)["groups"].as_array().unwrap() {
            let bodies = group["rules"].as_array().unwrap().iter();
            rules.extend(bodies.map(|body| Rule { file: stem(&path).to_owned(), body: body.clone() }));
        }
    }
    rules
}

/// The alerts of the unit tests that are expected to fire, or to stay silent.
fn tested(fires: bool) -> BTreeSet<String> {
    let mut tested = BTreeSet::new();
    for path in listed("rules/tests", "yaml") {
        let tests = yaml(&path);
        let checks =
            tests["tests"].as_array().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_array().unwrap());
        let wanted = checks.filter(|check| check["exp_alerts"].as_array().unwrap().is_empty() != fires);
        tested.extend(wanted.map(|check| check["alertname"].as_str().unwrap().to_owned()));
    }
    tested
}

#[test]
fn promtool_reads_the_rules() {
    run(&["check", "rules"], &listed("rules", "yaml"));
}

#[test]
fn alerts_fire_when_they_must_and_only_then() {
    run(&["test", "rules"], &listed("rules/tests", "yaml"));
}

#[test]
fn every_alert_is_tested_both_ways() {
    let alerts: BTreeSet<String> = rules().iter().filter_map(|rule| rule.alert().map(ToOwned::to_owned)).collect();
    assert_eq!(tested(true), alerts, "the alerts that a unit test sees firing");
    assert_eq!(tested(false), alerts, "the alerts that a unit test sees silent");
}

#[test]
fn every_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on() {
    for rule in rules() {
        let (Some(alert), file) = (rule.alert(), &rule.file) else { continue };
        let severity = rule.body["labels"]["severity"].as_str();
        assert!(matches!(severity, Some("page" | "ticket")), "{alert}: {severity:?}");
        let annotations = &rule.body["annotations"];
        for name in ["summary", "description"] {
            assert!(annotations[name].as_str().is_some_and(|text| text.len() > 10), "{alert} has no {name}");
        }
        let runbook = format!("runbooks/{file}.md#{}", alert.to_lowercase());
        assert_eq!(annotations["runbook"].as_str(), Some(runbook.as_str()), "{alert}");
    }
}

#[test]
fn every_alert_has_its_paragraph_and_every_paragraph_its_alert() {
    let alerts = rules().into_iter().filter_map(|rule| Some((rule.file.clone(), rule.alert()?.to_owned())));
    let mut paragraphs = BTreeSet::new();
    for path in listed("runbooks", "md") {
        let text = std::fs::read_to_string(&path).unwrap();
        for section in text.split("\n## ").skip(1) {
            let (heading, paragraph) = section.split_once('\n').unwrap();
            assert!(paragraph.split_whitespace().count() >= 40, "{heading} says too little");
            assert!(paragraph.contains('`'), "{heading} names no command to look with");
            paragraphs.insert((stem(&path).to_owned(), heading.to_owned()));
        }
    }
    assert_eq!(alerts.collect::<BTreeSet<_>>(), paragraphs);
}

#[test]
fn paragraphs_lead_to_paragraphs() {
    for path in listed("runbooks", "md") {
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)) {
            let (file, anchor) = link.split_once('#').unwrap();
            let file = if file.is_empty() { path.clone() } else { files().join("runbooks").join(file) };
            let headings = std::fs::read_to_string(&file).unwrap();
            let there = headings.lines().filter_map(|line| line.strip_prefix("## "));
            assert!(there.map(str::to_lowercase).any(|heading| heading == anchor), "{}: {link}", path.display());
        }
    }
}
