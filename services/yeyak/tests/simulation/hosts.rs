//! What hosts and operators do, and what befalls them: other numbers of seats, pauses, outages, clocks that jump.

use crate::agenda::{Item, Wish};
use crate::store::STORES;
use crate::world::{Service, World};
use jiff::SignedDuration;
use kernel::{TicketId, time_zone};
use rand::RngExt;
use waitlist_domain::Command;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Nothing is on its way any more by then.
const CLOSING_HOURS: i64 = 3;

impl World {
    /// Catalog tells both services of the store.
    pub fn publish(&mut self, store: usize) {
        let known = &self.stores[store];
        let (floor, shop) = (known.floor(), Box::new(known.shop.clone()));
        self.send(store, Item::ToSeating(seating_domain::Command::Adopt(floor)));
        self.send(store, Item::ToWaitlist(Command::Adopt(shop)));
    }

    /// The host changes the seats or pauses the line, and will again.
    pub fn upset(&mut self, store: usize) -> Option<TicketId> {
        if self.is_calm {
            return None;
        }
        self.plan_within(HOUR_MS, store, Item::Upset);
        if self.chance(30) {
            self.plan_within(20 * MINUTE_MS, store, Item::Resume);
            return self.pause(store, true);
        }
        self.note("units changed");
        let usual = self.stores[store].units_usual;
        let units = self.random.random_range(usual / 3..=usual * 4 / 3);
        // A store that moves to where it is still yesterday gives no number of that day again.
        let moves = self.chance(20).then(|| STORES[self.random.random_range(0..STORES.len())].2);
        let shop = &mut self.stores[store].shop;
        (shop.version, shop.units) = (shop.version + 1, units);
        shop.zone = moves.and_then(time_zone).unwrap_or_else(|| shop.zone.clone());
        self.publish(store);
        None
    }

    pub fn pause(&mut self, store: usize, paused: bool) -> Option<TicketId> {
        let line = self.stores[store].shop.id;
        if let Some(until) = self.is_down(Service::Waitlist) {
            self.plan_at(until, store, Item::Resume);
        } else if self.waitlist.line(line).is_some() {
            let command = if paused { Command::Pause { line } } else { Command::Resume { line } };
            self.line(store, &command).unwrap();
        }
        None
    }

    /// A service goes down or waitlist's clock jumps, and something will again.
    pub fn misfortune(&mut self) -> Option<TicketId> {
        if self.is_calm {
            return None;
        }
        self.plan_within(HOUR_MS, 0, Item::Misfortune);
        match self.random.random_range(0..4) {
            0 => {
                self.note("outage");
                let seconds = self.random.random_range(1..=60);
                self.take_down(Service::Waitlist, seconds);
            }
            1 | 2 => {
                self.note("outage");
                let seconds = self.random.random_range(1..=60);
                self.take_down(Service::Seating, seconds);
            }
            _ => {
                self.note("clock jump");
                let seconds = self.random.random_range(-900..=900);
                self.skew = SignedDuration::from_secs(seconds);
                for store in 0..self.stores.len() {
                    self.stores[store].sweep_at = None;
                    self.plan_sweep(store);
                }
            }
        }
        None
    }

    /// The last party has joined: from now on nothing goes wrong; some stores are retired.
    pub fn calm_down(&mut self) {
        self.is_calm = true;
        for store in 0..self.stores.len() {
            let shop = &mut self.stores[store].shop;
            (shop.version, shop.open) = (shop.version + 1, store % 2 == 0);
            self.publish(store);
            self.plan_at(self.now + SignedDuration::from_hours(CLOSING_HOURS), store, Item::Closing);
        }
    }

    /// Who could not sit in the empty store gives up; everybody else is served.
    pub fn close(&mut self, store: usize) -> Option<TicketId> {
        let shop = &self.stores[store].shop;
        let too_large = self.waitlist.queue(shop.id).filter(|ticket| ticket.party.size > shop.units);
        for ticket in too_large.map(|ticket| ticket.id).collect::<Vec<_>>() {
            self.plan_within(MINUTE_MS, store, Item::Party { ticket, wish: Wish::Cancel });
        }
        None
    }
}
