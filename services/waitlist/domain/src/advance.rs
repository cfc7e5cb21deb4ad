//! Who is next: the first party in order that fits is claimed for; and what deadlines do.

use crate::command::{Decision, Next, Refusal, Told, standing};
use crate::join::may_claim;
use crate::line::{Line, RETRY_SECONDS};
use crate::settle::{done, issue};
use crate::ticket::{State, Ticket, Transition};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::{OfferingId, TicketId};

/// Asks for seats for the next party, or takes up a claim that nobody answered.
pub(crate) fn decide(working: &mut Working, id: OfferingId, now: Timestamp) -> Result<Decision, Refusal> {
    let line = working.known_line(id)?;
    let next = match line.claim {
        Some(claim) if claim.due > now => return Err(Refusal::NotDue),
        Some(claim) => working.ticket(claim.ticket).cloned(),
        None => next_party(working, &line, now),
    };
    match next {
        Some(ticket) => Ok(claim(working, &ticket, line, now)),
        None => Ok(rest(working, line, now)),
    }
}

/// The first waiting party in order that fits. A joining one that fits comes first, but its seats are asked for already.
fn next_party(working: &Working, line: &Line, now: Timestamp) -> Option<Ticket> {
    let mut queue = working.queue(line.id()).filter(|ticket| line.could_seat(ticket)).peekable();
    let front = queue.peek().copied().filter(|_| line.probe_due <= now);
    let found = queue.find(|ticket| line.fits(ticket) || line.blocks(ticket)).filter(|ticket| line.fits(ticket));
    found.or(front).filter(|ticket| ticket.state == State::Waiting).cloned()
}

fn claim(working: &mut Working, ticket: &Ticket, mut line: Line, now: Timestamp) -> Decision {
    line.claim_for(ticket.id, now);
    working.stir(line.clone(), now);
    Decision::told(standing(working, ticket, &line, Next::Claim { claim: line.claims }))
}

/// Nobody can be called: the sweep looks again when the party in front is to be claimed for anyway.
fn rest(working: &mut Working, mut line: Line, now: Timestamp) -> Decision {
    line.claim = None;
    let soonest = now + SignedDuration::from_secs(RETRY_SECONDS);
    line.look_due = working.queue(line.id()).next().map(|_| line.probe_due.max(soonest));
    working.keep(line);
    Decision::told(Told::Resting)
}

