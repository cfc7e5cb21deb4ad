//! Afterwards: does the platform say what the callers were told?

use crate::http::{Address, Client};
use crate::load::Ended;
use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

/// Calls at the same time.
const CALLS_MAX: usize = 16;
/// So many findings are told in words.
const WORDS_MAX: usize = 10;

/// What was looked at, and what was wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verification {
    pub reservations: usize,
    pub offerings: usize,
    pub findings: Vec<String>,
}

#[derive(Deserialize)]
struct Standing {
    status: String,
}

impl Verification {
    /// Asks for the sampled reservations, and for the free units of the offerings, up to `offerings_max` of them.
    pub async fn of(ended: &Ended, reservation: &Address, offerings_max: usize) -> anyhow::Result<Self> {
        let mut found = Self::default();
        let sample = ended.tally.sample();
        found.reservations = sample.len();
        let calls = sample.iter().map(|id| async move {
            let mut client = Client::new(reservation);
            let answer = client.get(&format!("/reservations/{id}")).await?;
            ensure!(answer.status == 200, "reservation {id}: {}", answer.status);
            let standing: Standing = serde_json::from_slice(answer.body).context("a reservation")?;
            Ok((standing.status != "confirmed").then(|| format!("reservation {id} is {}", standing.status)))
        });
        found.findings.extend(collect(calls).await?);
        let offerings = ended.shelf.offerings.iter().zip(&ended.tally.taken).take(offerings_max);
        found.offerings = offerings.len();
        let calls = offerings.map(|(offering, taken)| async move {
            let bucket = ended.shelf.look(&mut Client::new(reservation), *offering).await?;
            let bucket = bucket.context("an offering is gone")?;
            let right = bucket.units == ended.shelf.units && bucket.free.checked_add(*taken) == Some(bucket.units);
            Ok((!right).then(|| format!("{offering}: {bucket:?}, but {taken} are taken")))
        });
        found.findings.extend(collect(calls).await?);
        found.count(ended);
        let more = found.findings.len().saturating_sub(WORDS_MAX);
        if more > 0 {
            found.findings.truncate(WORDS_MAX);
            found.findings.push(format!("and {more} more"));
        }
        Ok(found)
    }

    /// What the callers' own counts say.
    fn count(&mut self, ended: &Ended) {
        let tally = &ended.tally;
        let counted = [
            (ended.unsettled as u64, "accepted, but no event told their end"),
            (tally.unknown, "sent again and again, but never answered"),
            (tally.fallen, "accepted, but rejected or expired in the end"),
        ];
        let told = counted.iter().filter(|(count, _)| *count > 0);
        self.findings.extend(told.map(|(count, what)| format!("{count} reservations were {what}")));
        let [accepted, ended] = [tally.accepted_all, tally.confirmed_all + tally.fallen + ended.unsettled as u64];
        if accepted != ended {
            self.findings.push(format!("{accepted} reservations were accepted, {ended} accounted for"));
        }
        if accepted == 0 {
            self.findings.push("nothing was accepted".to_owned());
        }
    }

    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

async fn collect<C: Future<Output = anyhow::Result<Option<String>>>>(
    calls: impl Iterator<Item = C>,
) -> anyhow::Result<Vec<String>> {
    stream::iter(calls).buffer_unordered(CALLS_MAX).try_filter_map(async |found| Ok(found)).try_collect().await
}
