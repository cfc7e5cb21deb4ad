//! A script of `loadtest/k6` against a private platform, with k6 on the same machine.

use crate::platform::machine::Machine;
use crate::platform::process::Process;
use crate::platform::program;
use crate::platform::servers::{self, Programs, Sync};
use crate::platform::services::{Parts, Services};
use crate::{complain, say};
use anyhow::{Context, ensure};
use clap::Args;
use runtime::tool::{Tool, locate};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

/// The scripts are written for this version's thresholds and summary.
const K6_VERSION_MIN: (u32, u32) = (1, 1);
const SERVICES: [&str; 8] =
    ["catalog", "reservation", "payment", "waitlist", "seating", "notification", "review", "dashboard"];
/// The script that wants its payments cut off meanwhile: so often, so long, and so long apart.
const CUT_OFF: &str = "breaker";
const OUTAGES: usize = 3;
const OUTAGE_SECONDS: u64 = 10;

/// The environment is handed on to k6: `DURATION_SCALE`, `VUS_SCALE`, `RUN_ID`, `SUMMARY`.
#[derive(Debug, Args)]
pub struct Script {
    /// `booking`, `seats`, `breaker`, `onsale`, `rollout`, `line` or `mixed`.
    name: String,
    /// The platform's program, built with `--release`; by default the one beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where the scripts are.
    #[arg(long, default_value = "loadtest/k6")]
    scripts: PathBuf,
    /// Where the servers' folders are made, on the disk that is to be measured.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// More environment of all services.
    #[arg(long = "environment", value_name = "NAME=VALUE", value_parser = crate::variable)]
    environment: Vec<(String, String)>,
}

/// Whether the script's checks and thresholds hold.
pub async fn run(script: &Script) -> anyhow::Result<bool> {
    let file = script.scripts.join(format!("{}.js", script.name));
    ensure!(file.is_file(), "{} is missing; --scripts says where the scripts are", file.display());
    let binary = program(script.binary.as_deref())?;
    let programs = Programs::locate().await?;
    let k6 = locate(&Tool::K6, K6_VERSION_MIN, &programs.cache).await?;
    say(&Machine::look(&script.directory)?.to_string());
    say(&format!("load average {}", std::fs::read_to_string("/proc/loadavg")?.trim()));
    let logs = tempfile::Builder::new().prefix("yeyak-bench-logs-").tempdir_in(&script.directory)?.keep();
    let outcome = script.drive((&k6, &file), &binary, &programs, &logs).await;
    if matches!(outcome, Ok(true)) {
        std::fs::remove_dir_all(&logs)?;
    } else {
        complain(&format!("the processes' logs are in {}", logs.display()));
    }
    outcome
}

impl Script {
    async fn drive(
        &self,
        (k6, file): (&Path, &Path),
        binary: &Path,
        programs: &Programs,
        logs: &Path,
    ) -> anyhow::Result<bool> {
        let root = self.directory.as_path();
        let postgres = servers::postgres(programs, (root, logs), &[]).await?;
        let nats = servers::nats(programs, (root, logs), Sync::Always).await?;
        let outage = logs.join("provider-outage");
        let mut environment = self.environment.clone();
        environment.push(("PROVIDER_OUTAGE".into(), servers::text(&outage)?));
        let names = SERVICES.map(str::to_owned);
        let parts = Parts { binary, names: &names, root, logs, environment: &environment };
        let services = Services::start(parts, &postgres, &nats).await?;
        let mut k6 = Command::new(k6);
        k6.args(["run", "--quiet", "--no-usage-report"]).arg(file).kill_on_drop(true);
        k6.envs(services.doors.iter().map(|(name, url)| (format!("{}_URL", name.to_uppercase()), url)));
        let mut k6 = k6.spawn().context("k6")?;
        let status = tokio::select! {
            status = k6.wait() => status,
            cut = cut_off(&outage), if self.name == CUT_OFF => { cut?; k6.wait().await }
        }?;
        for process in services.processes.iter().chain([&postgres.process, &nats.process]) {
            Process::ensure_runs(process)?;
        }
        Ok(status.success())
    }
}

/// Cuts the provider off and lets it come back, in turn.
async fn cut_off(outage: &Path) -> anyhow::Result<()> {
    for _ in 0..OUTAGES {
        tokio::time::sleep(Duration::from_secs(OUTAGE_SECONDS)).await;
        std::fs::write(outage, [])?;
        tokio::time::sleep(Duration::from_secs(OUTAGE_SECONDS)).await;
        std::fs::remove_file(outage)?;
    }
    Ok(())
}
