//! Claiming: a party takes all the seats it needs, or none.

use crate::command::{Decision, Refusal, Told};
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
    /// The line's claims are counted 1, 2, 3 …: what was asked for before a newer one may no more be decided.
    pub number: i64,
}

pub(crate) fn decide(working: &mut Working, claim: Claim, now: Timestamp) -> Result<Decision, Refusal> {
    let Claim { offering, ticket, party_size, number } = claim;
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
    if number < 1 {
        return Err(Refusal::ClaimNumber);
    }
    // The line has moved on since: whoever it was about would sit down out of turn.
    if number <= floor.last_claim {
        return Err(Refusal::ClaimSuperseded);
    }
    if party_size > floor.free() {
        let (free, floor_version) = (floor.free(), floor.version());
        working.decided(offering, number);
        return Ok(Decision::told(Told::NoRoom { free, floor_version }));
    }
    working.decided(offering, number);
    let party = Party { ticket, offering, party_size, since: now, state: State::Seated };
    Ok(Decision::happened(Transition::Seated, working.seat(party)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::testing::{World, wish};

    #[test]
    fn a_claim_takes_all_its_seats_or_none() {
        let mut world = World::with(6);
        let seated = world.claim(1, 4).unwrap();
        assert_eq!((seated.free, seated.floor_version, seated.party.version()), (2, 2, 1));
        assert_eq!(world.no_room(2, 3), (2, 2));
        assert_eq!(world.claim(3, 2).unwrap().free, 0);
        assert_eq!(world.no_room(2, 1), (0, 3));
    }

    #[test]
    fn a_repeat_is_told_how_it_stands_and_takes_nothing() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        world.claim(2, 2).unwrap();
        let before = world.working.clone();
        // The very claim, and the one that takes it up because its answer was lost.
        for number in [1, 3] {
            let repeat = world.ask(1, 4, number);
            let Ok(Told::Stands { standing, repeated: true }) = repeat.told else { panic!("{repeat:?}") };
            assert_eq!((standing.free, standing.floor_version, repeat.happened), (0, 3, None));
            assert_eq!(world.working, before);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_and_the_store_can_be_too_small() {
        let mut world = World::with(6);
        for size in [0, -1, i64::MIN] {
            assert_eq!(world.claim(1, size), Err(Refusal::PartySize));
        }
        for number in [0, -1, i64::MIN] {
            assert_eq!(world.ask(1, 6, number), Decision::from(Refusal::ClaimNumber));
        }
        for size in [7, i64::MAX] {
            assert_eq!(world.no_room(1, size), (6, 1));
        }
        assert_eq!(world.claim(1, 6).unwrap().free, 0);
    }

    #[test]
    fn a_claim_that_comes_after_the_line_has_moved_on_seats_nobody() {
        let mut world = World::with(6);
        assert!(world.ask(1, 4, 2).happened.is_some());
        // Each is decided once: there was no room then, and whoever was told so has asked for another since.
        assert_eq!(world.ask(2, 3, 3).told, Ok(Told::NoRoom { free: 2, floor_version: 2 }));
        world.leave(1).unwrap();
        for number in [1, 2, 3] {
            assert_eq!(world.ask(2, 3, number), Decision::from(Refusal::ClaimSuperseded));
        }
        // Some never came; the next one is decided all the same.
        assert!(world.ask(2, 3, 7).happened.is_some());
        // What a ticket was told stands.
        assert!(matches!(world.ask(2, 3, 3).told, Ok(Told::Stands { repeated: true, .. })));
        assert_eq!(world.ask(1, 4, 2), Decision::from(Refusal::PartyEnded));
    }

    #[test]
    fn another_size_or_store_of_a_seated_ticket_is_a_mismatch() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        assert_eq!(world.claim(1, 3), Err(Refusal::Mismatch));
        let elsewhere = Claim { offering: OfferingId::fresh(), ..wish(1, 4, 9) };
        assert_eq!(world.run(&Command::Claim(elsewhere)), Decision::from(Refusal::Mismatch));
    }

    #[test]
    fn a_floor_that_nobody_told_of_is_not_there() {
        let mut world = World::with(6);
        let elsewhere = Claim { offering: OfferingId::fresh(), ..wish(1, 4, 9) };
        assert_eq!(world.run(&Command::Claim(elsewhere)), Decision::from(Refusal::FloorNotFound));
    }

    #[test]
    fn rule23_units_below_what_is_taken_seat_nobody_until_enough_have_left() {
        let mut world = World::with(6);
        world.claim(1, 3).unwrap();
        world.claim(2, 3).unwrap();
        world.resize(2, 4);
        assert_eq!(world.no_room(3, 1), (0, 4));
        assert_eq!(world.leave(1).unwrap().free, 1);
        assert_eq!(world.no_room(3, 2), (1, 5));
        assert_eq!(world.no_room(4, 5), (1, 5));
        assert_eq!(world.claim(3, 1).unwrap().free, 0);
    }
}
