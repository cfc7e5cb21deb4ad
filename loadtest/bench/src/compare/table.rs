//! The comparison as a table, and its ratios.

use super::cpu::{LOAD, OTHERS};
use super::{Run, Scenario};
use crate::tally::as_float;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// One scenario's confirmations per second over another's.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    pub what: &'static str,
    pub is: f64,
    /// What it shall at least be.
    pub goal: Option<f64>,
}

/// What a row of the table shows of a run.
type Figure = fn(&Run) -> f64;

/// The ratios of those runs that are there.
pub fn ratios(runs: &[Run]) -> Vec<Ratio> {
    let rate = |scenario| Some(runs.iter().find(|run| run.scenario == scenario)?.report.confirmed.per_second);
    let wanted = [
        ("batched / single", Scenario::Batched, Scenario::Single, Some(8.0)),
        ("hot / batched", Scenario::Hot, Scenario::Batched, Some(0.8)),
        ("prepay / batched", Scenario::Prepay, Scenario::Batched, None),
        ("batched / broker-unsynced", Scenario::Batched, Scenario::BrokerUnsynced, None),
    ];
    let there = wanted.into_iter().filter_map(|(what, over, under, goal)| {
        let (over, under) = (rate(over)?, rate(under).filter(|rate| *rate > 0.0)?);
        Some(Ratio { what, is: over / under, goal })
    });
    there.collect()
}

/// Rates and latencies, processor time by process, ratios, and how it was run.
pub fn of(runs: &[Run]) -> String {
    let mut text = String::new();
    // Writing to memory does not fail.
    write(&mut text, runs).ok();
    text
}

fn write(text: &mut String, runs: &[Run]) -> std::fmt::Result {
    write!(text, "\n{:<26}", "")?;
    runs.iter().try_for_each(|run| write!(text, "{:>16}", run.scenario.name()))?;
    let rows: [(&str, Figure); 7] = [
        ("confirmed per second", |run| run.report.confirmed.per_second),
        ("confirmed p50 ms", |run| run.report.confirmed.p50_ms),
        ("confirmed p99 ms", |run| run.report.confirmed.p99_ms),
        ("confirmed p99.9 ms", |run| run.report.confirmed.p999_ms),
        ("accepted per second", |run| run.report.accepted.per_second),
        ("accepted p50 ms", |run| run.report.accepted.p50_ms),
        ("accepted p99 ms", |run| run.report.accepted.p99_ms),
    ];
    for (name, figure) in rows {
        write!(text, "\n{name:<26}")?;
        runs.iter().try_for_each(|run| write!(text, "{:>16.1}", figure(run)))?;
    }
    write!(text, "\n\nCPU: seconds, and microseconds per confirmed reservation")?;
    for name in names(runs) {
        write!(text, "\n{name:<26}")?;
        for run in runs {
            let seconds = run.cpu_seconds.get(name).copied().unwrap_or_default();
            write!(text, "{seconds:>8.1}{:>8.0}", per_reservation(seconds, run))?;
        }
    }
    write!(text, "\n{:<26}", "all but others")?;
    for run in runs {
        let seconds = run.cpu_seconds.iter().filter(|(name, _)| *name != OTHERS).map(|(_, seconds)| seconds).sum();
        write!(text, "{seconds:>8.1}{:>8.0}", per_reservation(seconds, run))?;
    }
    writeln!(text)?;
    for Ratio { what, is, goal } in ratios(runs) {
        write!(text, "\n{what:<26}{is:>8.2}")?;
        if let Some(goal) = goal {
            write!(text, "  (goal {goal}: {})", if is >= goal { "met" } else { "MISSED" })?;
        }
    }
    for run in runs {
        write!(text, "\n\n{}: {}", run.scenario.name(), run.report.verification)?;
        run.commands.iter().try_for_each(|command| write!(text, "\n  {command}"))?;
    }
    Ok(())
}

fn names(runs: &[Run]) -> Vec<&str> {
    let all: BTreeSet<&str> = runs.iter().flat_map(|run| run.cpu_seconds.keys().map(String::as_str)).collect();
    let last = [LOAD, OTHERS];
    all.iter().copied().filter(|name| !last.contains(name)).chain(last).collect()
}

fn per_reservation(seconds: f64, run: &Run) -> f64 {
    if run.report.confirmed_all == 0 { 0.0 } else { seconds * 1e6 / as_float(run.report.confirmed_all) }
}
