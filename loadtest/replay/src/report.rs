//! What the tool prints and writes.

use replay::{Figures, Outcome, Plan};
use std::fmt::Write as _;
use std::time::Duration;

/// The figures of both hotels, and the two hashes.
pub fn text(plan: &Plan, outcome: &Outcome) -> String {
    let mut lines = vec![format!("{} events of {} bookings", plan.events().len(), outcome.decisions.len())];
    for (hotel, figures) in &outcome.figures {
        let Figures { accepted, rejected, cancelled, day_use, peak } = figures;
        let peak = peak.map_or_else(String::new, |peak| {
            format!(", at most {} rooms, for {} on {}", peak.rooms, peak.night, peak.reached_on)
        });
        lines.push(format!(
            "{:7}{accepted} accepted ({day_use} by day, without a call), {rejected} rejected, {cancelled} cancelled{peak}",
            hotel.name(),
        ));
    }
    lines.push(format!("decisions sha256 {}", outcome.decisions_sha256()));
    lines.push(format!("occupancy sha256 {}", outcome.occupancy_sha256()));
    lines.join("\n")
}

/// How fast it was.
pub fn rate(calls: usize, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(f64::EPSILON);
    let calls_per_second = f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / seconds;
    format!("{calls} calls in {seconds:.1} s, {calls_per_second:.0}/s")
}

/// A line for each booking, by number: `1` accepted, `0` rejected.
pub fn decisions(outcome: &Outcome) -> String {
    let mut text = "booking_no,accepted\n".to_owned();
    for (number, accepted) in &outcome.decisions {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "{number},{}", u8::from(*accepted));
    }
    text
}
