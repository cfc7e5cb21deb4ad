//! What seating says of a party, whichever way it comes: decided on the state it finds.

use crate::command::{Decision, Next, Refusal, Told, standing};
use crate::line::{Floor, Line, RETRY_SECONDS};
use crate::ticket::{State, Ticket, Transition};
use crate::wait::Wait;
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::TicketId;

/// What seating says of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It owns its seats.
    Seated { floor: Floor },
    /// There is not enough room; by answer, to the claim with that number.
    NoRoom { claim: i64, floor: Floor },
    /// It owned seats and they were given back; it can never claim again.
    Ended {
        /// By event; an answer does not say.
        floor: Option<Floor>,
    },
    /// The call was not made, or not answered in time: whether it had an effect is unknown.
    Unavailable,
}

pub(crate) fn decide(
    working: &mut Working,
    id: TicketId,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let (ticket, mut line) = working.known(id)?;
    hear(&mut line, &ticket, outcome, now);
    match (ticket.state, outcome) {
        (State::Joining { .. }, Outcome::Seated { .. }) => Ok(seat(working, ticket, line, now)),
        (State::Waiting, Outcome::Seated { .. }) => Ok(call(working, ticket, line, now)),
        (State::Joining { .. }, Outcome::NoRoom { .. } | Outcome::Unavailable) => Ok(issue(working, ticket, line, now)),
        (State::Joining { .. } | State::Waiting | State::Called { .. } | State::Seated, Outcome::Ended { .. }) => {
            Ok(leave(working, ticket, line, now))
        }
        (State::Waiting, Outcome::NoRoom { .. } | Outcome::Unavailable)
        | (
            State::Called { .. } | State::Seated,
            Outcome::Seated { .. } | Outcome::NoRoom { .. } | Outcome::Unavailable,
        )
        | (
            State::Left | State::Cancelled | State::NoShow,
            Outcome::Seated { .. } | Outcome::NoRoom { .. } | Outcome::Ended { .. } | Outcome::Unavailable,
        ) => {
            working.stir(line.clone(), now);
            Ok(Decision::told(standing(working, &ticket, &line, Next::Nothing)))
        }
    }
}

/// What the outcome says of the floor, and what becomes of the claim: it is out until its outcome is known.
fn hear(line: &mut Line, ticket: &Ticket, outcome: Outcome, now: Timestamp) {
    let is_claiming = line.is_claiming(ticket.id);
    match outcome {
        Outcome::Seated { floor } => line.hear(floor, now),
        Outcome::NoRoom { claim, floor } => {
            line.hear_no_room(ticket.party.size, floor, now);
            // A later one for the same party may still find room.
            if is_claiming && claim == line.claims {
                line.claim = None;
            }
        }
        Outcome::Ended { floor: Some(floor) } => line.hear(floor, now),
        Outcome::Ended { floor: None } => {}
        Outcome::Unavailable => {
            if let Some(claim) = line.claim.as_mut().filter(|_| is_claiming) {
                claim.due = now + SignedDuration::from_secs(RETRY_SECONDS);
            }
        }
    }
}

/// Gives a joining party its number and tells it how long it may take. Its place is behind whoever has a number, so that
/// parties are called in the order of what they can read on their tickets.
pub(crate) fn issue(working: &mut Working, mut ticket: Ticket, mut line: Line, now: Timestamp) -> Decision {
    let (day, number) = line.number(now);
    (ticket.day, ticket.number) = (day, Some(number));
    line.last_place += 1;
    ticket.place = line.last_place;
    ticket.quoted_ahead = count(working.ahead(line.id(), ticket.place).filter(|other| other.id != ticket.id));
    ticket.quote = Some(line.history.quote(ticket.quoted_ahead));
    let waiting = working.turn(ticket, &mut line, State::Waiting);
    done(working, Transition::Issued, waiting, (line, now))
}

/// A joining party sits down at once; whoever stands before it did not fit.
fn seat(working: &mut Working, mut ticket: Ticket, mut line: Line, now: Timestamp) -> Decision {
    pass_over(working, &ticket, &line);
    ticket.seated_at = Some(now);
    let seated = working.turn(ticket, &mut line, State::Seated);
    done(working, Transition::Seated, seated, (line, now))
}

