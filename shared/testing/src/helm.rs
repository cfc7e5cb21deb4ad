//! Charts, rendered by the real helm.

use crate::tools;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, and the workspace whose charts it renders.
#[derive(Clone, Debug)]
pub struct Helm {
    program: &'static Path,
    workspace: PathBuf,
}

impl Helm {
    /// Helm, or nothing on a machine that it is not built for; a test without it is skipped, and says so.
    #[must_use]
    pub fn find() -> Option<Self> {
        let program = tools::helm();
        if program.is_none() {
            skip("skipped: the pinned helm is built for Linux on x86_64 only");
        }
        Some(Self { program: program?, workspace: workspace().to_owned() })
    }

    /// What `helm template y <chart>` renders with these files of values and `--set` assignments, object by object in
    /// helm's order. Paths are relative to the workspace: `helm`, `helm/ci/demo-values.yaml`.
    ///
    /// # Errors
    /// What helm says when it refuses.
    pub fn template(&self, chart: &str, values: &[&str], sets: &[&str]) -> Result<Vec<Value>, String> {
        let mut arguments = vec!["template", "y", chart];
        values.iter().for_each(|file| arguments.extend(["--values", file]));
        sets.iter().for_each(|assignment| arguments.extend(["--set", assignment]));
        self.run(&arguments).map(|text| documents(&text))
    }

    /// What helm prints when it is run with these arguments in the workspace.
    ///
    /// # Errors
    /// What helm says when it refuses.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let Output { status, stdout, stderr } = self.command().args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if status.success() { Ok(text(stdout)) } else { Err(text(stderr) + &text(stdout)) }
    }

    /// Nothing of the machine's own helm, its plugins or its repositories takes part.
    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.current_dir(&self.workspace).env_clear().env("HOME", "/nonexistent");
        command
    }
}

/// Every document of a YAML text; a key that stands twice in a map fails the test.
#[must_use]
pub fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

/// The root of the workspace whose test runs.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

#[expect(clippy::print_stdout, reason = "why a test is skipped belongs into its output")]
fn skip(why: &str) {
    println!("{why}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_a_chart_and_says_what_helm_says() {
        let Some(helm) = Helm::find() else { return };
        let rendered = helm.template("helm", &["helm/ci/demo-values.yaml"], &["mesh.enabled=false"]).unwrap();
        assert!(rendered.iter().any(|object| object["kind"] == "Deployment"), "{rendered:?}");
        assert!(helm.template("nowhere", &[], &[]).unwrap_err().contains("nowhere"));
    }

    #[test]
    fn a_document_is_what_stands_in_it() {
        assert_eq!(documents("# nothing\n---\na: 1\n---\nb: [yes, \"1\"]\n").len(), 2);
    }
}
