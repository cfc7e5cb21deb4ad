//! One MariaDB per test process where it is installed, and as many fresh databases in it as there are tests.

use crate::supervisor::{Supervisor, User, unprivileged};
use crate::{SOON, eventually, port, tools};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use tokio::sync::OnceCell;
use uuid::Uuid;

const PACKAGES: &str = "mariadb-server-core mariadb-client-core";
/// Several engines per test, each with its own pools, and tests in parallel.
const CONNECTIONS_MAX: u32 = 300;

/// A MariaDB server on a loopback port; ends with the value, or with the process.
#[derive(Debug)]
pub struct MariaDb {
    supervisor: Supervisor,
    port: u16,
}

/// The server that all tests of this process share; none, and a line that says so, where it is not installed.
#[expect(clippy::explicit_write, reason = "the test runner shows nothing of what a test that passes prints")]
pub async fn mariadb() -> Option<&'static MariaDb> {
    static SHARED: OnceCell<Option<MariaDb>> = OnceCell::const_new();
    let shared = SHARED.get_or_init(async || {
        let server = MariaDb::start().await;
        if server.is_none() {
            writeln!(std::io::stderr(), "skipped: no mariadbd found (Debian: {PACKAGES})").unwrap();
        }
        server
    });
    shared.await.as_ref()
}

impl MariaDb {
    /// A server of the test's own, which it may stop; [`mariadb`] is the normal way. None where it is not installed.
    pub async fn start() -> Option<Self> {
        let [install, server] = tools::mariadb()?;
        let dir = tempfile::Builder::new().prefix("yeyak-mariadb-").tempdir().unwrap().keep();
        let user = unprivileged(&dir);
        let data = format!("--datadir={}", dir.join("data").display());
        initialize(&install, &dir, &data, user);
        let port = port::free();
        let settings = [
            data,
            format!("--socket={}", dir.join("socket").display()),
            format!("--port={port}"),
            format!("--max-connections={CONNECTIONS_MAX}"),
        ];
        let mut command =
            vec![server.to_str().unwrap(), "--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"];
        // No test outlives its machine, so nothing is gained from waiting for the disk.
        command.extend(["--debug-no-sync", "--innodb-log-file-size=16M"]);
        command.extend(settings.iter().map(String::as_str));
        let supervisor = Supervisor::new(dir, "KILL", &command, user);
        let mut mariadb = Self { supervisor, port };
        mariadb.restart().await;
        Some(mariadb)
    }

    /// Ends it as a crash does: its clients lose their connections.
    pub fn kill(&mut self) {
        self.supervisor.end("KILL");
    }

    /// Starts it on the same port and data, and waits until it answers.
    pub async fn restart(&mut self) {
        self.supervisor.start();
        eventually("mariadb", SOON, async || {
            let answer = self.administer("SELECT 1").await;
            answer.map_err(|fault| format!("{fault}; {}", self.supervisor.last_words()))
        })
        .await;
    }

    /// A fresh, empty database; its URL.
    pub async fn database(&self) -> String {
        let name = format!("test_{}", Uuid::new_v4().simple());
        self.administer(&format!("CREATE DATABASE {name}")).await.unwrap();
        format!("mariadb://root@127.0.0.1:{}/{name}", self.port)
    }

    async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let mut options = ConnectOptions::new(format!("mysql://root@127.0.0.1:{}/mysql", self.port));
        options.max_connections(1).sqlx_logging(false);
        let connection: DatabaseConnection = Box::pin(Database::connect(options)).await?;
        connection.execute_unprepared(sql).await?;
        connection.close().await
    }
}

fn initialize(program: &Path, dir: &Path, data: &str, user: Option<User>) {
    let mut install = Command::new(program);
    install.args(["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-name-resolve"]);
    install.args(["--skip-test-db", "--innodb-log-file-size=16M", "--debug-no-sync"]).current_dir(dir);
    if let Some(user) = user {
        install.uid(user.uid).gid(user.gid);
    }
    let output = install.output().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stdout));
}
