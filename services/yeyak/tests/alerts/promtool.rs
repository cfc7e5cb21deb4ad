//! Prometheus' own checker of rules, where this machine has it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program; none, and a line that says so past the test runner, where it is not installed.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("promtool")).find(|program| program.is_file());
    if found.is_none() {
        writeln!(std::io::stderr(), "skipped: no promtool found (Debian: prometheus)").unwrap();
    }
    found
}

/// Runs `promtool <arguments> <files>` and expects it to be content; whether there is a promtool.
pub fn run(arguments: &[&str], files: &[PathBuf]) -> bool {
    let Some(program) = find() else { return false };
    let output = Command::new(program).args(arguments).args(files).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {}: {}", arguments.join(" "), String::from_utf8_lossy(&said));
    true
}

/// The folder `helm/files` of the workspace.
pub fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm/files").canonicalize().unwrap()
}

/// The files with this ending in `folder` of `helm/files`, by name.
pub fn listed(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = files().join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|known| known == ending)).collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no .{ending}");
    found
}

/// The name of a file without its ending.
pub fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}
