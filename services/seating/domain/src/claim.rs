//! Claiming: a party takes all the seats it needs, or none.

use crate::command::{Decision, Refusal};
use crate::party::{Party, State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};

/// A wish for seats, the same however often it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub offering: OfferingId,
    pub ticket: TicketId,
    pub party_size: i64,
}

pub(crate) fn decide(working: &mut Working, claim: Claim, now: Timestamp) -> Result<Decision, Refusal> {
    let Claim { offering, ticket, party_size } = claim;
    // What this ticket has been told stands, whatever became of the floor.
    if let Some(party) = working.party(ticket) {
        return match party.state {
            State::Left | State::Released | State::Barred => Err(Refusal::PartyEnded),
            State::Seated if (party.offering, party.party_size) != (offering, party_size) => Err(Refusal::Mismatch),
            State::Seated => Ok(Decision::repeated(working.standing(party.clone())?)),
        };
    }
    let floor = working.floor(offering).ok_or(Refusal::FloorNotFound)?;
    if party_size < 1 {
        return Err(Refusal::PartySize);
    }
    if party_size > floor.store.units {
        return Err(Refusal::PartyTooLarge);
    }
    if party_size > floor.free() {
        return Err(Refusal::NoRoom { free: floor.free(), floor_version: floor.version() });
    }
    let party = Party { ticket, offering, party_size, since: now, state: State::Seated };
    Ok(Decision::happened(Transition::Seated, working.seat(party)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Told};
    use crate::testing::{World, offering, ticket};

    #[test]
    fn a_claim_takes_all_its_seats_or_none() {
        let mut world = World::with(6);
        let seated = world.claim(1, 4).unwrap();
        assert_eq!((seated.free, seated.floor_version, seated.party.version()), (2, 2, 1));
        assert_eq!(world.claim(2, 3), Err(Refusal::NoRoom { free: 2, floor_version: 2 }));
        assert_eq!(world.claim(3, 2).unwrap().free, 0);
        assert_eq!(world.claim(2, 1), Err(Refusal::NoRoom { free: 0, floor_version: 3 }));
    }

    #[test]
    fn a_repeat_is_told_how_it_stands_and_takes_nothing() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        world.claim(2, 2).unwrap();
        let before = world.working.clone();
        let repeat = world.run(&Command::Claim(Claim { offering: offering(), ticket: ticket(1), party_size: 4 }));
        let Ok(Told::Stands { standing, repeated: true }) = repeat.told else { panic!("{repeat:?}") };
        assert_eq!((standing.free, standing.floor_version, repeat.happened), (0, 3, None));
        assert_eq!(world.working, before);
    }

    #[test]
    fn a_size_that_cannot_be_is_refused() {
        let mut world = World::with(6);
        for (size, refusal) in [
            (0, Refusal::PartySize),
            (-1, Refusal::PartySize),
            (i64::MIN, Refusal::PartySize),
            (7, Refusal::PartyTooLarge),
            (i64::MAX, Refusal::PartyTooLarge),
        ] {
            assert_eq!(world.claim(1, size), Err(refusal));
        }
        assert_eq!(world.claim(1, 6).unwrap().free, 0);
    }

    #[test]
    fn another_size_or_store_of_a_seated_ticket_is_a_mismatch() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        assert_eq!(world.claim(1, 3), Err(Refusal::Mismatch));
        let elsewhere = Claim { offering: OfferingId::fresh(), ticket: ticket(1), party_size: 4 };
        assert_eq!(world.run(&Command::Claim(elsewhere)), Decision::from(Refusal::Mismatch));
    }

    #[test]
    fn a_floor_that_nobody_told_of_is_not_there() {
        let mut world = World::with(6);
        let elsewhere = Claim { offering: OfferingId::fresh(), ticket: ticket(1), party_size: 4 };
        assert_eq!(world.run(&Command::Claim(elsewhere)), Decision::from(Refusal::FloorNotFound));
    }

    #[test]
    fn rule23_units_below_what_is_taken_seat_nobody_until_enough_have_left() {
        let mut world = World::with(6);
        world.claim(1, 3).unwrap();
        world.claim(2, 3).unwrap();
        world.resize(2, 4);
        assert_eq!(world.claim(3, 1), Err(Refusal::NoRoom { free: 0, floor_version: 4 }));
        assert_eq!(world.leave(1).unwrap().free, 1);
        assert_eq!(world.claim(3, 2), Err(Refusal::NoRoom { free: 1, floor_version: 5 }));
        assert_eq!(world.claim(4, 5), Err(Refusal::PartyTooLarge));
        assert_eq!(world.claim(3, 1).unwrap().free, 0);
    }
}
