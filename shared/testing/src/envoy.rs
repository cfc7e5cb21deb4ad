//! A real Envoy on loopback ports, with the configuration that a test gives it.

use crate::supervisor::Supervisor;
use crate::{SOON, eventually, port, tools};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path;
use tokio::net::TcpStream;

/// One Envoy: a listener of the test's own making, and an admin port; ends with the value.
#[derive(Debug)]
pub struct Envoy {
    supervisor: Supervisor,
    port: u16,
    admin: u16,
}

impl Envoy {
    /// An Envoy with its addresses, which does not run before [`Envoy::start`]. None on a machine that it is not built
    /// for: a test without it is skipped, and says so.
    pub async fn prepare() -> Option<Self> {
        let Some(program) = tools::envoy().await else {
            eprintln!("skipped: the pinned Envoy is built for Linux and for macOS on arm64 only");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("yeyak-envoy-").tempdir().unwrap().keep();
        let config = dir.join("envoy.json");
        // One worker makes its bounds exact; without hot restart two of them share nothing.
        let mut command = vec![program.to_str().unwrap(), "-c", config.to_str().unwrap()];
        command.extend(["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"]);
        let supervisor = Supervisor::new(dir.clone(), "KILL", &command, None);
        Some(Self { supervisor, port: port::free(), admin: port::free() })
    }

    /// A folder of its own, gone with it.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.supervisor.dir()
    }

    /// The port that its listener is to have.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its listener answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where it tells of itself.
    #[must_use]
    pub fn admin_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.admin)
    }

    /// Starts it with these resources, and waits until it listens, which is when it knows all its endpoints.
    pub async fn start(&mut self, resources: &Value) {
        let bootstrap = json!({
            "node": { "id": "test", "cluster": "test" },
            "admin": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": self.admin } } },
            "static_resources": resources,
        });
        std::fs::write(self.dir().join("envoy.json"), serde_json::to_vec_pretty(&bootstrap).unwrap()).unwrap();
        self.supervisor.start();
        let (supervisor, port) = (&self.supervisor, self.port);
        eventually("envoy", SOON, async || {
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            connected.map_err(|fault| format!("{fault}; {}", supervisor.last_words()))
        })
        .await;
    }
}
