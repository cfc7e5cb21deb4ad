//! A run of a script: k6 as it is started by hand, scaled down, and what it told in the end.

use crate::fixture::client::Client;
use runtime::tool::{Tool, locate};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The scripts are written for this version's thresholds and summary.
const K6_VERSION_MIN: (u32, u32) = (1, 1);
/// A run of seconds that takes longer hangs.
const RUN_SECONDS_MAX: u64 = 240;
/// k6's exit code when a threshold is crossed.
pub const CROSSED: i32 = 99;
/// And when the script could not go on.
pub const STOPPED: i32 = 107;
/// The variable that leads a script to a service.
const DOORS: [(&str, &str); 6] = [
    ("CATALOG_URL", "catalog"),
    ("RESERVATION_URL", "reservation"),
    ("PAYMENT_URL", "payment"),
    ("WAITLIST_URL", "waitlist"),
    ("SEATING_URL", "seating"),
    ("DASHBOARD_URL", "dashboard"),
];

/// k6, found or fetched.
pub struct K6(PathBuf);

/// A script, and how long and hard it loads, as shares of the full shape.
pub struct Script {
    pub name: &'static str,
    pub duration_scale: &'static str,
    pub vus_scale: &'static str,
    /// Names the run's business, `k6-<run>`.
    pub run: &'static str,
}

/// What a run came to.
pub struct Ended {
    pub code: i32,
    /// What it wrote at its end, for people.
    pub text: String,
    /// The same as JSON.
    pub summary: Value,
}

impl K6 {
    /// None, and a line that says why, where it cannot be had.
    pub async fn find() -> Option<Self> {
        let cache = std::env::temp_dir().join("yeyak-tools");
        match locate(&Tool::K6, K6_VERSION_MIN, &cache).await {
            Ok(program) => Some(Self(program)),
            Err(fault) => {
                eprintln!("skipped: the scripts of loadtest/k6 are not run: {fault}");
                None
            }
        }
    }

    /// Runs it against the platform of `client`, with its token, to its end.
    pub async fn run(&self, script: &Script, client: &Client) -> Ended {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../loadtest/k6");
        let scratch = tempfile::tempdir().unwrap();
        let summary = scratch.path().join("summary.json");
        let mut k6 = Command::new(&self.0);
        k6.args(["run", "--quiet", "--no-usage-report"]).arg(folder.join(format!("{}.js", script.name)));
        // Whoever runs the tests may have set what a script reads.
        k6.env_clear().env("HOME", scratch.path()).env("SUMMARY", &summary).env("RUN_ID", script.run);
        k6.env("DURATION_SCALE", script.duration_scale).env("VUS_SCALE", script.vus_scale);
        k6.envs(client.token().map(|token| ("TOKEN", token)));
        let doors = client.doors();
        k6.envs(DOORS.map(|(variable, service)| (variable, doors[service][0].public.clone())));
        k6.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(Duration::from_secs(RUN_SECONDS_MAX), k6.output()).await.unwrap().unwrap();
        let text = [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned()).concat();
        eprintln!("{text}");
        let summary = std::fs::read(summary).unwrap_or_else(|fault| panic!("no summary ({fault}): {text}"));
        Ended { code: output.status.code().unwrap(), text, summary: serde_json::from_slice(&summary).unwrap() }
    }
}

impl Script {
    pub fn business(&self) -> String {
        format!("k6-{}", self.run)
    }
}

impl Ended {
    /// A whole figure of the summary.
    pub fn count(&self, name: &str) -> u64 {
        self.summary[name].as_u64().unwrap_or_else(|| panic!("no {name} in {:#}", self.summary))
    }

    /// The thresholds that fail the run.
    pub fn crossed(&self) -> Vec<&str> {
        self.summary["crossed"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect()
    }

    /// This run, if its verdict is good and its figures add up.
    #[track_caller]
    pub fn passed(self) -> Self {
        assert_eq!((self.code, self.crossed()), (0, Vec::new()), "{:#}", self.summary["checks"]);
        let parts = ["successful", "refused", "shed", "failed"].map(|part| self.count(part));
        assert_eq!(self.count("transactions"), parts.iter().sum::<u64>());
        assert_eq!(self.count("failed"), 0);
        let told = format!("{:.2} %", self.summary["availability_percent"].as_f64().unwrap());
        assert!(self.text.contains("Availability:") && self.text.contains(&told), "{}", self.text);
        self
    }
}
