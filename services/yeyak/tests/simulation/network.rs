//! What lies between the two services: calls that are lost, late or not heard, and events that come late, twice and in
//! any order.

use crate::agenda::Item;
use crate::world::{Service, World};
use jiff::SignedDuration;
use kernel::TicketId;
use rand::RngExt;
use seating_domain::{Claim, Refusal, Told};
use waitlist_domain::{Command, Floor, Outcome};

/// How long waitlist waits for an answer.
const CALL_MS_MAX: i64 = 250;
/// How late a request may still arrive.
const LATE_MS_MAX: i64 = 30_000;
/// How late an event may be: a consumer that was down, or a redelivery.
const EVENT_MS_MAX: i64 = 3_600_000;

impl World {
    /// Waitlist asks for a party's seats.
    pub fn call(&mut self, store: usize, ticket: TicketId, claim: i64) {
        let unanswered = Item::Answer { ticket, outcome: Outcome::Unavailable };
        let given_up = self.now + SignedDuration::from_millis(CALL_MS_MAX);
        let request = |is_heard| Item::Request { ticket, claim, is_heard };
        if self.fails(2) {
            self.note("crash before the call");
        } else if self.fails(2) {
            self.note("crash after the call");
            self.plan_within(CALL_MS_MAX, store, request(false));
        } else if self.fails(4) {
            self.note("request lost");
            self.plan_at(given_up, store, unanswered);
        } else if self.fails(4) {
            self.note("answer lost");
            self.plan_within(CALL_MS_MAX / 2, store, request(false));
            self.plan_at(given_up, store, unanswered);
        } else if self.fails(4) {
            self.note("request late");
            self.plan_within(LATE_MS_MAX, store, request(false));
            self.plan_at(given_up, store, unanswered);
        } else {
            self.plan_within(CALL_MS_MAX / 2, store, request(true));
        }
        if self.fails(2) {
            self.note("request twice");
            self.plan_within(LATE_MS_MAX, store, request(false));
        }
    }

    /// A claim reaches seating.
    pub fn request(&mut self, store: usize, (ticket, number): (TicketId, i64), is_heard: bool) {
        let outcome = if self.is_down(Service::Seating).is_some() {
            Outcome::Unavailable
        } else {
            let (offering, party_size) = (self.stores[store].shop.id, self.records[&ticket].size);
            let claim = Claim { offering, ticket, party_size, number };
            let answer = self.seat(store, seating_domain::Command::Claim(claim));
            if answer == Err(Refusal::ClaimSuperseded) {
                self.note("claim superseded");
            }
            outcome(number, answer)
        };
        if outcome == (Outcome::Ended { floor: None }) {
            self.note("claim after the end");
        }
        if is_heard {
            self.plan_within(CALL_MS_MAX / 2, store, Item::Answer { ticket, outcome });
        }
    }

    /// The outcome of a call is settled, if whoever called is still there.
    pub fn answer(&mut self, store: usize, ticket: TicketId, outcome: Outcome) {
        if self.is_down(Service::Waitlist).is_none() {
            self.line(store, &Command::Settle { ticket, outcome }).unwrap();
        }
    }

    /// An event is on its way: late now and then, and now and then more than once.
    pub fn send(&mut self, store: usize, event: Item) {
        let mut copies = 1;
        if self.fails(15) {
            self.note("told again");
            copies += self.random.random_range(1..=2);
        }
        for _ in 0..copies {
            let ms_max = match self.random.random_range(0..100) {
                _ if self.is_calm => 500,
                0..3 => EVENT_MS_MAX,
                3..15 => 60_000,
                _ => 500,
            };
            self.plan_within(ms_max, store, event.clone());
        }
    }

    /// An event reaches waitlist, or waits until it is back.
    pub fn tell_waitlist(&mut self, store: usize, command: Command) -> Option<TicketId> {
        if let Some(until) = self.is_down(Service::Waitlist) {
            self.plan_at(until, store, Item::ToWaitlist(command));
            return None;
        }
        self.line(store, &command).unwrap();
        match command {
            Command::Settle { ticket, .. } => Some(ticket),
            _ => None,
        }
    }

    /// An event reaches seating, or waits until it is back.
    pub fn tell_seating(&mut self, store: usize, command: seating_domain::Command) -> Option<TicketId> {
        if let Some(until) = self.is_down(Service::Seating) {
            self.plan_at(until, store, Item::ToSeating(command));
            return None;
        }
        let ticket = command.ticket();
        self.seat(store, command).unwrap();
        ticket
    }
}

/// What waitlist makes of seating's answer.
fn outcome(claim: i64, answer: Result<Told, Refusal>) -> Outcome {
    match answer {
        Ok(Told::Stands { standing, .. }) => {
            Outcome::Seated { floor: Floor { free: standing.free, version: standing.floor_version } }
        }
        Ok(Told::NoRoom { free, floor_version }) => {
            Outcome::NoRoom { claim, floor: Floor { free, version: floor_version } }
        }
        Err(Refusal::PartyEnded) => Outcome::Ended { floor: None },
        Err(Refusal::FloorNotFound | Refusal::ClaimSuperseded) => Outcome::Unavailable,
        Ok(Told::Noted)
        | Err(
            Refusal::PartyNotFound
            | Refusal::PartySize
            | Refusal::ClaimNumber
            | Refusal::Mismatch
            | Refusal::WrongState { .. },
        ) => {
            panic!("a claim cannot be answered {answer:?}")
        }
    }
}
