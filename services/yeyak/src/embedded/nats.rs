//! The broker of the embedded platform: `NATS_URL`, one left behind, one from the PATH, or one fetched.

use super::directory::Directory;
use anyhow::{Context, bail};
use runtime::config::Env;
use runtime::tool::{self, Tool};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// The oldest nats-server that knows atomic batches.
const VERSION_MIN: (u32, u32) = (2, 12);
/// How long a nats-server may take to answer, or to end.
const ANSWER_SECONDS_MAX: u64 = 20;
const LOOK_MS: u64 = 20;
/// What a server says first, and how long it may take to.
const GREETING: &[u8; 4] = b"INFO";
const GREETING_SECONDS_MAX: u64 = 2;

/// A broker to use, and how to end it.
pub struct Nats {
    url: String,
    /// Our own server; none when `NATS_URL` named somebody else's.
    own: Option<Own>,
}

struct Own {
    pid: Pid,
    home: PathBuf,
    /// Reaped by us, unless an earlier platform started it.
    child: Option<tokio::process::Child>,
}

/// The file in which a nats-server tells where it listens.
#[derive(Deserialize)]
struct PortsFile {
    nats: Vec<String>,
}

impl Nats {
    /// Finds a broker for `directory`, or starts one.
    pub async fn find_or_start(env: &Env, directory: &Directory) -> anyhow::Result<Self> {
        if let Some(url) = env.text("NATS_URL") {
            return Ok(Self { url, own: None });
        }
        let home = directory.path("nats");
        std::fs::create_dir_all(&home)?;
        if let Some(found) = left_behind(&home).await? {
            return Ok(found);
        }
        let cache = tool::default_cache().unwrap_or_else(|_| directory.path("tools"));
        let program = tool::locate(&Tool::NATS_SERVER, VERSION_MIN, &cache)
            .await
            .context("no nats-server of 2.12 or later was found, and none could be fetched")?;
        start(&program, &home).await
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server if it is ours, and waits for it.
    pub async fn end(mut self) {
        let Some(own) = &mut self.own else { return };
        if kill_process(own.pid, Signal::TERM).is_err() {
            return;
        }
        match &mut own.child {
            Some(child) => {
                let ended = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), child.wait()).await;
                if ended.is_err() {
                    tracing::warn!("the nats-server does not end; the next start will find it");
                }
            }
            None => {
                if !gone(own.pid, &own.home).await {
                    tracing::warn!("the nats-server does not end; the next start will find it");
                }
            }
        }
    }
}

/// A server that a killed platform left behind: used again if it answers, ended by its pid if not.
async fn left_behind(home: &Path) -> anyhow::Result<Option<Nats>> {
    for (path, pid) in ports_files(home)? {
        if is_our_server(pid, home) {
            if let Some(url) = answering(&path).await {
                return Ok(Some(Nats { url, own: Some(Own { pid, home: home.into(), child: None }) }));
            }
            tracing::warn!(pid = pid.as_raw_nonzero(), "ending a nats-server that does not answer");
            kill_process(pid, Signal::KILL).context("a nats-server left behind cannot be ended")?;
            if !gone(pid, home).await {
                bail!("the nats-server with pid {} does not end", pid.as_raw_nonzero());
            }
        }
        std::fs::remove_file(&path).with_context(|| format!("{}", path.display()))?;
    }
    Ok(None)
}

fn ports_files(home: &Path) -> anyhow::Result<Vec<(PathBuf, Pid)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(home)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let pid = name.strip_suffix(".ports").and_then(|stem| stem.rsplit('_').next()).and_then(|pid| pid.parse().ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            found.push((path, pid));
        }
    }
    Ok(found)
}

/// Whether `pid` is alive and a nats-server on this very folder: a pid alone may have been given to another program,
/// or to one that has ended and that nobody has asked after (whose command line is empty).
fn is_our_server(pid: Pid, home: &Path) -> bool {
    if test_kill_process(pid).is_err() {
        return false;
    }
    let command = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    // Where there is no /proc, the ports file beside our data has to do.
    command.map_or(!Path::new("/proc/self").exists(), |line| {
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("nats-server") && line.contains(&home.display().to_string())
    })
}

async fn answering(ports_file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(ports_file).ok()?;
    let ports: PortsFile = serde_json::from_str(&text).ok()?;
    let url = ports.nats.into_iter().find(|url| url.contains("127.0.0.1"))?;
    let address = url.strip_prefix("nats://")?;
    // The system accepts connections for a server that hangs; only one that lives greets.
    let greeting = async {
        let mut greeting = [0; GREETING.len()];
        TcpStream::connect(address).await?.read_exact(&mut greeting).await.map(|_| greeting)
    };
    let greeted = tokio::time::timeout(Duration::from_secs(GREETING_SECONDS_MAX), greeting).await;
    matches!(greeted, Ok(Ok(bytes)) if bytes == *GREETING).then_some(url)
}

async fn gone(pid: Pid, home: &Path) -> bool {
    let until = Instant::now() + Duration::from_secs(ANSWER_SECONDS_MAX);
    while Instant::now() < until {
        if !is_our_server(pid, home) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    false
}

async fn start(program: &Path, home: &Path) -> anyhow::Result<Nats> {
    let config = home.join("nats.conf");
    let shown = home.display();
    let text = format!(
        "server_name: yeyak\nlisten: \"127.0.0.1:-1\"\nports_file_dir: \"{shown}\"\n\
         jetstream {{\n  store_dir: \"{shown}/store\"\n  max_file_store: 64GB\n  sync_interval: always\n}}\n"
    );
    std::fs::write(&config, text)?;
    let log = std::fs::File::options().create(true).append(true).open(home.join("nats.log"))?;
    let mut child = tokio::process::Command::new(program)
        .arg("-c")
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // A Ctrl-C in the terminal is for us; we end the server when the last event is published.
        .process_group(0)
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let pid = pid.context("the nats-server ended at once")?;
    let ports_file = home.join(format!("nats-server_{}.ports", pid.as_raw_nonzero()));
    let until = Instant::now() + Duration::from_secs(ANSWER_SECONDS_MAX);
    while Instant::now() < until {
        if let Some(url) = answering(&ports_file).await {
            return Ok(Nats { url, own: Some(Own { pid, home: home.into(), child: Some(child) }) });
        }
        if let Some(status) = child.try_wait()? {
            bail!("the nats-server ended with {status}; see {}", home.join("nats.log").display());
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    kill_process(pid, Signal::KILL).context("ending a nats-server that does not answer")?;
    bail!("the nats-server does not answer; see {}", home.join("nats.log").display())
}
