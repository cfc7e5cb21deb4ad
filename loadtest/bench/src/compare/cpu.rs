//! Who used the processors: read from `/proc` before and after.

use crate::platform::process::Process;
use std::collections::BTreeMap;

/// The kernel tells processor time in hundredths of a second, on every architecture this platform runs on.
const TICKS_PER_SECOND: f64 = 100.0;
/// Whatever ran besides what is measured; not small means that the figures are not to be trusted.
pub const OTHERS: &str = "(others on this machine)";
/// This process.
pub const LOAD: &str = "load";

/// Processor time so far by name, in ticks.
#[derive(Clone, Debug, Default)]
pub struct Cpu(BTreeMap<String, u64>);

/// What one process of `/proc` says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Its own, in ticks.
    own: u64,
    /// Of its children that it waited for, in ticks.
    reaped: u64,
}

impl Cpu {
    /// Reads the processes, the load itself and the whole machine; a server's children count by their database.
    pub fn read(processes: &[&Process], postgres: &Process) -> Self {
        let mut by_name = BTreeMap::new();
        for process in processes {
            *by_name.entry(process.name.clone()).or_default() += stat(process.pid).map_or(0, |stat| stat.own);
        }
        *by_name.entry(LOAD.to_owned()).or_default() += stat(std::process::id()).map_or(0, |stat| stat.own);
        let server = stat(postgres.pid).map_or(0, |stat| stat.own + stat.reaped);
        *by_name.entry("postgres, rest".to_owned()).or_default() += server;
        for (pid, child) in children(postgres.pid) {
            *by_name.entry(backend(pid)).or_default() += child.own;
        }
        let known: u64 = by_name.values().sum();
        let busy = busy(&std::fs::read_to_string("/proc/stat").unwrap_or_default());
        by_name.insert(OTHERS.to_owned(), busy.saturating_sub(known));
        Self(by_name)
    }

    /// Seconds since `earlier`, by name.
    pub fn since(&self, earlier: &Self) -> BTreeMap<String, f64> {
        let used = self.0.iter().map(|(name, ticks)| {
            let before = earlier.0.get(name).copied().unwrap_or_default();
            (name.clone(), crate::tally::as_float(ticks.saturating_sub(before)) / TICKS_PER_SECOND)
        });
        used.collect()
    }
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in brackets may hold anything, brackets too, so the numbers begin after the last one.
fn parse(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let parent = fields.get(1)?.parse().ok()?;
    Some(Stat { parent, own: number(11)? + number(12)?, reaped: number(13)? + number(14)? })
}

fn children(parent: u32) -> Vec<(u32, Stat)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, stat(pid)?))).filter(|(_, stat)| stat.parent == parent).collect()
}

/// `postgres, reservation` for a connection to that service's database.
fn backend(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).into_owned();
    let service = line.split([' ', '\0']).find_map(|word| word.strip_prefix("yeyak_"));
    service.map_or_else(|| "postgres, rest".to_owned(), |service| format!("postgres, {service}"))
}

/// Ticks that all processors were busy: everything but idle and waiting for the disk.
fn busy(text: &str) -> u64 {
    let Some(line) = text.lines().find(|line| line.starts_with("cpu ")) else { return 0 };
    let ticks = line.split_whitespace().skip(1).take(8).enumerate();
    ticks.filter(|(index, _)| ![3, 4].contains(index)).filter_map(|(_, ticks)| ticks.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_numbers() {
        let text = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 200 0 0 31 11 5 3 20 0 1 0 100 1000 10";
        assert_eq!(parse(text), Some(Stat { parent: 7, own: 42, reaped: 8 }));
        assert_eq!(parse("42 (a) S 7"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn waiting_is_not_work() {
        assert_eq!(busy("cpu  10 1 20 1000 500 2 3 4 99 99\ncpu0 1 1 1 1\n"), 40);
        assert_eq!(busy(""), 0);
    }

    #[test]
    fn only_what_came_since_counts() {
        let cpu = |ticks| Cpu(BTreeMap::from([("nats".to_owned(), ticks)]));
        let since = cpu(350).since(&cpu(100));
        assert!((since["nats"] - 2.5).abs() < 1e-9);
        let fresh = cpu(50).since(&Cpu::default());
        assert!((fresh["nats"] - 0.5).abs() < 1e-9);
    }
}
