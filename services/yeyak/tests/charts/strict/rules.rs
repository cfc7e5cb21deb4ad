//! The rules between fields (`x-kubernetes-validations`), evaluated as a cluster does.

use super::Verdict;
use cel::extractors::This;
use cel::objects::Value as Cel;
use cel::{Context, Env, Program};
use reqwest::Url;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Where a schema keeps its rules.
const RULES: &str = "x-kubernetes-validations";

/// Evaluates each rule of the schema at each place of the object that it is for.
pub fn judge(schema: &Value, object: &Value) -> Verdict {
    let mut verdict = Verdict::default();
    visit(schema, object, "", &mut verdict);
    verdict
}

fn visit(schema: &Value, value: &Value, path: &str, verdict: &mut Verdict) {
    for rule in schema[RULES].as_array().into_iter().flatten() {
        verdict.rules += 1;
        let text = rule["rule"].as_str().unwrap();
        let why = match holds(text, value) {
            Ok(true) => continue,
            Ok(false) => rule["message"].as_str().unwrap_or(text).to_owned(),
            // As in a cluster, where a rule that cannot be evaluated is a broken one.
            Err(fault) => format!("{text}: {fault}"),
        };
        verdict.faults.push(format!("{path}: {why}"));
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let own = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
                visit(own, value, &format!("{path}/{name}"), verdict);
            }
        }
        Value::Array(items) => {
            let each = |(at, value)| visit(&schema["items"], value, &format!("{path}/{at}"), verdict);
            items.iter().enumerate().for_each(each);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn holds(rule: &str, value: &Value) -> Result<bool, String> {
    thread_local! {
        static ENV: Arc<Env> = Arc::new(env());
        static PROGRAMS: RefCell<HashMap<String, Rc<Program>>> = RefCell::default();
    }
    ENV.with(|env| {
        let known = PROGRAMS.with_borrow(|programs| programs.get(rule).cloned());
        let program = match known {
            Some(program) => program,
            None => Rc::new(env.compile(rule).map_err(|fault| fault.to_string())?),
        };
        PROGRAMS.with_borrow_mut(|programs| programs.insert(rule.to_owned(), Rc::clone(&program)));
        let mut context = Context::with_env(Arc::clone(env));
        context.add_variable_from_value("self", cel(value));
        // What Kubernetes adds to the language and these rules use.
        context.add_function("isURL", |text: Arc<String>| is_url(&text)).map_err(|fault| fault.to_string())?;
        context.add_function("url", |text: Arc<String>| text).map_err(|fault| fault.to_string())?;
        context
            .add_function("getScheme", |This(url): This<Arc<String>>| scheme(&url))
            .map_err(|fault| fault.to_string())?;
        match program.execute(&context) {
            Ok(Cel::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("is no yes or no: {other:?}")),
            Err(fault) => Err(fault.to_string()),
        }
    })
}

fn env() -> Env {
    let mut env = Env::stdlib();
    cel::extensions::strings(&mut env).unwrap();
    env
}

/// An absolute URL or an absolute path, as Kubernetes' `isURL`.
fn is_url(text: &str) -> bool {
    text.starts_with('/') || Url::parse(text).is_ok()
}

fn scheme(text: &str) -> String {
    Url::parse(text).map(|url| url.scheme().to_owned()).unwrap_or_default()
}

/// Whole numbers are signed, as a schema's `integer` is.
fn cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(yes) => Cel::Bool(*yes),
        Value::Number(number) => number.as_i64().map_or_else(|| Cel::Float(number.as_f64().unwrap()), Cel::Int),
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(cel).collect())),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), cel(value)));
            Cel::from(fields.collect::<HashMap<String, Cel>>())
        }
    }
}

/// Every rule of a schema.
fn all<'a>(schema: &'a Value, found: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(fields) => {
            let rules = fields.get(RULES).and_then(Value::as_array).into_iter().flatten();
            found.extend(rules.map(|rule| rule["rule"].as_str().unwrap()));
            fields.values().for_each(|child| all(child, found));
        }
        Value::Array(items) => items.iter().for_each(|child| all(child, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Each rule is one that we can evaluate: some value makes it say yes or no.
#[test]
fn no_rule_of_istio_is_beyond_us() {
    let Some(istio) = super::Istio::find() else { return };
    let mut rules = BTreeSet::new();
    istio.schemas().for_each(|schema| all(schema, &mut rules));
    assert!(rules.len() > 30, "{rules:?}");
    let values = ["{}", "[]", "\"x\"", "\"1s\"", "\"http://x/\"", "\"unix:///x\"", "80", "{\"8080\": {}}"];
    let values = values.map(|text| serde_json::from_str::<Value>(text).unwrap());
    let beyond: Vec<_> = rules
        .into_iter()
        .filter_map(|rule| {
            let said: Vec<_> = values.iter().map(|value| holds(rule, value)).collect();
            said.iter().all(Result::is_err).then_some((rule, said))
        })
        .collect();
    assert!(beyond.is_empty(), "{beyond:#?}");
}
