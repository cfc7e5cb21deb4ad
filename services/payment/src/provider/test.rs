//! A provider for tests and demonstrations: its methods of payment behave as their names say.

use super::book::{Arrival, Entered};
use super::ledger::Ledger;
use super::line::{Call, Done, Line};
use super::{Charge, Charged, Provider, ProviderError, Refund};
use jiff::SignedDuration;
use kernel::Clock;
use std::path::PathBuf;
use std::time::Duration;

/// How long `card-slow` takes.
const SLOW_SECONDS: u32 = 5;
/// How long `card-late` takes, which is longer than anybody waits for it.
const LATE_SECONDS: u32 = 20;
/// How long the ledger takes at most with a call whose caller gave up.
const LEDGER_SECONDS_MAX: u32 = 1;

/// A provider that is a file.
#[derive(Clone, Debug)]
pub struct TestProvider {
    ledger: Ledger,
    clock: Clock,
}

impl TestProvider {
    /// A provider whose truth is the file `ledger`; while a file `outage` exists, it cannot be reached.
    pub fn open(ledger: PathBuf, outage: Option<PathBuf>) -> Self {
        Self { ledger: Ledger::open(ledger, outage), clock: Clock::system() }
    }

    /// The seconds until a capture with this method reaches the ledger.
    fn delay_seconds(charge: &Charge) -> u32 {
        match charge.method.as_str() {
            "card-slow" => SLOW_SECONDS,
            "card-late" => LATE_SECONDS,
            _ => 0,
        }
    }

    fn arrival(&self, call: Call, charge: &Charge) -> Arrival {
        let line = Line {
            at: self.clock.now().to_string(),
            call,
            key: String::new(),
            reservation_id: charge.reservation.0,
            amount: charge.total.amount(),
            currency: charge.total.currency().to_string(),
            method: charge.method.as_str().to_owned(),
            outcome: Done::Failed,
            repeat: false,
        };
        Arrival { call, capture: charge.key.to_string(), goal: None, line }
    }
}

impl Provider for TestProvider {
    async fn capture(&self, charge: &Charge) -> Result<Charged, ProviderError> {
        let (ledger, mut arrival) = (self.ledger.clone(), self.arrival(Call::Capture, charge));
        let (clock, delay) = (self.clock, Duration::from_secs(Self::delay_seconds(charge).into()));
        let enter = async move {
            tokio::time::sleep(delay).await;
            arrival.line.at = clock.now().to_string();
            ledger.enter(arrival).await
        };
        let entered = if charge.method.as_str() == "card-late" {
            // It goes on by itself when nobody waits any more.
            tokio::spawn(enter).await.map_err(|_| ProviderError::NoAnswer)??
        } else {
            enter.await?
        };
        if charge.method.as_str() == "card-unknown" && !entered.repeat {
            return Err(ProviderError::NoAnswer);
        }
        match entered.outcome {
            Done::Captured => charged(&entered),
            Done::Declined => Err(ProviderError::Refused { reason: reason(&charge.method).to_owned() }),
            Done::Failed | Done::Found | Done::NotFound | Done::Refunded | Done::Refused => Err(ProviderError::Failed),
        }
    }

    async fn find(&self, charge: &Charge) -> Result<Option<Charged>, ProviderError> {
        let entered = self.ledger.enter(self.arrival(Call::Find, charge)).await?;
        match entered.outcome {
            Done::Found => charged(&entered).map(Some),
            Done::NotFound => Ok(None),
            Done::Captured | Done::Declined | Done::Failed | Done::Refunded | Done::Refused => {
                Err(ProviderError::Failed)
            }
        }
    }

    fn charges_within(&self, charge: &Charge) -> SignedDuration {
        SignedDuration::from_secs(i64::from(Self::delay_seconds(charge) + LEDGER_SECONDS_MAX))
    }

    async fn refund(&self, refund: &Refund) -> Result<(), ProviderError> {
        let mut arrival = self.arrival(Call::Refund, &refund.charge);
        (arrival.goal, arrival.line.amount) = (Some(refund.goal), refund.amount);
        match self.ledger.enter(arrival).await?.outcome {
            Done::Refunded => Ok(()),
            Done::Refused => Err(ProviderError::Refused { reason: "nothing-to-give-back".into() }),
            Done::Captured | Done::Declined | Done::Failed | Done::Found | Done::NotFound => Err(ProviderError::Failed),
        }
    }
}

fn charged(entered: &Entered) -> Result<Charged, ProviderError> {
    entered.at.parse().map(|at| Charged { at }).map_err(|_| ProviderError::Failed)
}

fn reason(method: &kernel::Label) -> &'static str {
    if method.as_str() == "card-declined" { "card-declined" } else { "unknown-method" }
}
