//! Drives a plan through the platform: as many calls under way as the schedule and the bound allow.

use crate::journal::{Entry, Header, Journal};
use crate::outcome::{Capacities, Outcome};
use crate::plan::{Booking, Hotel, Op, Plan};
use crate::platform::{Placed, Platform, Urls};
use crate::schedule::Schedule;
use anyhow::{Context, ensure};
use jiff::civil::Date;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Longest name of a run: with what stands before it, a business's name is 64 characters at most.
const RUN_CHARS_MAX: usize = 48;
/// 30 days, the longest there is: no hold ends while the replay goes on, however far payment is behind.
const HOLD_SECONDS: i64 = 2_592_000;
/// A night's price in cents.
const PRICE: i64 = 9_000;

/// How the two offerings take money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    SettleLater,
    None,
    Prepay,
}

impl Payment {
    /// As an offering names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SettleLater => "settle_later",
            Self::None => "none",
            Self::Prepay => "prepay",
        }
    }
}

/// How a plan is replayed.
#[derive(Clone, Debug)]
pub struct Config {
    pub urls: Urls,
    pub capacities: Capacities,
    pub payment: Payment,
    /// Names the run on the platform, once; without it, a new one gets a name of its own.
    pub run: Option<String>,
    /// Most calls under way at once, for both hotels together; 0 counts as 1.
    pub in_flight: usize,
    /// Where answers are kept, so that an interrupted run can go on.
    pub state: Option<PathBuf>,
}

impl Config {
    /// A run of its own through one entry, 64 calls at once, with the rooms that the hotels had.
    #[must_use]
    pub fn entry(url: &str) -> Self {
        Self {
            urls: Urls::entry(url),
            capacities: Capacities::REALISED,
            payment: Payment::SettleLater,
            run: None,
            in_flight: 64,
            state: None,
        }
    }
}

/// How far a replay has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bookings and cancels that are done, including those of day use.
    pub done: usize,
    /// Of so many.
    pub of: usize,
    /// Bookings and cancels that the platform answered in this session.
    pub calls: usize,
}

/// Replays `plan`, and tells what the platform answered and what it says about every night at the end.
///
/// # Errors
/// The platform answered something else than accepted or sold out, was away for two minutes, knows the run's name
/// already, or the state file cannot be used. The same call goes on where it ended, if it has a state file.
pub async fn run(config: &Config, plan: &Plan, progress: impl FnMut(Progress)) -> anyhow::Result<Outcome> {
    let run = config.run.clone().unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let named = run.len() <= RUN_CHARS_MAX && run.chars().all(plain);
    ensure!(named, "a run's name has up to {RUN_CHARS_MAX} letters, digits, `-`, `_` and `.`, not `{run}`");
    let Capacities { city, resort } = config.capacities;
    let header = Header { run, sha256: plan.sha256(), city, resort, payment: config.payment.name().to_owned() };
    let mut replay = Replay {
        journal: Journal::open(config.state.as_deref(), &header)?,
        platform: Platform::new(&config.urls)?,
        plan,
        progress,
        reached: Progress::default(),
    };
    replay.publish(config).await?;
    replay.drive(config.in_flight.max(1)).await?;
    let decisions = &replay.journal.decisions;
    let told = Outcome::tell(plan, |_, booking| booking.is_day_use() || accepted(decisions.get(&booking.number)));
    Ok(Outcome { occupancy: replay.occupancy().await?, ..told })
}

fn accepted<T>(decision: Option<&Option<T>>) -> bool {
    matches!(decision, Some(Some(_)))
}

/// What the platform is asked.
enum Call {
    Place { offering: Uuid, key: String, booking: Booking },
    Cancel { number: u32, reservation: Uuid },
}

impl Call {
    async fn send(self, platform: Platform) -> anyhow::Result<Entry> {
        match self {
            Self::Place { offering, key, booking } => Ok(match platform.place(offering, &key, &booking).await? {
                Placed::Accepted(id) => Entry::Accepted(booking.number, id),
                Placed::SoldOut => Entry::Rejected(booking.number),
            }),
            Self::Cancel { number, reservation } => {
                platform.cancel(reservation).await?;
                Ok(Entry::Cancelled(number))
            }
        }
    }
}

struct Replay<'a, P> {
    journal: Journal,
    platform: Platform,
    plan: &'a Plan,
    progress: P,
    reached: Progress,
}

