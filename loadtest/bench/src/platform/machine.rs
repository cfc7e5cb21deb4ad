//! What the figures were taken on.

use anyhow::Context;
use serde::Serialize;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes that are timed.
const SYNCS: usize = 200;
/// What one of them writes, in bytes: a page of Postgres.
const PAGE_BYTES: usize = 8 * 1024;
/// No disk is faster than this; what is does not write through.
const SYNC_US_MIN: u128 = 20;

/// The machine, and the disk below the databases.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub kernel: String,
    pub file_system: String,
    pub fsync_us_p50: u128,
    pub fsync_us_p99: u128,
    pub fsync_is_real: bool,
}

impl Machine {
    /// Reads `/proc` and times writes to a file in `dir`.
    pub fn look(dir: &Path) -> anyhow::Result<Self> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let mut sync_us = sync_times(dir).with_context(|| format!("writing in {}", dir.display()))?;
        sync_us.sort_unstable();
        let at = |part: usize| sync_us.get(sync_us.len() * part / 100).map_or(0, Duration::as_micros);
        let file_system = file_system(&read("/proc/mounts"), &dir.canonicalize()?);
        Ok(Self {
            processor: processor(&read("/proc/cpuinfo")),
            cores: std::thread::available_parallelism()?.get(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            fsync_is_real: file_system != "tmpfs" && at(50) >= SYNC_US_MIN,
            file_system,
            fsync_us_p50: at(50),
            fsync_us_p99: at(99),
        })
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let real = if self.fsync_is_real { "real" } else { "NOT real: nothing below is durable" };
        write!(
            f,
            "{} cores of {}, Linux {}, {}; fdatasync of 8 kB p50 {} µs, p99 {} µs ({real})",
            self.cores, self.processor, self.kernel, self.file_system, self.fsync_us_p50, self.fsync_us_p99
        )
    }
}

fn sync_times(dir: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file: File = tempfile::tempfile_in(dir)?;
    let page = [0x5a; PAGE_BYTES];
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&page)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

fn processor(text: &str) -> String {
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let named = field("model name").filter(|name| name.parse::<u64>().is_err());
    named.or_else(|| Some(format!("{} family {}", field("vendor_id")?, field("cpu family")?))).unwrap_or_default()
}

/// The type of the deepest mount that `dir` lies under.
fn file_system(mounts: &str, dir: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(mount, _)| dir.starts_with(mount)).max_by_key(|(mount, _)| mount.len());
    above.map_or_else(String::new, |(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_tells_the_file_system() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/vdb /tmpx xfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/var/tmp")), "ext4");
        assert_eq!(file_system(mounts, Path::new("/tmp/a")), "tmpfs");
        assert_eq!(file_system(mounts, Path::new("/tmpx/a")), "xfs");
    }

    #[test]
    fn a_processor_without_a_name_has_a_family() {
        let text = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n";
        assert_eq!(processor(text), "GenuineIntel family 6");
        assert_eq!(processor(&format!("{text}model name\t: Xeon @ 2.00GHz\n")), "Xeon @ 2.00GHz");
        assert_eq!(processor(""), "");
    }
}
