//! Guests who arrive at a steady pace, whether or not those before them have been answered, and what each was told.

use crate::fixture::client::{Answer, Client};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// What one guest saw.
#[derive(Debug)]
pub struct Visit {
    /// When the guest asked.
    pub at: Instant,
    pub took: Duration,
    /// What was asked for: the index of the wish.
    pub kind: usize,
    pub answer: Answer,
}

impl Visit {
    pub fn status(&self) -> u16 {
        self.answer.status
    }
}

/// Guests of a steady pace.
pub struct Arrivals {
    client: Client,
    wishes: Vec<Value>,
    visits: JoinSet<Visit>,
    count: usize,
}

impl Arrivals {
    /// Guests who want each of `wishes` in turn.
    pub fn new(client: &Client, wishes: Vec<Value>) -> Self {
        Self { client: client.clone(), wishes, visits: JoinSet::new(), count: 0 }
    }

    /// Lets one guest come each `pace` for `length`. They are not waited for.
    pub async fn come(&mut self, pace: Duration, length: Duration) {
        let mut ticks = tokio::time::interval(pace);
        // Guests do not stay away because the machine was busy.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let end = Instant::now() + length;
        while Instant::now() < end {
            ticks.tick().await;
            self.one();
        }
    }

    fn one(&mut self) {
        let kind = self.count % self.wishes.len();
        self.count += 1;
        let (client, body) = (self.client.clone(), self.wishes[kind].clone());
        self.visits.spawn(async move {
            let at = Instant::now();
            let answer = client.post("/reservations", &body).await;
            Visit { at, took: at.elapsed(), kind, answer }
        });
    }

    /// What everybody saw, in order of arrival.
    pub async fn seen(self) -> Vec<Visit> {
        let mut visits = self.visits.join_all().await;
        visits.sort_by_key(|visit| visit.at);
        visits
    }
}

/// The duration that this share of `visits` stayed within.
pub fn within<'a>(visits: impl IntoIterator<Item = &'a Visit>, share: f64) -> Duration {
    let mut took: Vec<Duration> = visits.into_iter().map(|visit| visit.took).collect();
    took.sort();
    assert!(!took.is_empty(), "nobody came");
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let rank = ((took.len() as f64 * share).ceil() as usize).clamp(1, took.len());
    took[rank - 1]
}
