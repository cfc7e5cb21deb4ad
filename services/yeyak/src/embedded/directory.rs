//! The data directory: taken by one platform at a time.

use crate::host::Addresses;
use anyhow::{Context, bail};
use serde_json::json;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A data directory that this process holds until it ends, whatever way.
pub struct Directory {
    root: PathBuf,
    /// The operating system frees the lock with the process.
    _lock: File,
}

impl Directory {
    /// Creates and locks `root`.
    pub fn take(root: &Path) -> anyhow::Result<Self> {
        let shown = root.display();
        std::fs::create_dir_all(root).with_context(|| format!("the data directory {shown} cannot be created"))?;
        let root = root.canonicalize().with_context(|| format!("the data directory {shown}"))?;
        let lock = File::create(root.join("lock")).with_context(|| format!("the data directory {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another platform runs on the data directory {shown}; end it, or choose another with --data")
            }
            Err(TryLockError::Error(fault)) => Err(fault).with_context(|| format!("locking {shown}")),
        }
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database URL of a service.
    pub fn sqlite(&self, service: &str) -> String {
        format!("sqlite:{}", self.path(&format!("{service}.sqlite")).display())
    }

    /// Writes where the platform listens into `platform.json`, for scripts.
    pub fn announce(&self, addresses: Addresses, nats: &str) -> anyhow::Result<()> {
        let Addresses { public: entry, admin, internal } = addresses;
        let told = json!({
            "pid": std::process::id(),
            "entry": format!("http://{entry}"),
            "admin": format!("http://{admin}"),
            "internal": format!("http://{internal}"),
            "nats": nats,
        });
        let draft = self.path("platform.json.new");
        std::fs::write(&draft, format!("{told:#}\n"))?;
        std::fs::rename(draft, self.path("platform.json"))?;
        Ok(())
    }
}
