//! A real broker on a loopback port, whose store can be lost and set back.

use crate::supervisor::Supervisor;
use crate::{SOON, check, eventually, port, tools};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

/// A `nats-server` with JetStream that writes through to the disk; ends with the value.
#[derive(Debug)]
pub struct Nats {
    supervisor: Supervisor,
    port: u16,
    copies: usize,
}

/// A copy of a broker's store.
#[derive(Clone, Debug)]
pub struct Saved(PathBuf);

/// The broker that all tests of this process share.
pub async fn nats() -> &'static Nats {
    static SHARED: OnceCell<Nats> = OnceCell::const_new();
    SHARED.get_or_init(Nats::start).await
}

impl Nats {
    /// A broker of the test's own, ready to answer.
    pub async fn start() -> Self {
        let mut nats = Self::prepare().await;
        nats.restart().await;
        nats
    }

    /// A broker with its address, which does not run before [`Nats::restart`].
    pub async fn prepare() -> Self {
        let program = tools::nats_server().await.to_str().unwrap();
        let dir = tempfile::Builder::new().prefix("yeyak-nats-").tempdir().unwrap().keep();
        let port = port::free();
        let config = dir.join("nats.conf");
        std::fs::write(&config, configuration(port, &dir)).unwrap();
        let supervisor = Supervisor::new(dir, "KILL", &[program, "-c", config.to_str().unwrap()], None);
        Self { supervisor, port, copies: 0 }
    }

    /// Where clients connect; stays the same over restarts.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends it as an operator does.
    pub fn stop(&mut self) {
        self.supervisor.end("TERM");
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        self.supervisor.end("KILL");
    }

    /// Lets it stand still, as behind a network that swallows everything, or go on.
    pub fn freeze(&mut self, frozen: bool) {
        self.supervisor.freeze(frozen);
    }

    /// Starts it on what its store holds now, and waits until it answers.
    pub async fn restart(&mut self) {
        self.supervisor.start();
        let (supervisor, port) = (&self.supervisor, self.port);
        eventually("nats-server", SOON, async || {
            let greeting = greeting(port).await.map_err(|fault| format!("{fault}; {}", supervisor.last_words()))?;
            check(greeting, |greeting| greeting.contains(&name(port)))
        })
        .await;
    }

    /// Deletes its store: the disk is lost. It must not run.
    pub fn wipe(&self) {
        match std::fs::remove_dir_all(self.store()) {
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {}
            wiped => wiped.unwrap(),
        }
    }

    /// Copies its store. It must not run.
    pub fn save(&mut self) -> Saved {
        self.copies += 1;
        let copy = self.supervisor.dir().join(format!("saved-{}", self.copies));
        copy_dir(&self.store(), &copy);
        Saved(copy)
    }

    /// Sets its store back to an older copy, as from a backup. It must not run.
    pub fn restore(&self, saved: &Saved) {
        self.wipe();
        copy_dir(&saved.0, &self.store());
    }

    fn store(&self) -> PathBuf {
        self.supervisor.dir().join("store")
    }
}

fn name(port: u16) -> String {
    format!("yeyak-test-{}-{port}", std::process::id())
}

/// More storage than the stream reserves, whatever the disk has free.
fn configuration(port: u16, dir: &Path) -> String {
    format!(
        "server_name: {:?}\nlisten: \"127.0.0.1:{port}\"\n\
         jetstream {{ store_dir: {:?}, sync_interval: always, max_file_store: 1TB }}\n",
        name(port),
        dir.join("store"),
    )
}

/// The first line that a server says to a client; it holds the server's name.
async fn greeting(port: u16) -> std::io::Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