/// A deadline has passed: a called party did not come, a joining one lost whoever asked for its seats.
pub(crate) fn due(working: &mut Working, id: TicketId, now: Timestamp) -> Result<Decision, Refusal> {
    let (ticket, mut line) = working.known(id)?;
    match ticket.state {
        State::Called { deadline } if deadline <= now => {
            let gone = working.turn(ticket, &mut line, State::NoShow);
            Ok(done(working, Transition::NoShow, gone, (line, now)))
        }
        State::Joining { deadline } if deadline <= now => match line.claim {
            Some(claim) if claim.ticket == id && claim.due > now => Err(Refusal::NotDue),
            Some(held) if held.ticket != id => Ok(issue(working, ticket, line, now)),
            None if !may_claim(working, &line, &ticket) => Ok(issue(working, ticket, line, now)),
            Some(_) | None => Ok(claim(working, &ticket, line, now)),
        },
        State::NoShow => Ok(Decision::told(standing(working, &ticket, &line, Next::Nothing))),
        State::Joining { .. }
        | State::Waiting
        | State::Called { .. }
        | State::Seated
        | State::Left
        | State::Cancelled => Err(Refusal::NotDue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Happened};
    use crate::fixture::{Desk, LINE, join, party, shop};
    use crate::line::{CLAIM_SECONDS, PROBE_SECONDS, Shop};
    use crate::settle::Outcome;

    /// All seats are taken by party 0.
    fn full(units: i64) -> Desk {
        let mut desk = Desk::of(shop(units));
        desk.seated(0, units, 0);
        desk
    }

    fn free(desk: &mut Desk, free: i64) {
        let freed = desk.freed(free);
        desk.settle(0, freed);
    }

    #[test]
    fn parties_are_called_in_order_while_there_is_room() {
        let mut desk = full(6);
        for number in 1..=4 {
            desk.waiting(number, 2);
        }
        assert_eq!(desk.next(), None);
        free(&mut desk, 6);
        desk.called(1, 4);
        desk.called(2, 2);
        desk.called(3, 0);
        assert_eq!(desk.next(), None);
        assert_eq!(desk.stored(4).passes, 0);
    }

    #[test]
    fn a_bigger_party_is_passed_over_three_times_and_no_more() {
        let mut desk = full(8);
        desk.waiting(1, 8);
        for number in 2..=6 {
            desk.waiting(number, 2);
        }
        free(&mut desk, 7);
        for (number, left) in [(2, 5), (3, 3)] {
            desk.called(number, left);
        }
        // One that joins and sits down at once goes before it as well.
        for number in 4..=6 {
            desk.run(&Command::Cancel { ticket: party(number) });
        }
        desk.seated(7, 1, 2);
        assert_eq!(desk.stored(1).passes, 3);
        desk.waiting(8, 2);
        assert_eq!(desk.stands(&join(9, 1)).next, Next::Number, "seats are kept for the bigger party");
        desk.settle(9, Outcome::Unavailable);
        assert_eq!(desk.next(), None);
        free(&mut desk, 8);
        desk.called(1, 0);
    }

    #[test]
    fn a_party_that_outgrew_the_store_blocks_nobody() {
        let mut desk = full(8);
        desk.waiting(1, 8);
        desk.run(&Command::Adopt(Box::new(Shop { version: 2, ..shop(4) })));
        for number in 2..=6 {
            desk.waiting(number, 1);
        }
        free(&mut desk, 4);
        for (number, left) in [(2, 3), (3, 2), (4, 1), (5, 0)] {
            desk.called(number, left);
        }
        assert_eq!(desk.stored(1).passes, 0);
    }

    #[test]
    fn a_claim_whose_owner_died_is_taken_up_by_one() {
        let mut desk = full(4);
        desk.waiting(1, 2);
        free(&mut desk, 4);
        assert_eq!(desk.next(), Some(party(1)));
        assert_eq!(desk.next(), None, "its owner may still be asking");
        desk.pass(CLAIM_SECONDS);
        assert_eq!(desk.next(), Some(party(1)));
        assert_eq!(desk.next(), None, "another has it");
    }

    #[test]
    fn a_wrong_hint_is_found_out() {
        let mut desk = full(4);
        desk.waiting(1, 2);
        assert_eq!(desk.next(), None);
        desk.pass(PROBE_SECONDS - 1);
        assert_eq!(desk.next(), None);
        assert_eq!(desk.working.line(LINE).unwrap().look_due, Some(desk.now + SignedDuration::from_secs(1)));
        desk.pass(1);
        desk.called(1, 2);
    }

    #[test]
    fn a_refusal_that_speaks_of_room_is_no_circle() {
        let mut desk = full(4);
        desk.waiting(1, 2);
        free(&mut desk, 4);
        assert_eq!(desk.next(), Some(party(1)));
        let odd = desk.no_room(4);
        desk.settle(1, odd);
        assert_eq!(desk.next(), None);
    }

    #[test]
    fn who_does_not_come_is_gone_at_the_deadline() {
        let mut desk = full(4);
        desk.waiting(1, 2);
        free(&mut desk, 4);
        desk.called(1, 2);
        desk.pass(299);
        let due = Command::Due { ticket: party(1) };
        assert_eq!(desk.run(&due), Decision::from(Refusal::NotDue));
        desk.pass(1);
        let decision = desk.run(&due);
        assert!(matches!(decision.happened, Some(Happened::Ticket(Transition::NoShow, _))));
        let again = desk.run(&due);
        assert_eq!((again.told, again.happened), (decision.told, None));
    }

    #[test]
    fn a_join_that_nobody_finished_is_finished() {
        // Whoever asked for its seats died.
        let mut desk = Desk::of(shop(4));
        desk.stands(&join(1, 2));
        let due = Command::Due { ticket: party(1) };
        assert_eq!(desk.run(&due), Decision::from(Refusal::NotDue));
        desk.pass(5);
        assert_eq!(desk.stands(&due).next, Next::Claim { claim: 2 });
        assert_eq!(desk.run(&due), Decision::from(Refusal::NotDue));
        // Whoever was to give it a number died.
        let mut desk = Desk::of(shop(4));
        desk.stands(&join(1, 2));
        desk.stands(&join(2, 2));
        desk.pass(5);
        desk.stands(&Command::Due { ticket: party(1) });
        assert_eq!(desk.stands(&Command::Due { ticket: party(2) }).ticket.number, Some(1));
    }
}
