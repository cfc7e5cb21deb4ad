//! What a load came to, for people and for machines.

use crate::load::Ended;
use crate::plan::Plan;
use crate::tally::Rate;
use crate::verify::Verification;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Everything about one load.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub plan: Plan,
    pub measured_seconds: f64,
    /// Answered 201 or 202.
    pub accepted: Rate,
    /// Seen confirmed by the event at the end of the choreography; the latency is from the request's begin.
    pub confirmed: Rate,
    /// In all, with the warm-up.
    pub accepted_all: u64,
    pub confirmed_all: u64,
    pub refusals: BTreeMap<String, u64>,
    pub faults: BTreeMap<String, u64>,
    pub verification: Verification,
}

impl Report {
    pub fn new(plan: &Plan, ended: &Ended, verification: Verification) -> Self {
        let (tally, seconds) = (&ended.tally, ended.tally.seconds());
        Self {
            plan: plan.clone(),
            measured_seconds: seconds,
            accepted: tally.accepted.rate(seconds),
            confirmed: tally.confirmed.rate(seconds),
            accepted_all: tally.accepted_all,
            confirmed_all: tally.confirmed_all,
            refusals: tally.refusals.clone(),
            faults: tally.faults.clone(),
            verification,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        writeln!(
            f,
            "{} callers, {} {} offerings, {}, {:.1} s measured after {} s",
            plan.callers,
            plan.offerings(),
            plan.kind.name(),
            plan.payment.name(),
            self.measured_seconds,
            plan.warmup_seconds
        )?;
        let heads = ["", "per second", "count", "p50 ms", "p99 ms", "p99.9 ms", "max ms"];
        let [name, columns @ ..] = heads;
        write!(f, "{name:<10}")?;
        columns.iter().try_for_each(|head| write!(f, "{head:>11}"))?;
        for (name, rate) in [("accepted", &self.accepted), ("confirmed", &self.confirmed)] {
            write!(f, "\n{name:<10}{:>11.0}{:>11}", rate.per_second, rate.count)?;
            [rate.p50_ms, rate.p99_ms, rate.p999_ms, rate.max_ms].iter().try_for_each(|ms| write!(f, "{ms:>11.1}"))?;
        }
        for (what, counts) in [("refused", &self.refusals), ("fault, sent again", &self.faults)] {
            counts.iter().try_for_each(|(kind, count)| write!(f, "\n{what}: {count} × {kind}"))?;
        }
        write!(f, "\n{}", self.verification)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reservations, offerings) = (self.reservations, self.offerings);
        if self.holds() {
            return write!(
                f,
                "verified: {reservations} reservations are confirmed, {offerings} offerings have exactly units − \
                 accepted free"
            );
        }
        write!(f, "NOT verified ({reservations} reservations, {offerings} offerings looked at):")?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}
