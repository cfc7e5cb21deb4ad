//! Kubernetes' own objects against its schemas, which know every field that there is.

use super::Verdict;
use jsonschema::{Draft, Validator};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

/// How one schema points at another, in a file of its own.
const DEFINITIONS: &str = "/api/_definitions.json#";

/// The schemas, read when an object of their kind comes by.
pub struct Kubernetes {
    folder: &'static Path,
    definitions: Value,
    known: RefCell<BTreeMap<String, Option<Rc<Validator>>>>,
}

impl Kubernetes {
    pub fn new() -> Self {
        let folder = testing::kubernetes_schemas();
        let definitions = read(&folder.join("_definitions.json")).unwrap()["$defs"].take();
        Self { folder, definitions, known: RefCell::default() }
    }

    pub fn judge(&self, object: &Value) -> Verdict {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_lowercase();
        let file = format!("{}-{}.json", text("kind"), text("apiVersion").replace('/', "-").replace(".k8s.io", ""));
        let validator = self.known.borrow_mut().entry(file.clone()).or_insert_with(|| self.load(&file)).clone();
        let Some(validator) = validator else {
            return Verdict { faults: vec![format!("there is no schema {file}")], rules: 0 };
        };
        let faults = validator.iter_errors(object).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        Verdict { faults, rules: 0 }
    }

    fn load(&self, file: &str) -> Option<Rc<Validator>> {
        let mut schema = read(&self.folder.join(file))?;
        schema["$defs"] = self.definitions.clone();
        Some(Rc::new(jsonschema::options().with_draft(Draft::Draft202012).build(&schema).unwrap()))
    }
}

/// A schema, with what it points at in itself.
fn read(file: &Path) -> Option<Value> {
    let text = fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text.replace(DEFINITIONS, "#")).unwrap())
}
