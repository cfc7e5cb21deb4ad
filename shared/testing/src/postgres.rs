//! One Postgres per test process, and as many fresh databases in it as there are tests.

use crate::supervisor::{Supervisor, User, unprivileged};
use crate::{SOON, eventually, port, tools};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Several engines per test, each with its own pools, and tests in parallel.
const CONNECTIONS_MAX: u32 = 300;

/// A Postgres server on a loopback port; ends with the value, or with the process.
#[derive(Debug)]
pub struct Postgres {
    supervisor: Supervisor,
    port: u16,
}

/// The server that all tests of this process share.
pub async fn postgres() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_init(Postgres::start).await
}

impl Postgres {
    /// A server of the test's own, which it may stop; [`postgres`] is the normal way.
    pub async fn start() -> Self {
        let programs = tools::postgres().await;
        let dir = tempfile::Builder::new().prefix("yeyak-postgres-").tempdir().unwrap().keep();
        let user = unprivileged(&dir);
        let data = dir.join("data");
        initialize(programs, &dir, &data, user);
        let port = port::free();
        let program = programs.join("postgres");
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("max_connections={CONNECTIONS_MAX}"),
            // No test outlives its machine, so nothing is gained from waiting for the disk.
            "fsync=off".to_owned(),
        ];
        let mut command = vec![program.to_str().unwrap(), "-D", data.to_str().unwrap()];
        command.extend(settings.iter().flat_map(|setting| ["-c", setting]));
        // SIGQUIT ends it at once and takes its processes along, which SIGKILL would not.
        let supervisor = Supervisor::new(dir, "QUIT", &command, user);
        let mut postgres = Self { supervisor, port };
        postgres.restart().await;
        postgres
    }

    /// Ends it as a crash does: its clients lose their connections.
    pub fn kill(&mut self) {
        self.supervisor.end("QUIT");
    }

    /// Starts it on the same port and data, and waits until it answers.
    pub async fn restart(&mut self) {
        self.supervisor.start();
        eventually("postgres", SOON, async || {
            let answer = self.administer("SELECT 1").await;
            answer.map_err(|fault| format!("{fault}; {}", self.supervisor.last_words()))
        })
        .await;
    }

    /// A fresh, empty database; its URL.
    pub async fn database(&self) -> String {
        let name = format!("test_{}", Uuid::new_v4().simple());
        self.administer(&format!("CREATE DATABASE {name}")).await.unwrap();
        self.url(&name)
    }

    /// The URL of `database` for `role`, which shows no password.
    #[must_use]
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    fn url(&self, database: &str) -> String {
        self.url_as("postgres", database)
    }

    /// Has the server's owner say one statement.
    ///
    /// # Errors
    /// The server is away, or refuses it.
    pub async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false);
        let connection: DatabaseConnection = Box::pin(Database::connect(options)).await?;
        connection.execute_unprepared(sql).await?;
        connection.close().await
    }
}

fn initialize(programs: &Path, dir: &Path, data: &PathBuf, user: Option<User>) {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.arg("-D").arg(data).current_dir(dir);
    initdb.args(["-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-sync", "--locale=C"]);
    if let Some(user) = user {
        initdb.uid(user.uid).gid(user.gid);
    }
    let output = initdb.output().unwrap();
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}
