//! The state file: every answer, written before anything that depends on it is sent.
//!
//! After an interruption the answers of calls under way are unknown. They are asked again with the same key: an
//! accepted booking is answered as it was, a cancel is the same twice, and a refused one is decided again, by the same
//! books as before, because nothing that shares a night with it was sent before its refusal stood here. A refusal is
//! therefore also forced to the disk; what else a power cut may take from this file, the platform says again.

use crate::plan::Hotel;
use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// The platform forgets keys after 24 hours; what was under way longer ago cannot be asked again.
const AGE_MAX: Duration = Duration::from_secs(23 * 3_600);

/// What a state file belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Names the run on the platform.
    pub run: String,
    /// Of the plan.
    pub sha256: String,
    pub city: u32,
    pub resort: u32,
    pub payment: String,
}

/// One fact that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Offering(Hotel, Uuid),
    Accepted(u32, Uuid),
    Rejected(u32),
    Cancelled(u32),
}

/// What is known, in memory and, if the run has a state file, there.
#[derive(Debug)]
pub struct Journal {
    file: Option<(File, PathBuf)>,
    pub run: String,
    pub offerings: BTreeMap<Hotel, Uuid>,
    /// Of accepted bookings by number, `None` of rejected ones.
    pub decisions: HashMap<u32, Option<Uuid>>,
    pub cancelled: HashSet<u32>,
}

impl Journal {
    /// Begins a run, or goes on with the one that `path` tells of; a new run without a name gets one of its own.
    pub fn open(path: Option<&Path>, header: &Header) -> anyhow::Result<Self> {
        let mut journal = Self {
            file: None,
            run: header.run.clone(),
            offerings: BTreeMap::new(),
            decisions: HashMap::new(),
            cancelled: HashSet::new(),
        };
        if journal.run.is_empty() {
            journal.run = Uuid::new_v4().to_string();
        }
        if let Some(path) = path {
            journal.load(path, header).with_context(|| format!("the state file {}", path.display()))?;
        }
        Ok(journal)
    }

    fn load(&mut self, path: &Path, header: &Header) -> anyhow::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock().context("another replay writes it")?;
        let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // An interruption may have cut the last line short.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(u64::try_from(whole)?)?;
        let mut lines = text[..whole].lines();
        match lines.next() {
            None => {
                let header = Header { run: self.run.clone(), ..header.clone() };
                writeln!(file, "{}", serde_json::to_string(&header)?)?;
            }
            Some(first) => {
                ensure!(age < AGE_MAX, "was last written too long ago to go on with; begin a new run with another");
                let known: Header = serde_json::from_str(first).context("is not one of a replay")?;
                let same = Header { run: known.run.clone(), ..header.clone() } == known;
                ensure!(same, "belongs to another plan, other capacities or another payment");
                let renamed = !header.run.is_empty() && header.run != known.run;
                ensure!(!renamed, "belongs to the run {}", known.run);
                self.run = known.run;
            }
        }
        for (line, number) in lines.zip(2..) {
            self.learn(Entry::parse(line).with_context(|| format!("line {number} is `{line}`"))?);
        }
        self.file = Some((file, path.to_owned()));
        Ok(())
    }

    /// Keeps `entry`: in the file before this returns, a refusal also on the disk.
    pub fn keep(&mut self, entry: Entry) -> anyhow::Result<()> {
        if let Some((file, path)) = &mut self.file {
            let mut write = || {
                file.write_all(entry.line().as_bytes())?;
                if matches!(entry, Entry::Rejected(_)) { file.sync_data() } else { Ok(()) }
            };
            write().with_context(|| format!("the state file {}", path.display()))?;
        }
        self.learn(entry);
        Ok(())
    }

    fn learn(&mut self, entry: Entry) {
        match entry {
            Entry::Offering(hotel, id) => {
                self.offerings.insert(hotel, id);
            }
            Entry::Accepted(number, id) => {
                self.decisions.insert(number, Some(id));
            }
            Entry::Rejected(number) => {
                self.decisions.insert(number, None);
            }
            Entry::Cancelled(number) => {
                self.cancelled.insert(number);
            }
        }
    }
}

impl Entry {
    fn line(self) -> String {
        match self {
            Self::Offering(hotel, id) => format!("offering {} {id}\n", hotel.name()),
            Self::Accepted(number, id) => format!("accepted {number} {id}\n"),
            Self::Rejected(number) => format!("rejected {number}\n"),
            Self::Cancelled(number) => format!("cancelled {number}\n"),
        }
    }

    fn parse(line: &str) -> anyhow::Result<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        Ok(match words[..] {
            ["offering", name, id] => {
                let hotel = Hotel::ALL.into_iter().find(|hotel| hotel.name() == name);
                Self::Offering(hotel.context("no such hotel")?, id.parse()?)
            }
            ["accepted", number, id] => Self::Accepted(number.parse()?, id.parse()?),
            ["rejected", number] => Self::Rejected(number.parse()?),
            ["cancelled", number] => Self::Cancelled(number.parse()?),
            _ => bail!("no such entry"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(run: &str) -> Header {
        Header { run: run.into(), sha256: "00".into(), city: 2, resort: 1, payment: "none".into() }
    }

    #[test]
    fn what_was_kept_is_known_again_but_for_a_line_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let (offering, reservation) = (Uuid::new_v4(), Uuid::new_v4());
        let mut first = Journal::open(Some(&path), &header("")).unwrap();
        for entry in [
            Entry::Offering(Hotel::Resort, offering),
            Entry::Accepted(7, reservation),
            Entry::Rejected(8),
            Entry::Cancelled(7),
        ] {
            first.keep(entry).unwrap();
        }
        let run = first.run.clone();
        drop(first);
        File::options().append(true).open(&path).unwrap().write_all(b"rejected 1").unwrap();
        for _ in 0..2 {
            let mut again = Journal::open(Some(&path), &header("")).unwrap();
            assert_eq!(again.run, run);
            assert_eq!(again.offerings, BTreeMap::from([(Hotel::Resort, offering)]));
            assert_eq!(again.decisions, HashMap::from([(7, Some(reservation)), (8, None)]));
            assert_eq!(again.cancelled, HashSet::from([7]));
            again.keep(Entry::Rejected(8)).unwrap();
        }
    }

    #[test]
    fn another_runs_state_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        drop(Journal::open(Some(&path), &header("one")).unwrap());
        for (other, why) in [
            (header("two"), "belongs to the run one"),
            (Header { city: 3, ..header("one") }, "other capacities"),
            (Header { sha256: "01".into(), ..header("") }, "another plan"),
        ] {
            let fault = format!("{:#}", Journal::open(Some(&path), &other).unwrap_err());
            assert!(fault.contains(why), "{fault}");
        }
        let held = Journal::open(Some(&path), &header("one")).unwrap();
        let fault = format!("{:#}", Journal::open(Some(&path), &header("one")).unwrap_err());
        assert!(fault.contains("another replay writes it"), "{fault}");
        drop(held);
        let old = std::fs::File::options().append(true).open(&path).unwrap();
        let written = old.metadata().unwrap().modified().unwrap() - AGE_MAX;
        old.set_modified(written).unwrap();
        let fault = format!("{:#}", Journal::open(Some(&path), &header("one")).unwrap_err());
        assert!(fault.contains("too long ago"), "{fault}");
    }
}
