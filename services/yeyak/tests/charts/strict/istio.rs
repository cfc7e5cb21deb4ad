//! Istio's objects against its published definitions, made strict, and the rules between fields in them.

use super::{Verdict, rules};
use flate2::read::GzDecoder;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::sync::Once;
use testing::helm::{documents, workspace};

/// Where the definitions lie when they are at hand, seen from the workspace.
const BESIDE: &str = "../shared/crds/istio-crds-1.31.yaml.gz";

/// Each kind's schema, as published and as a strict validator.
pub struct Istio(BTreeMap<(String, String), (Value, Validator)>);

impl Istio {
    /// Istio's definitions, where they are at hand.
    pub fn find() -> Option<Self> {
        let path = workspace().join(BESIDE);
        let Ok(file) = File::open(&path) else {
            // Once, and past the test runner, which shows nothing of what a test that passes prints.
            static SAID: Once = Once::new();
            let why = "skipped: Istio's objects are not held against its definitions, which no package carries with their rules";
            SAID.call_once(|| writeln!(std::io::stderr(), "{why} and which are not beside the checkout").unwrap());
            return None;
        };
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let mut kinds = BTreeMap::new();
        for definition in documents(&text) {
            let spec = &definition["spec"];
            let (group, kind) = (spec["group"].as_str().unwrap(), spec["names"]["kind"].as_str().unwrap());
            for version in spec["versions"].as_array().unwrap() {
                let schema = version["schema"]["openAPIV3Schema"].clone();
                let validator = jsonschema::options().with_draft(Draft::Draft7).build(&strict(&schema)).unwrap();
                let version = format!("{group}/{}", version["name"].as_str().unwrap());
                kinds.insert((version, kind.to_owned()), (schema, validator));
            }
        }
        Some(Self(kinds))
    }

    /// Every rule of every kind, for a test that none of them is beyond us.
    pub fn schemas(&self) -> impl Iterator<Item = &Value> {
        self.0.values().map(|(schema, _)| schema)
    }

    pub fn judge(&self, object: &Value) -> Verdict {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let Some((schema, validator)) = self.0.get(&(text("apiVersion"), text("kind"))) else {
            return Verdict { faults: vec!["there is no definition of it".to_owned()], rules: 0 };
        };
        let faults = validator.iter_errors(object).map(|fault| format!("{}: {fault}", fault.instance_path()));
        let faults: Vec<String> = faults.collect();
        // As in a cluster, rules are for what has the right shape.
        if faults.is_empty() { rules::judge(schema, object) } else { Verdict { faults, rules: 0 } }
    }
}

/// The schema without room for fields that it does not know. What stands below `oneOf` and the like only narrows what
/// stands beside it, so that it stays as it is.
fn strict(schema: &Value) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    let mut made: Map<String, Value> = fields.clone();
    let each = |children: &Value| -> Value {
        children.as_object().unwrap().iter().map(|(name, child)| (name.clone(), strict(child))).collect()
    };
    for key in ["items", "additionalProperties"] {
        if let Some(child) = fields.get(key) {
            made.insert(key.to_owned(), strict(child));
        }
    }
    if let Some(properties) = fields.get("properties") {
        let mut properties = each(properties);
        let open = fields.get("x-kubernetes-preserve-unknown-fields").is_some_and(|open| open == true);
        // What every object has is not in the definition of any.
        if properties.get("spec").is_some() && properties.get("status").is_some() {
            let names = ["apiVersion", "kind", "metadata"].map(|name| (name.to_owned(), json!({})));
            properties.as_object_mut().unwrap().extend(names);
        }
        made.insert("properties".to_owned(), properties);
        if !open && !fields.contains_key("additionalProperties") {
            made.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    if fields.get("x-kubernetes-int-or-string").is_some_and(|either| either == true) {
        made.remove("anyOf");
        made.insert("type".to_owned(), json!(["integer", "string"]));
    }
    Value::Object(made)
}
