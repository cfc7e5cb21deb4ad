//! A real mail server on a loopback port: what it takes is kept as its own parser reads it.

use crate::supervisor::Supervisor;
use crate::{SOON, check, eventually, port, tools};
use serde::Deserialize;
use std::net::Ipv4Addr;
use std::path::Path;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

/// What this server does with a mail; handed to aiosmtpd, which speaks the protocol.
const HANDLER: &str = include_str!("smtp.py");

/// A mail server that takes every mail, but refuses for ever what goes to `nobody@…`, for now what goes to `full@…`, and
/// keeps whoever writes to `slow@…` waiting after it has taken the mail. Ends with the value.
#[derive(Debug)]
pub struct Smtp {
    supervisor: Supervisor,
    port: u16,
}

/// A mail as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// Of the envelope.
    pub from: String,
    pub to: Vec<String>,
    /// Names and decoded values, in order.
    pub headers: Vec<(String, String)>,
    /// Decoded.
    pub body: String,
}

impl Mail {
    /// The only header of this name.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found: Vec<_> = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).collect();
        assert_eq!(found.len(), 1, "{name}: {self:?}");
        &found[0].1
    }
}

impl Smtp {
    /// A server of the test's own, ready to answer.
    pub async fn start() -> Self {
        let mut smtp = Self::prepare().await;
        smtp.restart().await;
        smtp
    }

    /// A server with its address, which does not run before [`Smtp::restart`].
    pub async fn prepare() -> Self {
        let packages = tools::aiosmtpd().await;
        let dir = tempfile::Builder::new().prefix("yeyak-smtp-").tempdir().unwrap().keep();
        std::fs::write(dir.join("handler.py"), HANDLER).unwrap();
        std::fs::create_dir(dir.join("mails")).unwrap();
        let port = port::free();
        let (path, address) =
            (format!("PYTHONPATH={}:{}", packages.display(), dir.display()), format!("127.0.0.1:{port}"));
        let mails = dir.join("mails");
        let command = ["env", &path, "PYTHONDONTWRITEBYTECODE=1", "python3", "-m", "aiosmtpd", "-n", "-l", &address];
        let command = [&command[..], &["-c", "handler.Keeper", mails.to_str().unwrap()]].concat();
        Self { supervisor: Supervisor::new(dir.clone(), "KILL", &command, None), port }
    }

    /// Where clients connect, without TLS; stays the same over restarts.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Ends it as a crash does; what it took stays.
    pub fn kill(&mut self) {
        self.supervisor.end("KILL");
    }

    /// Starts it, and waits until it greets.
    pub async fn restart(&mut self) {
        self.supervisor.start();
        let (supervisor, port) = (&self.supervisor, self.port);
        eventually("the mail server", SOON, async || {
            let greeting = greeting(port).await.map_err(|fault| format!("{fault}; {}", supervisor.last_words()))?;
            check(greeting, |greeting| greeting.starts_with("220"))
        })
        .await;
    }

    /// Everything it took, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        let mails = self.supervisor.dir().join("mails");
        let mut paths: Vec<_> = mails.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }
}

fn read(path: &Path) -> Mail {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn greeting(port: u16) -> std::io::Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}
