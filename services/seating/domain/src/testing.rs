//! What the tests of this crate share: one store, and parties by number.

use crate::claim::Claim;
use crate::command::{Command, Decision, Refusal, Told, decide};
use crate::floor::Store;
use crate::party::Standing;
use crate::working::Working;
use jiff::Timestamp;
use kernel::{Label, OfferingId, TicketId};
use uuid::Uuid;

pub fn offering() -> OfferingId {
    OfferingId(Uuid::from_u128(1))
}

pub fn ticket(number: u128) -> TicketId {
    TicketId(Uuid::from_u128(number))
}

pub fn wish(ticket_number: u128, party_size: i64, number: i64) -> Claim {
    Claim { offering: offering(), ticket: ticket(ticket_number), party_size, number }
}

pub fn store(version: i64, units: i64) -> Store {
    Store { offering: offering(), version, open: true, units, business: Label::try_from("noodles".to_owned()).ok() }
}

/// One store's world.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub working: Working,
    /// Claims that waitlist has made.
    claims: i64,
}

impl World {
    /// A store with so many seats.
    pub fn with(units: i64) -> Self {
        let mut world = Self::default();
        world.resize(1, units);
        world
    }

    /// Decides a command, and checks that a refusal changed nothing.
    pub fn run(&mut self, command: &Command) -> Decision {
        let before = self.working.clone();
        let decision = decide(&mut self.working, command, Timestamp::UNIX_EPOCH);
        if decision.told.is_err() {
            assert_eq!(self.working, before, "{command:?} was refused");
            assert_eq!(decision.happened, None);
        }
        decision
    }

    pub fn resize(&mut self, version: i64, units: i64) {
        assert_eq!(self.run(&Command::Adopt(store(version, units))), Decision::noted());
    }

    /// Lets waitlist's next claim be for that party.
    pub fn next_claim(&mut self, number: u128, party_size: i64) -> Decision {
        self.claims += 1;
        self.ask(number, party_size, self.claims)
    }

    /// Lets waitlist's claim with the number `claim` arrive.
    pub fn ask(&mut self, number: u128, party_size: i64, claim: i64) -> Decision {
        self.run(&Command::Claim(wish(number, party_size, claim)))
    }

    pub fn claim(&mut self, number: u128, party_size: i64) -> Result<Standing, Refusal> {
        stands(self.next_claim(number, party_size))
    }

    /// Claims where there is no room: the seats that are free, and the floor's version.
    pub fn no_room(&mut self, number: u128, party_size: i64) -> (i64, i64) {
        let decision = self.next_claim(number, party_size);
        match decision.told {
            Ok(Told::NoRoom { free, floor_version }) => (free, floor_version),
            Ok(Told::Stands { .. } | Told::Noted) | Err(_) => panic!("{decision:?}"),
        }
    }

    pub fn leave(&mut self, number: u128) -> Result<Standing, Refusal> {
        stands(self.run(&Command::Leave { offering: offering(), ticket: ticket(number) }))
    }

    pub fn release(&mut self, number: u128, party_size: i64) -> Decision {
        self.run(&Command::Release { offering: offering(), ticket: ticket(number), party_size })
    }
}

fn stands(decision: Decision) -> Result<Standing, Refusal> {
    match decision.told? {
        Told::Stands { standing, .. } => Ok(standing),
        Told::NoRoom { .. } | Told::Noted => panic!("a party was asked for"),
    }
}