impl<P: FnMut(Progress)> Replay<'_, P> {
    /// Publishes both hotels, or finds those of the run that is gone on with.
    async fn publish(&mut self, config: &Config) -> anyhow::Result<()> {
        let run = self.journal.run.clone();
        for hotel in Hotel::ALL {
            let mut offering = json!({
                "business": format!("replay-{run}"), "name": format!("{} hotel", hotel.name()), "kind": "nights",
                "units": config.capacities.of(hotel), "timezone": "Europe/Lisbon",
                "price": { "amount": PRICE, "currency": "EUR" }, "payment": config.payment.name(),
            });
            if config.payment == Payment::SettleLater {
                offering["hold_seconds"] = HOLD_SECONDS.into();
            }
            let key = format!("{run}-{}", hotel.name());
            let published = self
                .platform
                .publish(&key, &offering)
                .await
                .with_context(|| format!("publishing the {} hotel of the run {run}", hotel.name()))?;
            match self.journal.offerings.get(&hotel) {
                Some(known) => {
                    ensure!(*known == published, "the state file belongs to a run on another platform");
                }
                None => {
                    let (from, to) = self.plan.span(hotel).unwrap_or_default();
                    let taken = self.platform.taken(published, from, to).await?;
                    ensure!(
                        taken.is_empty(),
                        "the run {run} has begun already: give another name, or the state file that it has"
                    );
                    self.journal.keep(Entry::Offering(hotel, published))?;
                }
            }
        }
        Ok(())
    }

    async fn drive(&mut self, in_flight: usize) -> anyhow::Result<()> {
        let asking = || self.plan.events().iter().filter(|event| matches!(event.op, Op::Book | Op::Cancel));
        self.reached.of = asking().count();
        self.reached.done = asking().filter(|event| self.plan.booking(event).is_day_use()).count();
        let mut schedule = Schedule::new(self.plan);
        let mut calls = JoinSet::new();
        loop {
            while calls.len() < in_flight {
                let Some(index) = schedule.begin() else { break };
                match self.call(index) {
                    Some(call) => {
                        let platform = self.platform.clone();
                        calls.spawn(async move { (index, call.send(platform).await) });
                    }
                    None => self.finish(&mut schedule, index),
                }
            }
            let Some(ended) = calls.join_next().await else { return Ok(()) };
            let (index, answer) = ended.context("a call broke off")?;
            let event = &self.plan.events()[index];
            let number = self.plan.booking(event).number;
            let entry = answer.with_context(|| format!("booking {number}, {} of {}", event.op.name(), event.on))?;
            self.journal.keep(entry)?;
            self.reached.calls += 1;
            self.finish(&mut schedule, index);
        }
    }

    fn finish(&mut self, schedule: &mut Schedule<'_>, index: usize) {
        schedule.finish(index);
        self.reached.done += 1;
        (self.progress)(self.reached);
    }

    /// The call that an event takes, unless its answer is known or it changes nothing.
    fn call(&self, index: usize) -> Option<Call> {
        let event = &self.plan.events()[index];
        let booking = *self.plan.booking(event);
        let number = booking.number;
        let decision = self.journal.decisions.get(&number).copied();
        match event.op {
            Op::Book if decision.is_some() => None,
            Op::Book => {
                let (offering, key) =
                    (*self.journal.offerings.get(&booking.hotel)?, format!("{}-{number}", self.journal.run));
                Some(Call::Place { offering, key, booking })
            }
            Op::Cancel if self.journal.cancelled.contains(&number) => None,
            // Nothing is there to cancel of a booking that was rejected.
            Op::Cancel => Some(Call::Cancel { number, reservation: decision.flatten()? }),
            Op::CheckIn | Op::NoShow | Op::CheckOut => None,
        }
    }

    async fn occupancy(&self) -> anyhow::Result<BTreeMap<(Hotel, Date), u32>> {
        let mut occupancy = BTreeMap::new();
        for (hotel, offering) in &self.journal.offerings {
            let Some((from, to)) = self.plan.span(*hotel) else { continue };
            let taken = self.platform.taken(*offering, from, to).await.context("reading the nights at the end")?;
            occupancy.extend(taken.into_iter().map(|(night, rooms)| ((*hotel, night), rooms)));
        }
        Ok(occupancy)
    }
}
