//! Listens to how reservations end.

use crate::board::{Board, Outcome, Settled};
use crate::tally::Tally;
use anyhow::Context;
use async_nats::{Subject, Subscriber};
use futures_util::StreamExt;
use futures_util::stream::select_all;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use uuid::Uuid;

/// Events that may wait for this process; what comes beyond is lost to it, and verification says so.
const WAITING_MAX: usize = 1 << 17;
const ENDS: [(&str, Outcome); 3] =
    [("confirmed", Outcome::Confirmed), ("rejected", Outcome::Rejected), ("expired", Outcome::Expired)];

/// Subscriptions that the broker knows of: no end of a reservation placed from now on is missed.
pub struct Ear {
    /// Keeps the connection.
    _client: async_nats::Client,
    ends: Vec<Subscriber>,
}

impl Ear {
    pub async fn open(nats_url: &str) -> anyhow::Result<Self> {
        let options = async_nats::ConnectOptions::new().name("bench").subscription_capacity(WAITING_MAX);
        let client = options.connect(nats_url).await.with_context(|| format!("the broker at {nats_url}"))?;
        let mut ends = Vec::new();
        for (event, _) in ENDS {
            ends.push(client.subscribe(format!("evt.reservation.{event}.*")).await?);
        }
        client.flush().await?;
        Ok(Self { _client: client, ends })
    }

    /// Tells the board and the tally of every end, until it is dropped.
    pub async fn listen(self, board: &Board, tally: &Mutex<Tally>) {
        let mut ends = select_all(self.ends);
        while let Some(message) = ends.next().await {
            let Some((id, outcome)) = end(&message.subject) else { continue };
            let settled = Settled { outcome, at: Instant::now() };
            if let Some(accepted) = board.settle(id, settled) {
                tally.lock().unwrap_or_else(PoisonError::into_inner).settle(accepted, settled);
            }
        }
    }
}

/// Which reservation a subject is about, and how that one ended.
fn end(subject: &Subject) -> Option<(Uuid, Outcome)> {
    let (event, id) = subject.strip_prefix("evt.reservation.")?.split_once('.')?;
    let (_, outcome) = ENDS.iter().find(|(name, _)| *name == event)?;
    Some((Uuid::try_parse(id).ok()?, *outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_tells_which_and_how() {
        let id = Uuid::from_u128(7);
        let read = |subject: String| end(&subject.into());
        assert_eq!(read(format!("evt.reservation.confirmed.{id}")), Some((id, Outcome::Confirmed)));
        assert_eq!(read(format!("evt.reservation.expired.{id}")), Some((id, Outcome::Expired)));
        assert_eq!(read(format!("evt.reservation.held.{id}")), None);
        assert_eq!(read(format!("evt.payment.confirmed.{id}")), None);
        assert_eq!(read("evt.reservation.confirmed.x".into()), None);
        assert_eq!(read("evt.reservation.confirmed".into()), None);
    }
}