/// A waiting party owns its seats from now on and has some minutes to come; what it was told is scored.
fn call(working: &mut Working, mut ticket: Ticket, mut line: Line, now: Timestamp) -> Decision {
    pass_over(working, &ticket, &line);
    ticket.called_at = Some(now);
    let deadline = now + SignedDuration::from_mins(line.shop.rules.call_minutes);
    let wait =
        Wait { ahead: ticket.quoted_ahead, seconds: now.duration_since(ticket.party.joined_at).as_secs().max(0) };
    // Who let others go first waited longer by choice; that says nothing of the line.
    let quote = ticket.quote.filter(|_| ticket.deferrals == 0);
    let within = quote.map(|quote| line.history.learn(wait, quote));
    let called = working.turn(ticket, &mut line, State::Called { deadline });
    let mut decision = done(working, Transition::Called, called, (line, now));
    if let Ok(Told::Stands(standing)) = &mut decision.told {
        standing.within = within;
    }
    decision
}

fn leave(working: &mut Working, ticket: Ticket, mut line: Line, now: Timestamp) -> Decision {
    let left = working.turn(ticket, &mut line, State::Left);
    done(working, Transition::Left, left, (line, now))
}

/// Counts, for everybody before `ticket`, that it went first.
fn pass_over(working: &mut Working, ticket: &Ticket, line: &Line) {
    let ahead: Vec<Ticket> =
        working.ahead(line.id(), ticket.place).filter(|other| line.could_seat(other)).cloned().collect();
    for mut other in ahead {
        other.passes += 1;
        working.note(&other);
    }
}

pub(crate) fn done(
    working: &mut Working,
    transition: Transition,
    ticket: Ticket,
    (line, now): (Line, Timestamp),
) -> Decision {
    working.stir(line.clone(), now);
    let told = standing(working, &ticket, &line, Next::Nothing);
    Decision::ticket(transition, ticket, told)
}

