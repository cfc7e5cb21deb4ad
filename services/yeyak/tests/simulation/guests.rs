//! What guests do: they come, wait, let others go first, give up, sit down, eat and leave.

use crate::agenda::{Item, Wish};
use crate::sizes;
use crate::tickets::Record;
use crate::world::{Service, World};
use jiff::SignedDuration;
use kernel::{Label, TicketId};
use rand::RngExt;
use uuid::Uuid;
use waitlist_domain::{Command, Join, Refusal, Transition};

const MINUTE_MS: i64 = 60_000;
/// A meal.
const MEAL_MINUTES: std::ops::RangeInclusive<i64> = 2..=15;
/// Parties of a store that wait or sit: one more goes elsewhere at once, so that a line does not grow without end.
const LIVE_MAX: usize = 40;

impl World {
    /// A party comes to the store, and another will.
    pub fn arrive(&mut self, store: usize) -> TicketId {
        if self.chance(1) {
            self.stores[store].is_rush ^= true;
        }
        let pace = self.stores[store].pace();
        self.arrived += 1;
        let ticket = TicketId(Uuid::from_u128((1 << 64) + self.arrived));
        if !self.is_calm {
            self.plan_within(2 * i64::try_from(pace.as_millis()).unwrap(), store, Item::Arrival);
            if self.stores[store].live.len() < LIVE_MAX {
                let size = sizes::draw(&mut self.random);
                self.records.insert(ticket, Record::new(size));
                self.plan_at(self.now, store, Item::Party { ticket, wish: Wish::Join });
            }
        }
        ticket
    }

    /// A guest or a host asks for something, again where nobody answers.
    pub fn want(&mut self, store: usize, ticket: TicketId, wish: Wish) {
        let service = if wish == Wish::Leave { Service::Seating } else { Service::Waitlist };
        if self.is_down(service).is_some() || self.fails(2) {
            return self.plan_within(10_000, store, Item::Party { ticket, wish });
        }
        if self.fails(4) {
            // The answer is lost, and it is asked again.
            self.plan_within(10_000, store, Item::Party { ticket, wish });
        }
        match wish {
            Wish::Join => self.join(store, ticket),
            Wish::Cancel => self.ask(store, &Command::Cancel { ticket }),
            Wish::Defer => self.ask(store, &Command::Defer { ticket }),
            Wish::Come => self.ask(store, &Command::Seat { ticket }),
            Wish::Leave => {
                let offering = self.stores[store].shop.id;
                let left = self.seat(store, seating_domain::Command::Leave { offering, ticket });
                let is_seated = self.records[&ticket].status == "seated";
                assert!(left.is_ok() || !is_seated, "a party that sits cannot leave: {left:?}");
            }
        }
    }

    fn join(&mut self, store: usize, ticket: TicketId) {
        let is_new = self.waitlist.ticket(ticket).is_none();
        if is_new && self.joins_left == 0 {
            return;
        }
        let join = Join {
            id: ticket,
            line: self.stores[store].shop.id,
            guest: Label::try_from(format!("guest {}", ticket.0.as_u128() & 0xffff_ffff)).unwrap(),
            language: "ko".to_owned(),
            party_size: self.records[&ticket].size,
        };
        match self.line(store, &Command::Join(Box::new(join))) {
            Ok(_) if is_new => {
                self.joins_left -= 1;
                if self.joins_left == 0 {
                    self.calm_down();
                }
            }
            Ok(_) => {}
            Err(Refusal::LinePaused | Refusal::PartyTooLarge { .. } | Refusal::OfferingNotFound) => {
                self.note("turned away");
            }
            Err(refusal) => panic!("a party is refused: {refusal}"),
        }
    }

    /// Asks for what may be too late by now.
    fn ask(&mut self, store: usize, command: &Command) {
        match self.line(store, command) {
            Ok(_)
            | Err(Refusal::WrongState { .. } | Refusal::DeferralsUsed | Refusal::NobodyBehind | Refusal::BeingCalled) =>
                {}
            Err(refusal) => panic!("{command:?} is refused: {refusal}"),
        }
    }

    /// What a guest does about a change of their ticket.
    pub fn react(&mut self, store: usize, ticket: TicketId, transition: Transition) {
        let item = |wish| Item::Party { ticket, wish };
        match transition {
            Transition::Issued => {
                if self.chance(5) {
                    // They see the number and walk on.
                    self.plan_within(MINUTE_MS / 6, store, item(Wish::Cancel));
                }
                if self.chance(10) {
                    self.plan_within(60 * MINUTE_MS, store, item(Wish::Cancel));
                }
                if self.chance(20) {
                    for _ in 0..self.random.random_range(1..=4) {
                        self.plan_within(40 * MINUTE_MS, store, item(Wish::Defer));
                    }
                }
            }
            Transition::Called => match self.random.random_range(0..100) {
                0..10 => {}
                10..16 => self.plan_within(5 * MINUTE_MS, store, item(Wish::Cancel)),
                // The host gives the table to nobody and says that they have gone.
                16 => self.plan_within(5 * MINUTE_MS, store, item(Wish::Leave)),
                17..23 => self.plan_within(10 * MINUTE_MS, store, item(Wish::Come)),
                _ => self.plan_within(3 * MINUTE_MS, store, item(Wish::Come)),
            },
            Transition::Seated => {
                let meal = SignedDuration::from_mins(self.random.random_range(MEAL_MINUTES));
                self.plan_at(self.now + meal, store, item(Wish::Leave));
            }
            Transition::Joined
            | Transition::Deferred
            | Transition::Left
            | Transition::Cancelled
            | Transition::NoShow => {}
        }
    }
}
