//! Giving seats back: the party stood up, or its ticket ended.

use crate::command::{Decision, Refusal};
use crate::party::{Party, State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};

pub(crate) fn leave(working: &mut Working, offering: OfferingId, ticket: TicketId) -> Result<Decision, Refusal> {
    let party = working.party(ticket).filter(|party| party.offering == offering).ok_or(Refusal::PartyNotFound)?;
    match party.state {
        State::Seated => Ok(Decision::happened(Transition::Freed, working.free(party.clone(), State::Left)?)),
        State::Left => Ok(Decision::repeated(working.standing(party.clone())?)),
        State::Released | State::Barred => Err(Refusal::WrongState { status: party.state.status() }),
    }
}

/// A release that comes before the claim bars it: the claim may be on its way for a ticket that has ended.
pub(crate) fn release(
    working: &mut Working,
    (offering, ticket): (OfferingId, TicketId),
    party_size: i64,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Some(party) = working.party(ticket) else {
        working.note(Party { ticket, offering, party_size, since: now, state: State::Barred });
        return Ok(Decision::noted());
    };
    if party.offering != offering {
        return Err(Refusal::Mismatch);
    }
    match party.state {
        State::Seated => Ok(Decision::happened(Transition::Freed, working.free(party.clone(), State::Released)?)),
        State::Left | State::Released | State::Barred => Ok(Decision::noted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::testing::{World, ticket};

    #[test]
    fn leaving_gives_the_seats_back_once() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        let left = world.leave(1).unwrap();
        assert_eq!((left.free, left.floor_version), (6, 3));
        assert_eq!((left.party.state, left.party.version()), (State::Left, 2));
        assert_eq!(world.leave(1).unwrap(), left, "again is the same answer");
        assert_eq!(world.claim(1, 4), Err(Refusal::PartyEnded));
        assert_eq!(world.release(1, 4), Decision::noted());
        assert_eq!(world.working.party(ticket(1)).unwrap().state, State::Left);
    }

    #[test]
    fn a_ticket_that_ended_gives_its_seats_back_once() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        let (transition, standing) = world.release(1, 4).happened.unwrap();
        assert_eq!((transition, standing.free), (Transition::Freed, 6));
        assert_eq!(standing.party.state.status(), "released");
        assert_eq!(world.release(1, 4), Decision::noted());
        assert_eq!(world.leave(1), Err(Refusal::WrongState { status: "released" }));
        assert_eq!(world.claim(1, 4), Err(Refusal::PartyEnded));
    }

    #[test]
    fn rule21_an_end_that_overtakes_its_claim_bars_it() {
        let mut world = World::with(6);
        assert_eq!(world.release(1, 4), Decision::noted());
        assert_eq!(world.claim(1, 4), Err(Refusal::PartyEnded));
        assert_eq!(world.leave(1), Err(Refusal::WrongState { status: "released" }));
        assert_eq!(world.claim(2, 6).unwrap().free, 0, "it holds no seats");
    }

    #[test]
    fn a_party_is_found_on_its_own_floor_only() {
        let mut world = World::with(6);
        world.claim(1, 4).unwrap();
        assert_eq!(world.leave(2), Err(Refusal::PartyNotFound));
        let (offering, ticket) = (OfferingId::fresh(), ticket(1));
        let before = world.working.clone();
        for (command, refusal) in [
            (Command::Leave { offering, ticket }, Refusal::PartyNotFound),
            (Command::Release { offering, ticket, party_size: 4 }, Refusal::Mismatch),
        ] {
            assert_eq!(world.run(&command), Decision::from(refusal));
        }
        assert_eq!(world.working, before);
    }
}
