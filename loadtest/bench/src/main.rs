//! Measures the platform: a closed loop of callers against running services, or a comparison in one invocation.
#![doc = include_str!("../README.md")]

mod board;
mod compare;
mod ear;
mod http;
mod k6;
mod load;
mod plan;
mod platform;
mod report;
mod shelf;
mod tally;
mod verify;

use anyhow::Context;
use clap::{Args, Parser};
use ear::Ear;
use plan::{Doors, Plan};
use report::Report;
use serde::Serialize;
use shelf::Shelf;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use verify::Verification;

/// Measures the platform, and holds it to what it told the callers.
#[derive(Debug, Parser)]
#[command(version)]
enum Bench {
    /// Loads running services with a closed loop of callers.
    Load(Box<Load>),
    /// Starts private servers and services, and compares group commit, one hot offering, and one commit each.
    Compare(Box<compare::Comparison>),
    /// Starts private servers and every service, and runs a script of `loadtest/k6` against them.
    K6(Box<k6::Script>),
}

#[derive(Debug, Args)]
struct Load {
    #[command(flatten)]
    doors: Doors,
    #[command(flatten)]
    plan: Plan,
    /// Also writes the report there.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One thread: waking another for each answer would cost more than the answer.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Bench::parse() {
        Bench::Load(load) => run(&load).await,
        Bench::Compare(comparison) => compare::run(&comparison).await,
        Bench::K6(script) => k6::run(&script).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            complain(&format!("bench: {fault:#}"));
            ExitCode::from(2)
        }
    }
}

/// Whether verification holds.
async fn run(load: &Load) -> anyhow::Result<bool> {
    let (catalog, reservation) = load.doors.addresses().context("catalog's address and reservation's are wanted")?;
    let shelf = Shelf::fill(catalog, reservation, &load.plan).await?;
    let ear = Ear::open(&load.doors.nats_url).await?;
    let ended = load::run(&load.plan, shelf, reservation, ear).await?;
    let verification = Verification::of(&ended, reservation, load.plan.verify_max as usize).await?;
    let report = Report::new(&load.plan, &ended, verification);
    say(&report.to_string());
    write_json(load.json.as_deref(), &report)?;
    Ok(report.verification.holds())
}

fn write_json(path: Option<&Path>, report: &impl Serialize) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, serde_json::to_vec_pretty(report)?).with_context(|| format!("{}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the report is what this program is run for")]
fn say(text: &str) {
    println!("{text}");
}

fn complain(text: &str) {
    eprintln!("{text}");
}

/// An argument that is a variable of a service's environment.
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a variable is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
