//! A server process that cannot outlive the test process, whatever way that one ends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Obeys orders until the pipe closes, which the death of the test process does as well, then leaves nothing behind.
const SCRIPT: &str = r#"
dir=$1 farewell=$2 server=
shift 2
while read -r order; do
    case $order in
        start) "$@" </dev/null >>"$dir/log" 2>&1 & server=$! ;;
        STOP|CONT) kill -"$order" "$server" ;;
        *) kill -"$order" "$server"; wait "$server"; server= ;;
    esac
    echo done
done
if [ -n "$server" ]; then kill -"$farewell" "$server"; wait "$server"; fi
rm -rf "$dir"
"#;
/// So much of a server's last words is told when it does not come up.
const LOG_LINES_MAX: usize = 20;

/// A user whom a server runs as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub uid: u32,
    pub gid: u32,
}

/// Database servers refuse to run as root: then `dir` is given to another user, who runs it.
pub(crate) fn unprivileged(dir: &Path) -> Option<User> {
    if std::fs::metadata(dir).unwrap().uid() != 0 {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let user = ["postgres", "nobody"].into_iter().find_map(|name| {
        let mut fields = passwd.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?;
        Some(User { uid: fields.nth(2)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    });
    let user = user.unwrap();
    chown(dir, Some(user.uid), Some(user.gid)).unwrap();
    Some(user)
}

/// The supervising shell of one server, which may be started and ended many times.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shell: Child,
    answers: BufReader<ChildStdout>,
    dir: PathBuf,
}

impl Supervisor {
    /// A supervisor of `command`, which owns `dir` and removes it at the end. The server is not started yet.
    ///
    /// `farewell` is the signal that ends it when the test process has gone.
    pub(crate) fn new(dir: PathBuf, farewell: &str, command: &[&str], user: Option<User>) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(&dir).arg(farewell).args(command).current_dir(&dir);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A group of its own: what a terminal or a test runner sends to the tests must not reach who cleans up.
        shell.process_group(0);
        if let Some(user) = user {
            shell.uid(user.uid).gid(user.gid);
        }
        let mut shell = shell.spawn().unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, answers, dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Starts the server; does not wait for it to answer.
    pub(crate) fn start(&mut self) {
        self.order("start");
    }

    /// Sends `signal` to the server and waits until it has ended.
    pub(crate) fn end(&mut self, signal: &str) {
        self.order(signal);
    }

    /// Lets the server stand still, with its connections open, or go on.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.order(if frozen { "STOP" } else { "CONT" });
    }

    /// The end of what the server wrote.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_MAX)..].join("\n")
    }

    fn order(&mut self, order: &str) {
        writeln!(self.shell.stdin.as_mut().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "the supervisor of {} has gone", self.dir.display());
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // Waiting closes the pipe first, which is the order to end.
        if let Err(fault) = self.shell.wait() {
            eprintln!("the supervisor of {}: {fault}", self.dir.display());
        }
    }
}