pub(crate) fn count<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> i64 {
    i64::try_from(tickets.count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Happened};
    use crate::fixture::{Desk, LINE, join, party, shop};
    use crate::line::{CLAIM_SECONDS, PROBE_SECONDS};
    use crate::wait::Quote;

    #[test]
    fn a_party_sits_down_or_gets_the_next_number() {
        let mut desk = Desk::of(shop(4));
        desk.seated(1, 4, 0);
        let seated = desk.stored(1);
        assert_eq!((seated.version, seated.number, seated.seated_at), (2, None, Some(desk.now)));
        for (number, ahead) in [(2, 0), (3, 1), (4, 2)] {
            let waiting = desk.waiting(number, 2);
            assert_eq!((waiting.number, waiting.version), (Some(i64::try_from(number).unwrap() - 1), 2));
            assert_eq!(
                (waiting.quoted_ahead, waiting.quote),
                (ahead, Some(Quote { p50: 300 * (ahead + 1), p90: 600 * (ahead + 1) }))
            );
        }
    }

    #[test]
    fn numbers_begin_anew_with_the_service_day_and_never_on_an_earlier_one() {
        let mut desk = Desk::of(shop(1));
        desk.seated(1, 1, 0);
        desk.waiting(2, 1);
        desk.pass(17 * 3_600 - 1);
        assert_eq!(desk.waiting(3, 1).number, Some(2), "04:59:59 belongs to the evening before");
        desk.pass(1);
        let first = desk.waiting(4, 1);
        assert_eq!((first.number, first.day.to_string()), (Some(1), "2026-06-02".into()));
        // The store moves to a zone in which it is still yesterday.
        let moved = crate::Shop { version: 2, zone: kernel::time_zone("America/New_York").unwrap(), ..shop(1) };
        desk.run(&Command::Adopt(Box::new(moved)));
        let second = desk.waiting(5, 1);
        assert_eq!((second.number, second.day.to_string()), (Some(2), "2026-06-02".into()));
    }

    #[test]
    fn the_line_never_refuses_and_an_unknown_claim_stays_out() {
        let mut desk = Desk::of(shop(4));
        desk.stands(&join(1, 2));
        assert_eq!(desk.settle(1, Outcome::Unavailable).ticket.number, Some(1));
        assert_eq!(desk.stands(&join(2, 2)).next, Next::Number, "seats may be taken, nobody knows");
        assert_eq!(desk.next(), None, "not at once");
        desk.pass(RETRY_SECONDS);
        desk.called(1, 2);
    }

    #[test]
    fn an_event_tells_what_a_lost_answer_would_have() {
        let mut desk = Desk::of(shop(4));
        desk.stands(&join(1, 2));
        desk.settle(1, Outcome::Unavailable);
        let room = desk.room(2);
        let called = desk.settle(1, room);
        assert!(matches!(called.ticket.state, State::Called { .. }));
        assert_eq!(desk.working.line(LINE).unwrap().claim, None);
        let again = desk.run(&Command::Settle { ticket: party(1), outcome: room });
        assert_eq!(again.happened, None, "the answer comes after all");
    }

    #[test]
    fn an_answer_to_an_earlier_claim_leaves_the_newer_one_out() {
        let mut desk = Desk::of(shop(4));
        desk.waiting(1, 2);
        desk.pass(PROBE_SECONDS);
        assert_eq!(desk.next(), Some(party(1)));
        let earlier = desk.no_room(0);
        desk.pass(CLAIM_SECONDS);
        assert_eq!(desk.next(), Some(party(1)), "its owner died, as it seems");
        desk.settle(1, earlier);
        let line = desk.working.line(LINE).unwrap();
        assert!(line.is_claiming(party(1)));
        let newer = desk.no_room(0);
        desk.settle(1, newer);
        assert_eq!(desk.working.line(LINE).unwrap().claim, None);
    }

    #[test]
    fn a_quote_is_scored_when_its_party_is_called() {
        for (after, within) in [(600, true), (601, false)] {
            let mut desk = Desk::of(shop(4));
            desk.seated(1, 4, 0);
            desk.waiting(2, 4);
            desk.pass(after);
            let freed = desk.freed(4);
            desk.settle(1, freed);
            assert_eq!(desk.called(2, 0).within, Some(within));
            let history = &desk.working.line(LINE).unwrap().history;
            assert_eq!((history.within, history.beyond), (i64::from(within), i64::from(!within)));
            assert_eq!(history.waits, [Wait { ahead: 0, seconds: after }]);
        }
    }

    #[test]
    fn seats_given_back_end_a_ticket_whatever_it_knew() {
        let mut desk = Desk::of(shop(4));
        desk.stands(&join(1, 2));
        // The event that seats were freed overtakes the one that they were taken.
        let (room, freed) = (desk.room(2), desk.freed(4));
        let decision = desk.run(&Command::Settle { ticket: party(1), outcome: freed });
        assert!(matches!(decision.happened, Some(Happened::Ticket(Transition::Left, _))));
        assert_eq!(desk.run(&Command::Settle { ticket: party(1), outcome: room }).happened, None);
        assert_eq!((desk.stored(1).state, desk.working.line(LINE).unwrap().free()), (State::Left, 4));
        // And an answer that says no more than that.
        desk.waiting(2, 2);
        desk.pass(100);
        assert_eq!(desk.settle(2, Outcome::Ended { floor: None }).ticket.state, State::Left);
    }

    #[test]
    fn parties_are_called_in_the_order_of_their_numbers() {
        let mut desk = Desk::of(shop(4));
        desk.seated(0, 3, 1);
        assert!(matches!(desk.stands(&join(1, 1)).next, Next::Claim { .. }), "its seats are being asked for");
        assert_eq!(desk.stands(&join(2, 1)).next, Next::Number);
        assert_eq!(desk.settle(2, Outcome::Unavailable).ticket.number, Some(1));
        let full = desk.no_room(0);
        assert_eq!(desk.settle(1, full).ticket.number, Some(2));
        let order: Vec<_> = desk.working.queue(LINE).map(|ticket| (ticket.id, ticket.number)).collect();
        assert_eq!(order, [(party(2), Some(1)), (party(1), Some(2))]);
        assert_eq!(desk.stored(1).quoted_ahead, 1);
    }
}
