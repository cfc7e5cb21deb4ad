//! The whole of it: both services, their stores, guests and hosts, and the time.

use crate::agenda::{Agenda, Item};
use crate::store::{STORES, Store};
use crate::story::Story;
use crate::tickets::Record;
use jiff::{SignedDuration, Timestamp};
use kernel::TicketId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;

/// Steps of a run, for each party that joins.
const STEPS_PER_PARTY_MAX: usize = 300;
/// Steps between two looks at everybody in a store; after each step there is a look at whom it was about.
const LOOK_STEPS: usize = 256;

/// Who may be down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Waitlist,
    Seating,
}

/// A run of the simulation.
pub struct World {
    pub random: StdRng,
    pub now: Timestamp,
    pub agenda: Agenda,
    /// Waitlist's database, and how far its clock is ahead.
    pub waitlist: waitlist_domain::Working,
    pub skew: SignedDuration,
    /// Seating's database.
    pub seating: seating_domain::Working,
    /// Until when each service is down.
    down: [Timestamp; 2],
    pub stores: Vec<Store>,
    pub records: BTreeMap<TicketId, Record>,
    /// Parties that have come, and those that may still join.
    pub arrived: u128,
    pub joins_left: usize,
    /// Nothing goes wrong any more; who is in line is served to the last.
    pub is_calm: bool,
    /// How often what happened.
    pub seen: BTreeMap<&'static str, usize>,
    pub story: Story,
}

impl World {
    pub fn new(seed: u64, parties: usize) -> Self {
        let now: Timestamp = "2026-10-30T09:00:00Z".parse().unwrap();
        let mut world = Self {
            random: StdRng::seed_from_u64(seed),
            now,
            agenda: Agenda::default(),
            waitlist: waitlist_domain::Working::default(),
            skew: SignedDuration::ZERO,
            seating: seating_domain::Working::default(),
            down: [now; 2],
            stores: (0..STORES.len()).map(Store::open).collect(),
            records: BTreeMap::new(),
            arrived: 0,
            joins_left: parties,
            is_calm: false,
            seen: BTreeMap::new(),
            story: Story::new(seed, STORES.len()),
        };
        for store in 0..STORES.len() {
            world.publish(store);
            for item in [Item::Arrival, Item::Upset] {
                world.plan_within(60_000, store, item);
            }
        }
        world.plan_within(60_000, 0, Item::Misfortune);
        world
    }

    /// Runs until nothing is left to happen.
    pub fn run(mut self) -> BTreeMap<&'static str, usize> {
        let steps_max = STEPS_PER_PARTY_MAX * self.joins_left;
        for step in 0..steps_max {
            let Some((at, store, item)) = self.agenda.next() else {
                self.check_end();
                return std::mem::take(&mut self.seen);
            };
            self.now = self.now.max(at);
            self.story.store = store;
            let about = self.take(store, item);
            self.check(store, about);
            if step % LOOK_STEPS == 0 {
                self.check_everybody(store);
            }
        }
        panic!("it does not come to an end in {steps_max} steps");
    }

    /// Lets `item` happen; tells which party it was about, if it was about one.
    fn take(&mut self, store: usize, item: Item) -> Option<TicketId> {
        match item {
            Item::Arrival => Some(self.arrive(store)),
            Item::Party { ticket, wish } => {
                self.want(store, ticket, wish);
                Some(ticket)
            }
            Item::Upset => self.upset(store),
            Item::Resume => self.pause(store, false),
            Item::Closing => self.close(store),
            Item::Misfortune => self.misfortune(),
            Item::Request { ticket, claim, is_heard } => {
                self.request(store, (ticket, claim), is_heard);
                Some(ticket)
            }
            Item::Answer { ticket, outcome } => {
                self.answer(store, ticket, outcome);
                Some(ticket)
            }
            Item::ToWaitlist(command) => self.tell_waitlist(store, command),
            Item::ToSeating(command) => self.tell_seating(store, command),
            Item::Nudge => self.advance(store),
            Item::Sweep => self.sweep(store),
        }
    }

    pub fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    /// Whether something of that likelihood happens.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// Whether something of that likelihood goes wrong.
    pub fn fails(&mut self, percent: u32) -> bool {
        !self.is_calm && self.chance(percent)
    }

    pub fn plan_at(&mut self, at: Timestamp, store: usize, item: Item) {
        self.agenda.plan(at.max(self.now), store, item);
    }

    /// Plans `item` for some instant of the next `ms_max` milliseconds.
    pub fn plan_within(&mut self, ms_max: i64, store: usize, item: Item) {
        let after = SignedDuration::from_millis(self.random.random_range(1..=ms_max));
        self.plan_at(self.now + after, store, item);
    }

    /// Until when `service` is down, if it is.
    pub fn is_down(&self, service: Service) -> Option<Timestamp> {
        Some(self.down[service as usize]).filter(|until| *until > self.now)
    }

    pub fn take_down(&mut self, service: Service, seconds: i64) {
        self.down[service as usize] = self.now + SignedDuration::from_secs(seconds);
    }

    /// The clock of waitlist's database.
    pub fn clock(&self) -> Timestamp {
        self.now + self.skew
    }
}
