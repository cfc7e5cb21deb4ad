//! What guests and hosts change: cancel, defer, seat, pause, resume.

use crate::command::{Decision, Happened, Next, Refusal, Told, standing};
use crate::line::LineTransition;
use crate::settle::done;
use crate::ticket::{State, Transition};
use crate::working::Working;
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};

pub(crate) fn cancel(working: &mut Working, id: TicketId, now: Timestamp) -> Result<Decision, Refusal> {
    let (ticket, mut line) = working.known(id)?;
    match ticket.state {
        State::Waiting | State::Called { .. } => {
            let cancelled = working.turn(ticket, &mut line, State::Cancelled);
            Ok(done(working, Transition::Cancelled, cancelled, (line, now)))
        }
        State::Cancelled => Ok(Decision::told(standing(working, &ticket, &line, Next::Nothing))),
        State::Joining { .. } | State::Seated | State::Left | State::NoShow => Err(wrong(ticket.state)),
    }
}

/// The host saw the called party sit down; its seats are its own already.
pub(crate) fn seat(working: &mut Working, id: TicketId, now: Timestamp) -> Result<Decision, Refusal> {
    let (mut ticket, mut line) = working.known(id)?;
    match ticket.state {
        State::Called { .. } => {
            ticket.seated_at = Some(now);
            let seated = working.turn(ticket, &mut line, State::Seated);
            Ok(done(working, Transition::Seated, seated, (line, now)))
        }
        State::Seated => Ok(Decision::told(standing(working, &ticket, &line, Next::Nothing))),
        State::Joining { .. } | State::Waiting | State::Left | State::Cancelled | State::NoShow => {
            Err(wrong(ticket.state))
        }
    }
}

/// A waiting party changes places with the one behind it.
pub(crate) fn defer(working: &mut Working, id: TicketId, now: Timestamp) -> Result<Decision, Refusal> {
    let (mut ticket, mut line) = working.known(id)?;
    match ticket.state {
        State::Waiting => {}
        State::Joining { .. }
        | State::Called { .. }
        | State::Seated
        | State::Left
        | State::Cancelled
        | State::NoShow => return Err(wrong(ticket.state)),
    }
    if ticket.deferrals >= line.shop.rules.deferrals_max {
        return Err(Refusal::DeferralsUsed);
    }
    if line.is_claiming(id) {
        return Err(Refusal::BeingCalled);
    }
    let behind = working.behind(&ticket).ok_or(Refusal::NobodyBehind)?;
    ticket.deferrals += 1;
    let ticket = working.swap(ticket, behind);
    let deferred = working.turn(ticket, &mut line, State::Waiting);
    Ok(done(working, Transition::Deferred, deferred, (line, now)))
}

/// Pauses or resumes a line; who waits is called either way.
pub(crate) fn pause(working: &mut Working, id: OfferingId, paused: bool, now: Timestamp) -> Result<Decision, Refusal> {
    let mut line = working.known_line(id)?;
    if line.paused == paused {
        return Ok(Decision::told(Told::Line(Box::new(line))));
    }
    line.paused = paused;
    line.version += 1;
    working.stir(line.clone(), now);
    let transition = if paused { LineTransition::Paused } else { LineTransition::Resumed };
    Ok(Decision {
        told: Ok(Told::Line(Box::new(line.clone()))),
        happened: Some(Happened::Line(transition, Box::new(line))),
    })
}

