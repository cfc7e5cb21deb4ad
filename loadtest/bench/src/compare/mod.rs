//! One invocation that shows what group commit brings, on private servers with durable commits.

mod cpu;
mod table;

use crate::ear::Ear;
use crate::plan::{Kind, Payment, Plan};
use crate::platform::machine::Machine;
use crate::platform::process::Process;
use crate::platform::program;
use crate::platform::servers::{self, Programs, Sync};
use crate::platform::services::{Parts, Services};
use crate::report::Report;
use crate::shelf::Shelf;
use crate::verify::Verification;
use crate::{complain, load, say, write_json};
use anyhow::Context;
use clap::{Args, ValueEnum};
use cpu::Cpu;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Debug, Args)]
pub struct Comparison {
    /// The platform's program, built with `--release`; by default the one beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Services to run, each a process of its own.
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["catalog", "reservation", "payment", "notification", "review", "dashboard"]
    )]
    services: Vec<String>,
    /// What to run.
    #[arg(long, value_enum, value_delimiter = ',', default_values = Scenario::ALL.map(Scenario::name))]
    scenarios: Vec<Scenario>,
    #[arg(long, default_value_t = 255, value_parser = clap::value_parser!(u16).range(1..=20_000))]
    callers: u16,
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    offerings: u32,
    /// Measured time of each scenario.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=60))]
    warmup_seconds: u64,
    /// Where the servers' folders are made, on the disk that is to be measured.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// More settings of Postgres, as `name=value`.
    #[arg(long = "postgres-setting", value_name = "NAME=VALUE")]
    postgres_settings: Vec<String>,
    /// More environment of all services.
    #[arg(long = "environment", value_name = "NAME=VALUE", value_parser = crate::variable)]
    environment: Vec<(String, String)>,
    /// Also writes everything there.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One way to run and to load the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Group commit, many offerings, settled later.
    Batched,
    /// The same on one offering.
    Hot,
    /// One transaction for each command (`BATCH_MAX=1`), many offerings, settled later.
    Single,
    /// Group commit, many offerings, paid within the call.
    Prepay,
    /// As batched, but the broker acknowledges before it writes through.
    BrokerUnsynced,
}

impl Scenario {
    const ALL: [Self; 5] = [Self::Batched, Self::Hot, Self::Single, Self::Prepay, Self::BrokerUnsynced];

    const fn name(self) -> &'static str {
        match self {
            Self::Batched => "batched",
            Self::Hot => "hot",
            Self::Single => "single",
            Self::Prepay => "prepay",
            Self::BrokerUnsynced => "broker-unsynced",
        }
    }

    fn environment(self) -> Vec<(String, String)> {
        match self {
            Self::Single => vec![("BATCH_MAX".into(), "1".into())],
            Self::Batched | Self::Hot | Self::Prepay | Self::BrokerUnsynced => Vec::new(),
        }
    }

    const fn payment(self) -> Payment {
        match self {
            Self::Prepay => Payment::Prepay,
            Self::Batched | Self::Hot | Self::Single | Self::BrokerUnsynced => Payment::SettleLater,
        }
    }

    const fn sync(self) -> Sync {
        match self {
            Self::BrokerUnsynced => Sync::Default,
            Self::Batched | Self::Hot | Self::Single | Self::Prepay => Sync::Always,
        }
    }
}

/// What one scenario came to.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    pub scenario: Scenario,
    pub report: Report,
    /// From the first caller to the last confirmation, with the warm-up, in seconds by process.
    pub cpu_seconds: BTreeMap<String, f64>,
    /// That time.
    pub seconds: f64,
    pub cores: u32,
    pub commands: Vec<String>,
}

#[derive(Serialize)]
struct Compared<'c> {
    machine: &'c Machine,
    ratios: Vec<table::Ratio>,
    runs: &'c [Run],
}

/// Whether every scenario was verified.
pub async fn run(comparison: &Comparison) -> anyhow::Result<bool> {
    let binary = program(comparison.binary.as_deref())?;
    let programs = Programs::locate().await?;
    let machine = Machine::look(&comparison.directory)?;
    say(&machine.to_string());
    let mut runs = Vec::new();
    for scenario in &comparison.scenarios {
        complain(&format!("{} …", scenario.name()));
        let run = scenario.run(comparison, &binary, &programs).await;
        let run = run.with_context(|| format!("scenario {}", scenario.name()))?;
        complain(&run.report.to_string());
        runs.push(run);
    }
    say(&table::of(&runs));
    write_json(comparison.json.as_deref(), &Compared { machine: &machine, ratios: table::ratios(&runs), runs: &runs })?;
    Ok(runs.iter().all(|run| run.report.verification.holds()))
}

impl Scenario {
    /// Runs on servers of its own; what they said is kept if it fails.
    async fn run(self, comparison: &Comparison, binary: &Path, programs: &Programs) -> anyhow::Result<Run> {
        let logs = tempfile::Builder::new().prefix("yeyak-bench-logs-").tempdir_in(&comparison.directory)?.keep();
        let outcome = self.measure(comparison, (binary, programs), &logs).await;
        let fine = outcome.as_ref().is_ok_and(|run| run.report.verification.holds());
        if fine {
            std::fs::remove_dir_all(&logs)?;
        } else {
            complain(&format!("the processes' logs are in {}", logs.display()));
        }
        outcome
    }

    async fn measure(
        self,
        comparison: &Comparison,
        (binary, programs): (&Path, &Programs),
        logs: &Path,
    ) -> anyhow::Result<Run> {
        let root = comparison.directory.as_path();
        let postgres = servers::postgres(programs, (root, logs), &comparison.postgres_settings).await?;
        let nats = servers::nats(programs, (root, logs), self.sync()).await?;
        let environment: Vec<_> = self.environment().into_iter().chain(comparison.environment.clone()).collect();
        let parts = Parts { binary, names: &comparison.services, root, logs, environment: &environment };
        let services = Services::start(parts, &postgres, &nats).await?;
        let processes: Vec<&Process> = services.processes.iter().chain([&nats.process]).collect();
        let plan = self.plan(comparison);
        let shelf = Shelf::fill(&services.catalog, &services.reservation, &plan).await?;
        let ear = Ear::open(&nats.url).await?;
        let (begun, before) = (Instant::now(), Cpu::read(&processes, &postgres.process));
        let ended = load::run(&plan, shelf, &services.reservation, ear).await?;
        let cpu_seconds = Cpu::read(&processes, &postgres.process).since(&before);
        let (seconds, cores) = (begun.elapsed().as_secs_f64(), std::thread::available_parallelism()?);
        for process in processes.iter().chain([&&postgres.process]) {
            process.ensure_runs()?;
        }
        let verification = Verification::of(&ended, &services.reservation, plan.verify_max as usize).await?;
        let commands = [&postgres.process].into_iter().chain(processes.iter().copied());
        let commands = commands.map(|process| process.line.clone()).collect();
        let report = Report::new(&plan, &ended, verification);
        Ok(Run { scenario: self, report, cpu_seconds, seconds, cores: u32::try_from(cores.get())?, commands })
    }

    fn plan(self, comparison: &Comparison) -> Plan {
        Plan {
            callers: comparison.callers,
            offerings: comparison.offerings,
            hot: self == Self::Hot,
            kind: Kind::Nights,
            payment: self.payment(),
            units: 1_000_000,
            seconds: comparison.seconds,
            reservations: None,
            warmup_seconds: comparison.warmup_seconds,
            patience_seconds: 60,
            verify_max: 2_000,
        }
    }
}
