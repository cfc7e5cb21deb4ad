//! A child process that cannot outlive this one, whatever way this one ends.

use anyhow::{Context, ensure};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Runs the command until the pipe closes, which the death of this process does as well, then leaves nothing behind.
const SCRIPT: &str = r#"
dir=$1 farewell=$2
shift 2
"$@" </dev/null >&2 & server=$!
echo "$server"
exec >&-
read -r order
kill -"$farewell" "$server"
wait "$server"
rm -rf "$dir"
"#;
/// Below what the system gives to outgoing connections: a port that is waited for must not become a client's own.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Set for every child; nothing else of this process's environment is, since it may hold what a service reads.
const KEPT: [&str; 3] = ["HOME", "PATH", "TMPDIR"];

/// A user whom a server runs as.
#[derive(Clone, Copy, Debug)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// What to start.
#[derive(Debug)]
pub struct Order {
    /// Of the process in tables and logs.
    pub name: String,
    /// The child's own, gone with it.
    pub dir: PathBuf,
    /// The signal that ends it.
    pub farewell: &'static str,
    pub command: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub user: Option<User>,
}

/// One child process; ends with the value.
#[derive(Debug)]
pub struct Process {
    pub name: String,
    pub pid: u32,
    /// As it would be typed.
    pub line: String,
    pub log: PathBuf,
    shell: Child,
}

impl Process {
    /// Starts it, with what it says in a file of `logs`; does not wait for it to answer.
    pub fn start(order: Order, logs: &Path) -> anyhow::Result<Self> {
        let log = logs.join(format!("{}.log", order.name));
        let file = File::create(&log).with_context(|| format!("{}", log.display()))?;
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(&order.dir).arg(order.farewell).args(&order.command);
        shell.current_dir(&order.dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        shell.env_clear().envs(kept.collect::<Vec<_>>()).envs(order.environment.iter().cloned());
        // A group of its own: what a terminal sends to this process must not reach who cleans up.
        shell.process_group(0);
        if let Some(user) = order.user {
            shell.uid(user.uid).gid(user.gid);
        }
        let mut shell = shell.spawn().with_context(|| format!("starting {}", order.name))?;
        let mut pid = String::new();
        if let Some(answer) = shell.stdout.take() {
            BufReader::new(answer).read_line(&mut pid)?;
        }
        let variables = order.environment.iter().map(|(name, value)| format!("{name}={value}"));
        let line = variables.chain(order.command).collect::<Vec<_>>().join(" ");
        let pid = pid.trim().parse().with_context(|| format!("starting {}", order.name));
        Ok(Self { name: order.name, pid: pid?, line, log, shell })
    }

    /// Whether it has not ended; one that has waits as a zombie for its shell.
    pub fn runs(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    }

    /// Says where its log is if it has ended.
    pub fn ensure_runs(&self) -> anyhow::Result<()> {
        ensure!(self.runs(), "{} has ended; see {}", self.name, self.log.display());
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Waiting closes the pipe first, which is the order to end.
        if let Err(fault) = self.shell.wait() {
            crate::complain(&format!("{} (process {}) may be left: {fault}", self.name, self.pid));
        }
    }
}

/// A folder of a child's own below `root`; the child's shell removes it.
pub fn folder(root: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let dir = tempfile::Builder::new().prefix(&format!("yeyak-bench-{name}-")).tempdir_in(root);
    Ok(dir.with_context(|| format!("a folder in {}", root.display()))?.keep())
}

/// A port that nobody listens on, and that is not asked for again soon.
pub fn free_port() -> anyhow::Result<u16> {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    let start = u16::try_from(std::process::id() % u32::from(count))?;
    let tried = (0..count).map(|_| PORTS.start + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % count);
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    tried.into_iter().find(free).context("no port is free")
}

/// Postgres refuses to run as root: then `dir` is given to another user, who runs it.
pub fn unprivileged(dir: &Path) -> anyhow::Result<Option<User>> {
    if std::fs::metadata(dir)?.uid() != 0 {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd")?;
    let user = ["postgres", "nobody"].into_iter().find_map(|name| {
        let fields: Vec<&str> =
            passwd.lines().map(|line| line.split(':').collect()).find(|fields: &Vec<&str>| fields[0] == name)?;
        Some(User { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
    });
    let user = user.context("root may not run Postgres, and there is no user `postgres` or `nobody`")?;
    chown(dir, Some(user.uid), Some(user.gid))?;
    Ok(Some(user))
}
