//! A private Postgres that commits to the disk, and a private broker.

use super::process::{Order, Process, folder, free_port, unprivileged};
use anyhow::{Context, ensure};
use runtime::tool::{Tool, locate};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

/// The first version whose atomic batches tell a duplicate.
const NATS_VERSION_MIN: (u32, u32) = (2, 14);
const POSTGRES_VERSION_MIN: (u32, u32) = (14, 0);
/// A server that is not up after this time will not be, in seconds.
const UP_SECONDS_MAX: u64 = 60;
const LOOK_MS: u64 = 20;

/// The programs of the servers.
#[derive(Debug)]
pub struct Programs {
    /// For tools that only some runs need.
    pub cache: PathBuf,
    nats: PathBuf,
    /// The folder with `initdb` and `postgres`.
    postgres: PathBuf,
}

impl Programs {
    /// Finds them or fetches them, into the temporary folder: another user than root runs Postgres.
    pub async fn locate() -> anyhow::Result<Self> {
        let cache = std::env::temp_dir().join("yeyak-tools");
        let nats = locate(&Tool::NATS_SERVER, NATS_VERSION_MIN, &cache).await?;
        let postgres = locate(&Tool::POSTGRES, POSTGRES_VERSION_MIN, &cache).await?;
        Ok(Self { cache, nats, postgres })
    }
}

/// When the broker writes through to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sync {
    /// Before it acknowledges.
    Always,
    /// Every two minutes.
    Default,
}

/// A server and where it is.
#[derive(Debug)]
pub struct Server {
    pub process: Process,
    pub url: String,
}

/// A Postgres of its own, with the settings given besides durable commits.
pub async fn postgres(programs: &Programs, places: (&Path, &Path), extra: &[String]) -> anyhow::Result<Server> {
    let (root, logs) = places;
    let dir = folder(root, "postgres")?;
    let user = unprivileged(&dir)?;
    let data = dir.join("data");
    let mut initdb = std::process::Command::new(programs.postgres.join("initdb"));
    initdb.arg("-D").arg(&data).current_dir(&dir);
    initdb.args(["-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-sync", "--locale=C"]);
    if let Some(user) = user {
        initdb.uid(user.uid).gid(user.gid);
    }
    let made = initdb.output().context("initdb")?;
    ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let port = free_port()?;
    let mut command = vec![text(&programs.postgres.join("postgres"))?, "-D".into(), text(&data)?];
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "fsync=on".into(),
        "synchronous_commit=on".into(),
    ];
    command.extend(settings.iter().chain(extra).flat_map(|setting| ["-c".into(), setting.clone()]));
    // SIGQUIT ends it at once and takes its processes along, which SIGKILL would not.
    let order = Order { name: "postgres".into(), dir, farewell: "QUIT", command, environment: Vec::new(), user };
    let process = Process::start(order, logs)?;
    // Its eighth line says whether connections are taken.
    let state = data.join("postmaster.pid");
    until_up(&process, async || {
        std::fs::read_to_string(&state).is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"))
    })
    .await?;
    Ok(Server { process, url: format!("postgres://postgres@127.0.0.1:{port}") })
}

/// A broker of its own.
pub async fn nats(programs: &Programs, places: (&Path, &Path), sync: Sync) -> anyhow::Result<Server> {
    let (root, logs) = places;
    let dir = folder(root, "nats")?;
    let (port, config) = (free_port()?, dir.join("nats.conf"));
    let name = format!("yeyak-bench-{}-{port}", std::process::id());
    let sync = match sync {
        Sync::Always => "sync_interval: always, ",
        Sync::Default => "",
    };
    let store = dir.join("store");
    std::fs::write(
        &config,
        // More storage than the stream reserves, whatever the disk has free.
        format!(
            "server_name: {name:?}\nlisten: \"127.0.0.1:{port}\"\n\
             jetstream {{ store_dir: {store:?}, {sync}max_file_store: 1TB }}\n"
        ),
    )?;
    let command = vec![text(&programs.nats)?, "-c".into(), text(&config)?];
    let order = Order { name: "nats".into(), dir, farewell: "KILL", command, environment: Vec::new(), user: None };
    let process = Process::start(order, logs)?;
    until_up(&process, async || greeting(port).await.is_ok_and(|line| line.contains(&name))).await?;
    Ok(Server { process, url: format!("nats://127.0.0.1:{port}") })
}

/// Waits until `is_up`, as long as the process runs.
pub async fn until_up(process: &Process, is_up: impl AsyncFn() -> bool) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(UP_SECONDS_MAX);
    while !is_up().await {
        process.ensure_runs()?;
        let log = process.log.display();
        ensure!(Instant::now() < until, "{} is not up after {UP_SECONDS_MAX} s; see {log}", process.name);
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    Ok(())
}

/// The first line that the broker says to a client; it holds the server's name.
async fn greeting(port: u16) -> std::io::Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

/// A path as an argument.
pub fn text(path: &Path) -> anyhow::Result<String> {
    Ok(path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned())
}