fn wrong(state: State) -> Refusal {
    Refusal::WrongState { status: state.status() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::fixture::{Desk, LINE, join, party, shop};
    use crate::settle::Outcome;

    fn desk() -> Desk {
        let mut desk = Desk::of(shop(4));
        desk.seated(0, 4, 0);
        for number in 1..=3 {
            desk.waiting(number, 2);
        }
        desk
    }

    fn order(desk: &Desk) -> Vec<TicketId> {
        desk.working.queue(LINE).map(|ticket| ticket.id).collect()
    }

    fn free(desk: &mut Desk, free: i64) {
        let freed = desk.freed(free);
        desk.settle(0, freed);
    }

    #[test]
    fn a_party_lets_the_next_one_go_first_twice() {
        let mut desk = desk();
        let defer = |number| Command::Defer { ticket: party(number) };
        let deferred = desk.stands(&defer(1));
        assert_eq!((deferred.ticket.deferrals, deferred.ahead, deferred.ticket.number), (1, 1, Some(1)));
        assert_eq!(order(&desk), [party(2), party(1), party(3)]);
        desk.stands(&defer(1));
        assert_eq!(order(&desk), [party(2), party(3), party(1)]);
        let before = desk.working.clone();
        assert_eq!(desk.run(&defer(1)), Refusal::DeferralsUsed.into());
        desk.waiting(4, 1);
        assert_eq!(desk.run(&defer(1)), Refusal::DeferralsUsed.into());
        assert_eq!(desk.run(&defer(4)), Refusal::NobodyBehind.into());
        assert_eq!(before.ticket(party(1)), desk.working.ticket(party(1)));
    }

    #[test]
    fn a_party_whose_seats_are_asked_for_does_not_defer() {
        let mut desk = desk();
        free(&mut desk, 2);
        assert_eq!(desk.next(), Some(party(1)));
        assert_eq!(desk.run(&Command::Defer { ticket: party(1) }), Refusal::BeingCalled.into());
        let room = desk.room(0);
        desk.settle(1, room);
        assert_eq!(desk.run(&Command::Defer { ticket: party(1) }), Refusal::WrongState { status: "called" }.into());
    }

    #[test]
    fn cancelling_twice_is_once_and_ends_a_claim() {
        let mut desk = desk();
        free(&mut desk, 4);
        assert_eq!(desk.next(), Some(party(1)));
        let cancel = Command::Cancel { ticket: party(1) };
        let first = desk.run(&cancel);
        assert!(first.happened.is_some());
        assert_eq!(desk.next(), Some(party(2)), "nobody waits for an answer about who has gone");
        let (before, again) = (desk.working.clone(), desk.run(&cancel));
        assert_eq!((again.told, again.happened), (first.told, None));
        assert_eq!(desk.working, before);
        // The seats come after all; seating hears of the cancel and takes them back.
        let room = desk.room(2);
        assert_eq!(desk.settle(1, room).ticket.state, State::Cancelled);
    }

    #[test]
    fn what_is_over_stays_over() {
        let mut desk = desk();
        free(&mut desk, 4);
        desk.called(1, 2);
        desk.called(2, 0);
        desk.stands(&Command::Seat { ticket: party(1) });
        assert_eq!(desk.stands(&Command::Seat { ticket: party(1) }).ticket.seated_at, Some(desk.now));
        desk.stands(&Command::Cancel { ticket: party(2) });
        for (number, status) in [(0, "left"), (1, "seated"), (2, "cancelled"), (3, "waiting")] {
            let ticket = party(number);
            for (command, refused) in [
                (Command::Seat { ticket }, status != "seated"),
                (Command::Cancel { ticket }, !["cancelled", "waiting"].contains(&status)),
                (Command::Defer { ticket }, status != "waiting"),
            ] {
                let before = desk.working.clone();
                if refused {
                    assert_eq!(desk.run(&command), Refusal::WrongState { status }.into(), "{command:?}");
                    assert_eq!(desk.working, before);
                }
            }
        }
    }

    #[test]
    fn a_paused_line_gives_no_numbers_and_still_calls() {
        let mut desk = desk();
        let pause = Command::Pause { line: LINE };
        let Ok(Told::Line(line)) = desk.run(&pause).told else { panic!("refused") };
        assert_eq!((line.status(), line.version), ("paused", 1));
        let (before, again) = (desk.working.clone(), desk.run(&pause));
        assert_eq!((again.happened, desk.working == before), (None, true));
        assert_eq!(desk.run(&join(9, 1)), Refusal::LinePaused.into());
        free(&mut desk, 4);
        desk.called(1, 2);
        assert!(desk.run(&Command::Resume { line: LINE }).happened.is_some());
        assert_eq!(desk.working.line(LINE).map(|line| (line.status(), line.version)), Some(("open", 2)));
        desk.stands(&join(9, 1));
        desk.settle(9, Outcome::Unavailable);
    }
}
