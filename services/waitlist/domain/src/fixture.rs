//! A store, its parties and a desk that decides what they ask, for tests; `tests/it` takes this file in by its path.

use crate::{
    Command, Decision, Floor, Join, Next, Outcome, Rules, Shop, Standing, State, Ticket, Told, Working, decide,
};
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, OfferingId, TicketId, time_zone};
use uuid::Uuid;

/// When a [`Desk`] opens: noon in Seoul.
pub const OPENING: &str = "2026-06-01T03:00:00Z";
/// The store of a [`Desk`].
pub const LINE: OfferingId = OfferingId(Uuid::from_u128(1));

pub fn party(number: u128) -> TicketId {
    TicketId(Uuid::from_u128(100 + number))
}

/// A store in Seoul at version 1, with the usual rules.
pub fn shop(units: i64) -> Shop {
    Shop {
        id: LINE,
        version: 1,
        open: true,
        business: Label::try_from("noodles".to_owned()).unwrap(),
        name: "Noodle bar".to_owned(),
        units,
        zone: time_zone("Asia/Seoul").unwrap(),
        rules: Rules::default(),
    }
}

pub fn join(number: u128, party_size: i64) -> Command {
    Command::Join(Box::new(Join {
        id: party(number),
        line: LINE,
        guest: Label::try_from(format!("guest {number}")).unwrap(),
        language: "ko".to_owned(),
        party_size,
    }))
}

/// A working set and the time at which it is decided upon.
#[derive(Clone, Debug)]
pub struct Desk {
    pub working: Working,
    pub now: Timestamp,
    floor_version: i64,
}

impl Desk {
    pub fn of(shop: Shop) -> Self {
        let mut desk = Self { working: Working::default(), now: OPENING.parse().unwrap(), floor_version: 0 };
        assert!(desk.run(&Command::Adopt(Box::new(shop))).told.is_ok());
        desk
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub fn run(&mut self, command: &Command) -> Decision {
        decide(&mut self.working, command, self.now)
    }

    /// Runs what must not be refused and tells how the ticket stands.
    pub fn stands(&mut self, command: &Command) -> Standing {
        match self.run(command).told {
            Ok(Told::Stands(standing)) => *standing,
            other => panic!("{command:?}: {other:?}"),
        }
    }

    pub fn settle(&mut self, number: u128, outcome: Outcome) -> Standing {
        self.stands(&Command::Settle { ticket: party(number), outcome })
    }

    /// Seating's next answer: there is room, and so much is left.
    pub fn room(&mut self, free: i64) -> Outcome {
        Outcome::Seated { floor: self.floor(free) }
    }

    pub fn no_room(&mut self, free: i64) -> Outcome {
        Outcome::NoRoom { claim: self.working.line(LINE).unwrap().claims, floor: self.floor(free) }
    }

    pub fn freed(&mut self, free: i64) -> Outcome {
        Outcome::Ended { floor: Some(self.floor(free)) }
    }

    fn floor(&mut self, free: i64) -> Floor {
        self.floor_version += 1;
        Floor { free, version: self.floor_version }
    }

    /// Joins and is seated at once.
    pub fn seated(&mut self, number: u128, size: i64, free: i64) {
        assert!(matches!(self.stands(&join(number, size)).next, Next::Claim { .. }));
        let room = self.room(free);
        assert_eq!(self.settle(number, room).ticket.state, State::Seated);
    }

    /// Joins and gets a number.
    pub fn waiting(&mut self, number: u128, size: i64) -> Ticket {
        let free = self.working.line(LINE).unwrap().free();
        let outcome = match self.stands(&join(number, size)).next {
            Next::Claim { .. } => self.no_room(free),
            Next::Number | Next::Nothing => Outcome::Unavailable,
        };
        let standing = self.settle(number, outcome);
        assert_eq!(standing.ticket.state, State::Waiting);
        standing.ticket
    }

    /// Who is claimed for next, if anybody.
    pub fn next(&mut self) -> Option<TicketId> {
        match self.run(&Command::Advance { line: LINE }).told {
            Ok(Told::Stands(standing)) => Some(standing.ticket.id),
            Ok(Told::Resting | Told::Line(_)) | Err(_) => None,
        }
    }

    /// Who is claimed for next is that party, and it is called.
    pub fn called(&mut self, number: u128, free: i64) -> Standing {
        assert_eq!(self.next(), Some(party(number)));
        let room = self.room(free);
        let standing = self.settle(number, room);
        assert!(matches!(standing.ticket.state, State::Called { .. }), "{standing:?}");
        standing
    }

    pub fn stored(&self, number: u128) -> Ticket {
        self.working.ticket(party(number)).unwrap().clone()
    }
}
