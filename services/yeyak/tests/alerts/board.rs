//! The dashboard: every panel asks something, and every question parses.

use crate::expression::named;
use crate::promtool::{listed, run};
use serde_json::{Value, json};
use std::fmt::Write;

/// What Grafana puts in place of its variables.
const VARIABLES: [(&str, &str); 3] =
    [("$__rate_interval", "5m"), ("$__interval", "1m"), ("$service", "reservation|payment")];

/// Every expression of every dashboard, with what it is for and the variables filled in.
pub fn expressions() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in listed("dashboards", "json") {
        let board: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let panels = board["panels"].as_array().unwrap().iter();
        let asked = panels.flat_map(|panel| {
            let targets = panel["targets"].as_array().into_iter().flatten();
            targets.map(|target| (panel["title"].clone(), target["expr"].clone()))
        });
        let marked = board["annotations"]["list"].as_array().unwrap().iter();
        let all = asked.chain(marked.map(|mark| (mark["name"].clone(), mark["expr"].clone())));
        found.extend(all.map(|(title, asked)| (title.as_str().unwrap().to_owned(), filled(asked.as_str().unwrap()))));
    }
    found
}

fn filled(expression: &str) -> String {
    let filled = VARIABLES.iter().fold(expression.to_owned(), |text, (name, value)| text.replace(name, value));
    assert!(!filled.contains('$'), "an unknown variable in {filled}");
    filled
}

#[test]
fn every_question_of_the_dashboard_parses() {
    let mut rules = Vec::new();
    for (title, expression) in expressions() {
        named(&expression).unwrap_or_else(|fault| panic!("{title}: {fault}"));
        let mut record = "panel".to_owned();
        write!(record, ":{}", rules.len()).unwrap();
        rules.push(json!({ "record": record, "expr": expression }));
    }
    assert!(rules.len() > 40, "{} expressions", rules.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panels.yaml");
    let groups = json!({ "groups": [{ "name": "panels", "rules": rules }] });
    // JSON is YAML too.
    std::fs::write(&file, groups.to_string()).unwrap();
    run(&["check", "rules"], &[file]);
}

#[test]
fn panels_have_a_place_a_title_and_the_chosen_source() {
    for path in listed("dashboards", "json") {
        let board: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let variables: Vec<&str> =
            board["templating"]["list"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(variables, ["datasource", "service"]);
        let mut taken = std::collections::BTreeSet::new();
        for panel in board["panels"].as_array().unwrap() {
            let title = panel["title"].as_str().unwrap();
            assert!(taken.insert(panel["id"].as_u64().unwrap()), "the id of {title} is another's");
            if panel["type"] != "row" {
                assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
                assert!(!panel["targets"].as_array().unwrap().is_empty(), "{title} asks nothing");
            }
            let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
            for (x, y) in (place("x")..place("x") + place("w"))
                .flat_map(|x| (place("y")..place("y") + place("h")).map(move |y| (x, y)))
            {
                assert!(x < 24 && taken.insert(1_000_000 + y * 100 + x), "{title} lies upon another or outside");
            }
        }
    }
}
