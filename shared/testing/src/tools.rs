//! The servers' programs, found or fetched once per process.

use runtime::tool::{Tool, locate};
use std::path::PathBuf;
use tokio::sync::OnceCell;

/// The first version whose atomic batches tell a duplicate, and that resets consumers.
const NATS_VERSION_MIN: (u32, u32) = (2, 14);
const POSTGRES_VERSION_MIN: (u32, u32) = (14, 0);

/// The program `nats-server`.
pub(crate) async fn nats_server() -> &'static PathBuf {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    FOUND.get_or_init(|| async { locate(&Tool::NATS_SERVER, NATS_VERSION_MIN, &cache()).await.unwrap() }).await
}

/// The folder that holds `initdb` and `postgres`.
pub(crate) async fn postgres() -> &'static PathBuf {
    static FOUND: OnceCell<PathBuf> = OnceCell::const_new();
    FOUND.get_or_init(|| async { locate(&Tool::POSTGRES, POSTGRES_VERSION_MIN, &cache()).await.unwrap() }).await
}

/// The programs `mariadb-install-db` and `mariadbd`, if this machine has them; nobody fetches them.
pub(crate) fn mariadb() -> Option<[PathBuf; 2]> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where only root's path leads.
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(["/usr/sbin".into()]).collect();
    let program = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
    Some([program("mariadb-install-db")?, program("mariadbd")?])
}

/// In the temporary folder, since Postgres runs as another user than root and a home is nobody else's to enter.
fn cache() -> PathBuf {
    std::env::temp_dir().join("yeyak-tools")
}
