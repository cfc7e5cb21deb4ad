//! The comparison as a table, and its ratios.

use super::cpu::{LOAD, OTHERS};
use super::{Run, Scenario};
use crate::tally::as_float;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// More of the processors than this for others, and the rates say little, in percent.
const OTHERS_PERCENT_MAX: f64 = 10.0;

/// One scenario's confirmations per second over another's.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    pub what: &'static str,
    pub is: f64,
    /// The same of what the processors would suffice for, which others on the machine disturb less.
    pub by_cpu: f64,
    /// What it shall at least be.
    pub goal: Option<f64>,
}

/// What a row of the table shows of a run.
type Figure = fn(&Run) -> f64;

/// The ratios of those runs that are there.
pub fn ratios(runs: &[Run]) -> Vec<Ratio> {
    let of = |scenario| runs.iter().find(|run| run.scenario == scenario);
    let wanted = [
        ("batched / single", Scenario::Batched, Scenario::Single, Some(8.0)),
        ("hot / batched", Scenario::Hot, Scenario::Batched, Some(0.8)),
        ("prepay / batched", Scenario::Prepay, Scenario::Batched, None),
        ("batched / broker-unsynced", Scenario::Batched, Scenario::BrokerUnsynced, None),
    ];
    let there = wanted.into_iter().filter_map(|(what, over, under, goal)| {
        let (over, under) = (of(over)?, of(under)?);
        let ratio = |over: f64, under: f64| if under > 0.0 { over / under } else { 0.0 };
        let is = ratio(over.report.confirmed.per_second, under.report.confirmed.per_second);
        Some(Ratio { what, is, by_cpu: ratio(ceiling(over), ceiling(under)), goal })
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
        let seconds = ours(run);
        write!(text, "{seconds:>8.1}{:>8.0}", per_reservation(seconds, run))?;
    }
    write!(text, "\n{:<26}", "if nothing else ran: /s")?;
    runs.iter().try_for_each(|run| write!(text, "{:>16.0}", ceiling(run)))?;
    write!(text, "\n{:<26}", "others' share of the CPUs")?;
    runs.iter().try_for_each(|run| write!(text, "{:>14.0} %", others_percent(run)))?;
    if runs.iter().any(|run| others_percent(run) > OTHERS_PERCENT_MAX) {
        write!(text, "\nOTHERS RAN MEANWHILE: read the processor time, not the rates and latencies")?;
    }
    writeln!(text)?;
    write!(text, "\n{:<26}{:>8}{:>8}", "ratios", "by rate", "by CPU")?;
    for Ratio { what, is, by_cpu, goal } in ratios(runs) {
        write!(text, "\n{what:<26}{is:>8.2}{by_cpu:>8.2}")?;
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

/// Processor seconds of everything that was measured.
fn ours(run: &Run) -> f64 {
    run.cpu_seconds.iter().filter(|(name, _)| *name != OTHERS).map(|(_, seconds)| seconds).sum()
}

/// Confirmations per second for which the processors would suffice, had they nothing else to do.
fn ceiling(run: &Run) -> f64 {
    let seconds = ours(run);
    if seconds > 0.0 { as_float(run.report.confirmed_all) / seconds * f64::from(run.cores) } else { 0.0 }
}

fn others_percent(run: &Run) -> f64 {
    let seconds = run.cpu_seconds.get(OTHERS).copied().unwrap_or_default();
    100.0 * seconds / (run.seconds * f64::from(run.cores))
}

fn per_reservation(seconds: f64, run: &Run) -> f64 {
    if run.report.confirmed_all == 0 { 0.0 } else { seconds * 1e6 / as_float(run.report.confirmed_all) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Ended;
    use crate::plan::{Kind, Payment, Plan};
    use crate::report::Report;
    use crate::shelf::Shelf;
    use crate::tally::{Tally, Window};
    use crate::verify::Verification;
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    /// A run of two seconds on two cores.
    fn run(scenario: Scenario, per_second: f64) -> Run {
        let plan = Plan {
            callers: 255,
            offerings: 1,
            hot: false,
            kind: Kind::Nights,
            payment: Payment::SettleLater,
            units: 1,
            seconds: 2,
            reservations: None,
            warmup_seconds: 0,
            patience_seconds: 1,
            verify_max: 1,
        };
        let from = Instant::now();
        let window = Window { from, until: Some(from + Duration::from_secs(2)) };
        let shelf = Shelf { offerings: Vec::new(), kind: plan.kind, units: 1 };
        let ended = Ended { shelf, tally: Tally::new(window, 0, 0).unwrap(), unsettled: 0 };
        let mut report = Report::new(&plan, &ended, Verification::default());
        report.confirmed.per_second = per_second;
        report.confirmed_all = 1_000;
        let cpu_seconds = [("nats", 0.5), ("postgres, rest", 0.25), (LOAD, 0.25), (OTHERS, 1.0)];
        let cpu_seconds = cpu_seconds.map(|(name, seconds)| (name.to_owned(), seconds));
        Run { scenario, report, cpu_seconds: BTreeMap::from(cpu_seconds), seconds: 2.0, cores: 2, commands: Vec::new() }
    }

    #[test]
    fn ratios_are_of_the_runs_that_are_there() {
        let runs = [run(Scenario::Batched, 4_000.0), run(Scenario::Single, 400.0), run(Scenario::Hot, 3_000.0)];
        let found = ratios(&runs);
        let is: Vec<(&str, f64)> = found.iter().map(|ratio| (ratio.what, ratio.is)).collect();
        assert_eq!(is, [("batched / single", 10.0), ("hot / batched", 0.75)]);
        assert!(ratios(&runs[..1]).is_empty());
        assert!(found.iter().all(|ratio| (ratio.by_cpu - 1.0).abs() < 1e-9), "{found:?}");
        assert_eq!(ratios(&[run(Scenario::Batched, 1.0), run(Scenario::Single, 0.0)])[0].is.to_bits(), 0);
        let text = of(&runs);
        assert!(text.contains("10.00    1.00  (goal 8: met)") && text.contains("(goal 0.8: MISSED)"), "{text}");
    }

    #[test]
    fn others_are_no_cost_of_a_reservation_but_are_told() {
        let run = run(Scenario::Batched, 500.0);
        let close = |is: f64, should: f64| (is - should).abs() < 1e-6;
        assert!(close(ours(&run), 1.0) && close(per_reservation(ours(&run), &run), 1_000.0));
        assert!(close(ceiling(&run), 2_000.0) && close(others_percent(&run), 25.0));
        assert!(of(&[run]).contains("OTHERS RAN"));
    }
}
