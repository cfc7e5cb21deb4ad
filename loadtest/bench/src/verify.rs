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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Accepted, Outcome, Settled};
    use crate::plan::Kind;
    use crate::shelf::Shelf;
    use crate::tally::{Tally, Window};
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use uuid::Uuid;

    const UNITS: u64 = 100;

    /// A platform that says of every reservation that it is `status`, and of every offering that `free` are free.
    async fn saying(status: &'static str, free: u64) -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0; 1024];
                let length = stream.read(&mut asked).await.unwrap();
                let body = if asked[..length].starts_with(b"GET /availability?") {
                    format!(r#"{{"buckets":[{{"bucket":"2031-05-01","units":{UNITS},"free":{free}}}]}}"#)
                } else {
                    format!(r#"{{"status":"{status}"}}"#)
                };
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    /// One offering, of which three reservations were accepted and `confirmed` of them confirmed.
    fn ended(confirmed: usize) -> Ended {
        let from = Instant::now();
        let mut tally = Tally::new(Window { from, until: None }, 1, 10).unwrap();
        let accepted = Accepted { begun: from, offering: 0 };
        for id in 0..3 {
            tally.accept(Uuid::from_u128(id), accepted, from);
        }
        for _ in 0..confirmed {
            tally.settle(accepted, Settled { outcome: Outcome::Confirmed, at: from });
        }
        let shelf = Shelf { offerings: vec![Uuid::from_u128(9)], kind: Kind::Nights, units: UNITS };
        Ended { shelf, tally, unsettled: 3 - confirmed }
    }

    async fn findings(ended: &Ended, status: &'static str, free: u64) -> Vec<String> {
        Verification::of(ended, &saying(status, free).await, 10).await.unwrap().findings
    }

    #[tokio::test]
    async fn holds_only_if_everything_is_as_told() {
        assert_eq!(findings(&ended(3), "confirmed", UNITS - 3).await, Vec::<String>::new());
        assert_eq!(findings(&ended(3), "held", UNITS - 3).await.len(), 3);
        for free in [UNITS - 2, UNITS - 4] {
            let found = findings(&ended(3), "confirmed", free).await;
            assert!(matches!(found.as_slice(), [one] if one.contains("3 are taken")), "{found:?}");
        }
        let found = findings(&ended(2), "confirmed", UNITS - 3).await;
        assert!(matches!(found.as_slice(), [one] if one.starts_with("1 reservations")), "{found:?}");
    }

    #[tokio::test]
    async fn what_was_never_accepted_proves_nothing() {
        let mut nothing = ended(3);
        nothing.tally = Tally::new(nothing.tally.window, 1, 10).unwrap();
        assert_eq!(findings(&nothing, "confirmed", UNITS).await, ["nothing was accepted"]);
    }

    #[tokio::test]
    async fn an_outcome_that_is_not_known_is_a_finding() {
        let mut ended = ended(3);
        ended.tally.unknown = 2;
        assert_eq!(findings(&ended, "confirmed", UNITS - 3).await.len(), 1);
    }
}
