//! The command line: reads a plan, replays it, prints what became of it, and exits non-zero if that is not as expected.

mod report;

use anyhow::{Context, bail, ensure};
use clap::{ArgGroup, Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use replay::{Capacities, Config, Outcome, Plan, Urls};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The seed of generated plans, so that two people mean the same one.
const SEED: u64 = 1;

/// Replays recorded hotel bookings through the platform and compares every decision with the expected one.
#[derive(Debug, Parser)]
#[command(version, group = ArgGroup::new("source").required(true).args(["original", "events", "generated"]))]
struct Arguments {
    /// The published file of 32 columns, plain or gzip.
    #[arg(long, value_name = "FILE")]
    original: Option<PathBuf>,
    /// A list of derived events, plain or gzip.
    #[arg(long, value_name = "FILE", requires = "bookings")]
    events: Option<PathBuf>,
    /// The bookings that the events name.
    #[arg(long, value_name = "FILE", requires = "events")]
    bookings: Option<PathBuf>,
    /// Bookings made up in the shape of the recorded ones, with so many events.
    #[arg(long, value_name = "COUNT")]
    generated: Option<usize>,
    /// The one entry of all services.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Catalog, where it has an address of its own.
    #[arg(long, value_name = "URL")]
    catalog_url: Option<String>,
    /// Reservation, where it has an address of its own.
    #[arg(long, value_name = "URL")]
    reservation_url: Option<String>,
    /// Rooms of the city hotel.
    #[arg(long, default_value_t = Capacities::REALISED.city)]
    city: u32,
    /// Rooms of the resort hotel.
    #[arg(long, default_value_t = Capacities::REALISED.resort)]
    resort: u32,
    /// Divides both hotels' rooms, so that more is refused.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    capacity_divisor: u32,
    /// The first so many events only.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Names the run on the platform; a new name for each.
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// Most calls under way at once.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// How the offerings take money.
    #[arg(long, value_enum, default_value_t = Payment::SettleLater)]
    payment: Payment,
    /// Where to write the decision about every booking.
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// Where answers are kept, so that an interrupted run goes on when it is called again.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A file of references and the entry to compare with.
    #[arg(long, value_name = "FILE:NAME")]
    expect: Option<String>,
    /// Decides in memory and asks no platform.
    #[arg(long)]
    offline: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Payment {
    SettleLater,
    None,
    Prepay,
}

#[tokio::main]
async fn main() -> ExitCode {
    match replayed(&Arguments::parse()).await {
        Ok(differences) if differences.is_empty() => ExitCode::SUCCESS,
        Ok(differences) => {
            complain(&format!("not as expected:\n  {}", differences.join("\n  ")));
            ExitCode::FAILURE
        }
        Err(fault) => {
            complain(&format!("the replay ended: {fault:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn replayed(arguments: &Arguments) -> anyhow::Result<Vec<String>> {
    let expected = arguments.expect.as_deref().map(split).transpose()?;
    let mut plan = read(arguments)?;
    if let Some(limit) = arguments.limit {
        plan = plan.limited(limit);
    }
    let capacities = Capacities { city: arguments.city, resort: arguments.resort }.divided(arguments.capacity_divisor);
    let reference = replay::reference(&plan, capacities);
    let outcome = if arguments.offline { reference.clone() } else { drive(arguments, &plan, capacities).await? };
    show(&report::text(&plan, &outcome));
    if let Some(path) = &arguments.decisions {
        std::fs::write(path, report::decisions(&outcome)).with_context(|| format!("{}", path.display()))?;
    }
    let mut differences = replay::differences(&outcome, &reference);
    if let Some((path, name)) = expected {
        differences.extend(replay::differences_to_entry(&outcome, path, name)?);
    }
    Ok(differences)
}

fn split(expect: &str) -> anyhow::Result<(&Path, &str)> {
    let (path, name) = expect.rsplit_once(':').context("--expect wants a file and an entry: FILE:NAME")?;
    ensure!(Path::new(path).is_file(), "--expect: there is no file {path}");
    Ok((Path::new(path), name))
}

fn read(arguments: &Arguments) -> anyhow::Result<Plan> {
    match arguments {
        Arguments { original: Some(original), .. } => Plan::read_original(original),
        Arguments { events: Some(events), bookings: Some(bookings), .. } => Plan::read_derived(events, bookings),
        Arguments { generated: Some(events), .. } => Ok(Plan::generated(SEED, *events)),
        Arguments { .. } => bail!("name what to replay: --original, --events with --bookings, or --generated"),
    }
}

async fn drive(arguments: &Arguments, plan: &Plan, capacities: Capacities) -> anyhow::Result<Outcome> {
    let own = |url: &Option<String>| url.clone().unwrap_or_else(|| arguments.url.clone());
    let config = Config {
        urls: Urls { catalog: own(&arguments.catalog_url), reservation: own(&arguments.reservation_url) },
        capacities,
        payment: match arguments.payment {
            Payment::SettleLater => replay::Payment::SettleLater,
            Payment::None => replay::Payment::None,
            Payment::Prepay => replay::Payment::Prepay,
        },
        run: arguments.run.clone(),
        in_flight: arguments.in_flight,
        state: arguments.state.clone(),
    };
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos}/{human_len} bookings and cancels  {per_sec}  {eta} left",
    )?);
    let began = std::time::Instant::now();
    let mut calls = 0;
    let outcome = replay::run(&config, plan, |progress| {
        calls = progress.calls;
        bar.set_length(u64::try_from(progress.of).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
        if calls == 0 {
            // What an earlier session did says nothing about the time that remains.
            bar.reset_eta();
        }
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome?;
    show(&report::rate(calls, began.elapsed()));
    Ok(outcome)
}

#[expect(clippy::print_stdout, reason = "the report is what the tool is called for")]
fn show(text: &str) {
    println!("{text}");
}

fn complain(text: &str) {
    eprintln!("{text}");
}
