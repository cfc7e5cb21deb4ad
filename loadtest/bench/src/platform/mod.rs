//! A private platform: a Postgres that commits to the disk, a broker, and the services, on this machine.

pub mod machine;
pub mod process;
pub mod servers;
pub mod services;

use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};

/// The platform's program: the one named, else the one beside this program.
pub fn program(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let binary = match named {
        Some(binary) => binary.canonicalize().with_context(|| format!("{}", binary.display()))?,
        None => std::env::current_exe()?.with_file_name("yeyak"),
    };
    ensure!(binary.is_file(), "{} is missing: cargo build --release -p yeyak", binary.display());
    Ok(binary)
}
