//! What must hold after every step, of both services together.

use crate::tickets::short;
use crate::world::World;
use kernel::TicketId;
use seating_domain::State as Seat;
use waitlist_domain::State;

impl World {
    /// Looks at a store's floor, and at the party that the step was about.
    pub fn check(&mut self, store: usize, about: Option<TicketId>) {
        let known = &self.stores[store];
        if let Some(floor) = self.seating.floor(known.shop.id) {
            assert_eq!(floor.taken, known.taken, "seats taken, and what the events say");
        }
        let Some(id) = about else { return };
        self.check_party(id);
        let seat = self.seating.party(id).map(|party| party.state);
        let is_over = self.waitlist.ticket(id).is_none_or(|ticket| is_over(ticket.state));
        if is_over && seat != Some(Seat::Seated) {
            self.stores[store].live.remove(&id);
        }
    }

    /// Who is called or sits owns seats, and nobody owns seats whose ticket has ended and been heard of.
    fn check_party(&self, id: TicketId) {
        let Some(ticket) = self.waitlist.ticket(id) else { return };
        let seat = self.seating.party(id).map(|party| party.state);
        let agrees = match (ticket.state, seat) {
            (State::Joining { .. } | State::Waiting, None | Some(Seat::Seated))
            | (State::Called { .. } | State::Seated, Some(Seat::Seated | Seat::Left))
            | (State::Left, Some(Seat::Left))
            | (State::Cancelled | State::NoShow, None | Some(_)) => true,
            (
                State::Joining { .. } | State::Waiting | State::Called { .. } | State::Seated | State::Left,
                None | Some(_),
            ) => false,
        };
        assert!(agrees, "{} is {} in line and {seat:?} on the floor", short(id), ticket.state.status());
        let record = &self.records[&id];
        assert_eq!((record.status, record.size), (ticket.state.status(), ticket.party.size), "a replay of the events");
    }

    /// Looks at everybody who waits or sits in a store.
    pub fn check_everybody(&self, store: usize) {
        let known = &self.stores[store];
        known.live.iter().for_each(|id| self.check_party(*id));
        let seated =
            known.live.iter().filter_map(|id| self.seating.party(*id)).filter(|party| party.state == Seat::Seated);
        assert_eq!(seated.map(|party| party.party_size).sum::<i64>(), known.taken, "seats of those who sit");
        let Some(line) = self.waitlist.line(known.shop.id) else { return };
        let queue: Vec<_> = self.waitlist.queue(line.id()).collect();
        assert!(queue.is_sorted_by(|one, other| one.place < other.place), "two in one place");
        for ticket in queue {
            assert!(ticket.state.is_queued() && known.live.contains(&ticket.id));
            let (passes, record) = (ticket.passes, &self.records[&ticket.id]);
            assert_eq!(passes, record.passed_over + record.outgrown, "{}'s passes", short(ticket.id));
        }
    }

    /// Nothing is left to happen: everybody's way has ended, and every seat is free.
    pub fn check_end(&self) {
        for store in 0..self.stores.len() {
            self.check_everybody(store);
        }
        for ticket in self.waitlist.tickets() {
            assert!(is_over(ticket.state), "{} is {} in the end", short(ticket.id), ticket.state.status());
        }
        for party in self.seating.parties() {
            assert_ne!(party.state, Seat::Seated, "{} still owns seats", short(party.ticket));
        }
        assert!(self.stores.iter().all(|store| store.taken == 0));
        assert_eq!(self.joins_left, 0);
    }
}

const fn is_over(state: State) -> bool {
    match state {
        State::Left | State::Cancelled | State::NoShow => true,
        State::Joining { .. } | State::Waiting | State::Called { .. } | State::Seated => false,
    }
}
