//! Comparing outcomes: with one decided in memory, and with a named entry of a file of references.

use crate::outcome::{Figures, Outcome};
use crate::plan::Hotel;
use anyhow::Context;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Most differences of one kind that are told one by one.
const TOLD_MAX: usize = 10;

/// How `outcome` differs from `expected`, in sentences; none if every decision, figure and night is the same.
#[must_use]
pub fn differences(outcome: &Outcome, expected: &Outcome) -> Vec<String> {
    let word = |decision: Option<&bool>| match decision {
        Some(true) => "accepted",
        Some(false) => "rejected",
        None => "not decided",
    };
    let mut told = unequal(&outcome.decisions, &expected.decisions, |number, (seen, wanted)| {
        format!("booking {number} was {}, expected {}", word(seen), word(wanted))
    });
    told.extend(unequal(&outcome.figures, &expected.figures, |hotel, (seen, wanted)| {
        format!("the {} hotel has {seen:?}, expected {wanted:?}", hotel.name())
    }));
    told.extend(unequal(&outcome.occupancy, &expected.occupancy, |(hotel, night), (seen, wanted)| {
        let rooms = |rooms: Option<&u32>| rooms.copied().unwrap_or_default();
        format!("the {} hotel has {} rooms taken on {night}, expected {}", hotel.name(), rooms(seen), rooms(wanted))
    }));
    told
}

fn unequal<K: Ord, V: PartialEq>(
    seen: &BTreeMap<K, V>,
    wanted: &BTreeMap<K, V>,
    tell: impl Fn(&K, (Option<&V>, Option<&V>)) -> String,
) -> Vec<String> {
    let keys: BTreeSet<&K> = seen.keys().chain(wanted.keys()).collect();
    let mut unequal = keys.into_iter().filter(|key| seen.get(key) != wanted.get(key));
    let mut told: Vec<String> =
        unequal.by_ref().take(TOLD_MAX).map(|key| tell(key, (seen.get(key), wanted.get(key)))).collect();
    let more = unequal.count();
    if more > 0 {
        told.push(format!("and {more} more like the last"));
    }
    told
}

/// An entry of the file of references.
#[derive(Debug, Deserialize)]
struct Reference {
    stats: BTreeMap<String, u32>,
    peak_on_the_books: BTreeMap<String, ReferencePeak>,
    final_occupancy_sha256: String,
    accept_bits_sha256: String,
}

#[derive(Debug, Deserialize)]
struct ReferencePeak {
    rooms: u32,
    night: Date,
    reached_on: Date,
}

#[derive(Deserialize)]
struct File {
    reference_replays: BTreeMap<String, Reference>,
}

/// How `outcome` differs from the entry `name` of the references in `path`, in sentences.
///
/// # Errors
/// The file cannot be read or has no such entry.
pub fn differences_to_entry(outcome: &Outcome, path: &Path, name: &str) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let file: File = serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
    let names = || file.reference_replays.keys().cloned().collect::<Vec<_>>().join(", ");
    let entry = file.reference_replays.get(name);
    let entry = entry.with_context(|| format!("{} has no entry `{name}`, but {}", path.display(), names()))?;
    Ok(entry.differences(outcome))
}

impl Reference {
    fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let mut compared = vec![
            ("decisions".to_owned(), outcome.decisions_sha256(), self.accept_bits_sha256.clone()),
            ("occupancy".to_owned(), outcome.occupancy_sha256(), self.final_occupancy_sha256.clone()),
        ];
        for hotel in Hotel::ALL {
            let name = hotel.name();
            let Figures { accepted, rejected, cancelled, day_use: _, peak } =
                outcome.figures.get(&hotel).copied().unwrap_or_default();
            for (stat, seen) in [("accepted", accepted), ("rejected", rejected), ("canceled_after_accept", cancelled)] {
                let stat = format!("{name}.{stat}");
                let wanted = self.stats.get(&stat).copied().unwrap_or_default();
                compared.push((stat, seen.to_string(), wanted.to_string()));
            }
            let seen = peak.map(|peak| (peak.rooms, peak.night, peak.reached_on));
            let wanted = self.peak_on_the_books.get(name).map(|peak| (peak.rooms, peak.night, peak.reached_on));
            compared.push((format!("{name} peak"), told(seen), told(wanted)));
        }
        let different = compared.into_iter().filter(|(_, seen, wanted)| seen != wanted);
        different.map(|(what, seen, wanted)| format!("{what}: {seen}, expected {wanted}")).collect()
    }
}

fn told(peak: Option<(u32, Date, Date)>) -> String {
    peak.map_or_else(|| "none".to_owned(), |(rooms, night, on)| format!("{rooms} rooms for {night}, reached on {on}"))
}
