//! Start, processor time, memory and files of this process, under the names that every Prometheus client gives them.

/// Sets the gauges; a system without `/proc` tells nothing.
#[cfg(target_os = "linux")]
pub(super) fn measure() {
    if let Err(error) = read() {
        tracing::debug!(%error, "the process cannot be measured");
    }
}

/// Sets the gauges; a system without `/proc` tells nothing.
#[cfg(not(target_os = "linux"))]
pub(super) const fn measure() {}

#[cfg(target_os = "linux")]
fn read() -> procfs::ProcResult<()> {
    use procfs::{CurrentSI, WithCurrentSystemInfo};
    let process = procfs::process::Process::myself()?;
    let stat = process.stat()?;
    let ticks = procfs::ticks_per_second();
    let booted = procfs::KernelStats::current()?.btime;
    let started = booted + stat.starttime / ticks;
    metrics::counter!("process_cpu_seconds_total").absolute((stat.utime + stat.stime) / ticks);
    metrics::gauge!("process_start_time_seconds").set(as_float(started));
    metrics::gauge!("process_resident_memory_bytes").set(as_float(stat.rss_bytes().get()));
    metrics::gauge!("process_open_fds").set(as_float(process.fd_count()? as u64));
    Ok(())
}

#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "a gauge; seconds, bytes and files are far below 2^53")]
fn as_float(count: u64) -> f64 {
    count as f64
}
