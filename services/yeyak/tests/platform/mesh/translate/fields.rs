//! A rendered object of which every field must be used: what is not translated is refused, never ignored.

use serde_json::{Map, Value};

/// The fields of an object that nobody has taken yet.
pub struct Fields {
    path: String,
    left: Map<String, Value>,
}

impl Fields {
    /// The fields of `object`, which is found at `path`.
    pub fn of(path: impl Into<String>, object: &Value) -> Self {
        let path = path.into();
        let left = object.as_object().unwrap_or_else(|| panic!("{path} is no object: {object}")).clone();
        Self { path, left }
    }

    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        let value = self.take(name).unwrap_or_default();
        value.as_str().unwrap_or_else(|| panic!("{}.{name} is no text: {value}", self.path)).to_owned()
    }

    pub fn number(&mut self, name: &str) -> Option<u64> {
        let value = self.take(name)?;
        Some(value.as_u64().unwrap_or_else(|| panic!("{}.{name} is no number: {value}", self.path)))
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        Some(value.as_bool().unwrap_or_else(|| panic!("{}.{name} is neither true nor false: {value}", self.path)))
    }

    /// A duration as Istio writes it (`500ms`, `1m`), as Envoy reads it (`0.500s`).
    pub fn duration(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        let text = value.as_str().unwrap_or_else(|| panic!("{}.{name} is no duration: {value}", self.path));
        Some(seconds(text).unwrap_or_else(|| panic!("{}.{name} is no duration: {text}", self.path)))
    }

    pub fn object(&mut self, name: &str) -> Option<Self> {
        let value = self.take(name)?;
        Some(Self::of(format!("{}.{name}", self.path), &value))
    }

    /// The elements of a list; none where it is absent.
    pub fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => panic!("{}.{name} is no list: {other}", self.path),
        }
    }

    pub fn objects(&mut self, name: &str) -> Vec<Self> {
        let path = format!("{}.{name}", self.path);
        self.list(name).iter().map(|element| Self::of(&path, element)).collect()
    }

    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let text = |value: Value| value.as_str().unwrap_or_else(|| panic!("{name} holds {value}")).to_owned();
        self.list(name).into_iter().map(text).collect()
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left: Vec<&String> = self.left.keys().collect();
            assert!(
                left.is_empty(),
                "{}: {left:?} is not translated, so that no test would show what it does",
                self.path
            );
        }
    }
}

fn seconds(text: &str) -> Option<String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let milliseconds = count.parse::<u64>().ok()?
        * match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
    Some(format!("{}.{:03}s", milliseconds / 1_000, milliseconds % 1_000))
}

#[test]
fn durations_of_istio_are_read_by_envoy() {
    assert_eq!(["25ms", "3s", "2m"].map(|text| seconds(text).unwrap()), ["0.025s", "3.000s", "120.000s"]);
    assert_eq!(seconds("3"), None);
}

#[test]
#[should_panic(expected = r#"rule: ["consecutiveErrors"] is not translated"#)]
fn a_field_that_nobody_translates_is_refused() {
    Fields::of("rule", &serde_json::json!({ "host": "payment", "consecutiveErrors": 2 })).text("host");
}
