//! Configuration from the environment: read once, every fault reported together.
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The environment a process was started with, and the faults found while reading it.
///
/// A variable that is set to nothing counts as not set, because a deployment template cannot unset one.
pub struct Env {
    source: Source,
    faults: Mutex<Vec<String>>,
}

enum Source {
    System,
    Map(BTreeMap<String, String>),
}

/// Every fault of a configuration, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Env {
    /// Reads the process's own environment.
    #[must_use]
    pub fn system() -> Self {
        Self::from(Source::System)
    }

    /// Reads from `map` alone; for tests and for several configurations in one process.
    pub fn of<N: Into<String>, V: Into<String>>(map: impl IntoIterator<Item = (N, V)>) -> Self {
        let map = map.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self::from(Source::Map(map.collect()))
    }

    /// The variable's text without surrounding space, or `None` when it is absent or blank.
    /// Text that is not Unicode is a fault.
    pub fn text(&self, name: &str) -> Option<String> {
        let found = match &self.source {
            Source::Map(map) => map.get(name).cloned(),
            Source::System => match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => None,
                Err(std::env::VarError::NotUnicode(_)) => {
                    self.fault(name, "is not unicode");
                    None
                }
            },
        };
        found.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The variable as a `T`, or `default` when it is absent. A value that does not parse is a fault, and gives `default` too.
    pub fn parse<T>(&self, name: &str, default: T) -> T
    where
        T: FromStr,
        T::Err: Display,
    {
        let Some(text) = self.text(name) else {
            return default;
        };
        text.parse().unwrap_or_else(|error| {
            self.fault(name, format_args!("cannot be read: {error}"));
            default
        })
    }

    /// Like [`Env::parse`], and a value outside `bounds` is a fault as well. The default is not checked.
    pub fn within<T>(&self, name: &str, default: T, bounds: RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + Display + Clone,
        T::Err: Display,
    {
        let value = self.parse(name, default.clone());
        if self.text(name).is_none() || value == default || bounds.contains(&value) {
            return value;
        }
        self.fault(name, format_args!("is {value}, must lie in {}..={}", bounds.start(), bounds.end()));
        default
    }

    /// The variable's text; its absence is a fault and gives an empty string.
    pub fn required(&self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.fault(name, "is required");
            String::new()
        })
    }

    /// Adds a fault that only the caller can see, such as two settings that exclude each other.
    pub fn fault(&self, name: &str, why: impl Display) {
        let line = format!("{name} {why}");
        let mut faults = self.faults();
        // A value read twice is still one fault.
        if !faults.contains(&line) {
            faults.push(line);
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every fault met since this `Env` was made.
    pub fn finish(&self) -> Result<(), Faults> {
        let faults = self.faults().clone();
        if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
    }

    fn from(source: Source) -> Self {
        Self { source, faults: Mutex::new(Vec::new()) }
    }

    fn faults(&self) -> MutexGuard<'_, Vec<String>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults {
    /// The faults in the order they were met.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_every_fault_one_per_line() {
        let env = Env::of([("PORT", "eighty"), ("RATIO", "1.5"), ("NAME", " catalog ")]);
        assert_eq!(env.parse("PORT", 8080_u16), 8080);
        assert!((env.within("RATIO", 1.0, 0.0..=1.0) - 1.0_f64).abs() < f64::EPSILON);
        assert_eq!(env.required("NAME"), "catalog");
        assert_eq!(env.required("DATABASE_URL"), "");
        let faults = env.finish().unwrap_err();
        assert_eq!(
            faults.to_string(),
            "PORT cannot be read: invalid digit found in string\nRATIO is 1.5, must lie in 0..=1\nDATABASE_URL is required"
        );
    }

    #[test]
    fn blank_is_absent_and_absent_is_the_default() {
        let env = Env::of([("PORT", "  ")]);
        assert_eq!(env.text("PORT"), None);
        assert_eq!(env.parse("PORT", 1_u16), 1);
        assert_eq!(env.within("WORKERS", 2, 1..=8), 2);
        assert_eq!(env.finish(), Ok(()));
    }

    #[test]
    fn a_value_read_twice_is_one_fault() {
        let env = Env::of([("PORT", "x")]);
        env.parse("PORT", 1_u16);
        env.parse("PORT", 1_u16);
        assert_eq!(env.finish().unwrap_err().lines().len(), 1);
    }

    #[test]
    fn the_system_environment_is_read() {
        assert!(Env::system().text("PATH").is_some());
    }
}
