//! Tools that the machine already has.
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use super::Tool;

/// A program that does not tell its version in this time is passed over, in seconds.
const VERSION_SECONDS_MAX: u64 = 10;

/// The first folder on the search path, then of the distribution, that holds the tool in a version late enough.
pub(super) async fn search(tool: &Tool, version_min: (u32, u32)) -> Option<PathBuf> {
    for folder in on_path(tool).into_iter().chain(installed(tool)) {
        let version = version(&folder.join(tool.programs.first()?)).await;
        if version.is_some_and(|version| version >= version_min) {
            return Some(folder);
        }
        tracing::debug!(folder = %folder.display(), ?version, "passed over");
    }
    None
}

/// A link on the search path may lead into the folder where the other programs are.
fn on_path(tool: &Tool) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = |folder: PathBuf| {
        let program = folder.join(tool.programs.first()?).canonicalize().ok()?;
        [program.parent()?.to_owned(), folder].into_iter().find(|folder| tool.is_in(folder))
    };
    std::env::split_paths(&path).filter_map(real).collect()
}

/// The latest version first.
fn installed(tool: &Tool) -> Vec<PathBuf> {
    let Some(root) = tool.installed_under else {
        return Vec::new();
    };
    let Ok(entries) = Path::new(root).read_dir() else {
        return Vec::new();
    };
    let mut versions: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    versions.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    versions.into_iter().rev().map(|path| path.join("bin")).filter(|folder| tool.is_in(folder)).collect()
}

async fn version(program: &Path) -> Option<(u32, u32)> {
    let mut command = Command::new(program);
    let output = command.arg("--version").kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(VERSION_SECONDS_MAX), output).await.ok()?.ok()?;
    parse(&String::from_utf8_lossy(&output.stdout)).filter(|_| output.status.success())
}

/// The first word that begins as a version, such as `v2.15.1`, `18.6` or `19beta1`.
fn parse(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.trim_start_matches('v').split('.').map(|part| {
            let digits = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        Some((numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_tools_say() {
        assert_eq!(parse("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(parse("initdb (PostgreSQL) 15.16 (Debian 15.16-0+deb12u1)"), Some((15, 16)));
        assert_eq!(parse("postgres (PostgreSQL) 19beta1"), Some((19, 0)));
        assert_eq!(parse("no version here"), None);
    }
}
