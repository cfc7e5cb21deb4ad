//! A test process that dies leaves neither servers nor folders.
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testing::{Nats, SOON, check, eventually, postgres, run};

const TOOLS: &str = "yeyak-tools";

#[test]
fn servers_end_with_the_process_that_started_them() {
    let folder = tempfile::Builder::new().prefix("yeyak-doomed-").tempdir().unwrap();
    // Postgres runs as another user, who must be able to enter; and the tools are not fetched again.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    symlink(std::env::temp_dir().join(TOOLS), folder.path().join(TOOLS)).unwrap();
    let mut doomed = Command::new(std::env::current_exe().unwrap());
    doomed.args(["--exact", "ends::doomed", "--ignored", "--nocapture"]).env("TMPDIR", folder.path());
    let output = doomed.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("two servers run"), "{said}");
    assert!(!output.status.success(), "it aborts itself");
    run(eventually("an empty folder", SOON, async || check(servers(folder.path()), Vec::is_empty)));
}

/// Not a test of its own: what [`servers_end_with_the_process_that_started_them`] runs.
#[test]
#[ignore = "aborts its process"]
fn doomed() {
    run(async {
        let _nats = Nats::start().await;
        postgres().await;
        assert_eq!(servers(&std::env::temp_dir()).len(), 2);
        eprintln!("two servers run");
        std::process::abort();
    });
}

/// What the fixtures put into `folder`; each server removes its own after it has ended.
fn servers(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| !path.ends_with(TOOLS)).collect()
}
