//! Joining: the place in line is fixed at once; whether seats are asked for right away depends on who stands before.

use crate::command::{Decision, Next, Refusal, standing};
use crate::line::{JOIN_SECONDS, Line};
use crate::ticket::{Party, State, Ticket, Transition};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, OfferingId, TicketId};

/// Parties that join or wait in one line; a batch loads them all.
pub const QUEUE_MAX: usize = 2_000;

/// A party that wants to sit down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    pub id: TicketId,
    pub line: OfferingId,
    pub guest: Label,
    /// `ko` or `en`.
    pub language: String,
    pub party_size: i64,
}

pub(crate) fn decide(working: &mut Working, join: &Join, now: Timestamp) -> Result<Decision, Refusal> {
    if let Ok((ticket, line)) = working.known(join.id) {
        // A lost answer of a commit: it joined already, and whoever asks goes on.
        let next = next(&ticket, &line);
        return Ok(Decision::told(standing(working, &ticket, &line, next)));
    }
    let mut line = working.known_line(join.line)?;
    if !line.shop.open {
        return Err(Refusal::OfferingRetired);
    }
    if line.paused {
        return Err(Refusal::LinePaused);
    }
    if join.party_size < 1 {
        return Err(Refusal::PartySize);
    }
    if join.party_size > line.shop.units {
        return Err(Refusal::PartyTooLarge { units: line.shop.units });
    }
    if working.queued(line.id()) >= QUEUE_MAX {
        return Err(Refusal::LineFull);
    }
    line.last_place += 1;
    let ticket = ticket(join, &line, now);
    if line.claim.is_none() && may_claim(working, &line, &ticket) {
        line.claim_for(ticket.id, now);
    }
    working.join(&ticket);
    working.stir(line.clone(), now);
    let told = standing(working, &ticket, &line, next(&ticket, &line));
    Ok(Decision::ticket(Transition::Joined, ticket, told))
}

/// Whether seats may be asked for before anybody else's: nobody ahead fits, and nobody's patience is used up.
pub(crate) fn may_claim(working: &Working, line: &Line, ticket: &Ticket) -> bool {
    let mut is_first = true;
    for other in working.ahead(line.id(), ticket.place).filter(|other| line.could_seat(other)) {
        if line.fits(other) || line.blocks(other) {
            return false;
        }
        is_first = false;
    }
    is_first || line.fits(ticket)
}

fn next(ticket: &Ticket, line: &Line) -> Next {
    match ticket.state {
        State::Joining { .. } if line.is_claiming(ticket.id) => Next::Claim { claim: line.claims },
        State::Joining { .. } => Next::Number,
        State::Waiting | State::Called { .. } | State::Seated | State::Left | State::Cancelled | State::NoShow => {
            Next::Nothing
        }
    }
}

fn ticket(join: &Join, line: &Line, now: Timestamp) -> Ticket {
    Ticket {
        id: join.id,
        version: 1,
        party: Party {
            line: join.line,
            offering_name: line.shop.name.clone(),
            business: line.shop.business.clone(),
            timezone: line.shop.timezone().to_owned(),
            guest: join.guest.clone(),
            language: join.language.clone(),
            size: join.party_size,
            joined_at: now,
        },
        state: State::Joining { deadline: now + SignedDuration::from_secs(JOIN_SECONDS) },
        place: line.last_place,
        day: line.today(now),
        number: None,
        called_at: None,
        seated_at: None,
        deferrals: 0,
        passes: 0,
        quote: None,
        quoted_ahead: 0,
    }
}

impl Line {
    /// Whether the party would fit into the empty store. Who would not waits for a bigger one and is in nobody's way.
    pub(crate) fn could_seat(&self, ticket: &Ticket) -> bool {
        ticket.party.size <= self.shop.units
    }

    /// Whether there is room for the party, as far as is known.
    pub(crate) fn fits(&self, ticket: &Ticket) -> bool {
        ticket.party.size <= self.free()
    }

    /// Whether the party was passed over often enough: seats are kept for it.
    pub(crate) const fn blocks(&self, ticket: &Ticket) -> bool {
        ticket.passes >= self.shop.rules.passes_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Happened};
    use crate::fixture::{Desk, LINE, join, party, shop};
    use crate::line::Claim;
    use crate::line::Shop;
    use crate::settle::Outcome;

    #[test]
    fn who_finds_nobody_before_it_is_claimed_for_at_once() {
        let mut desk = Desk::of(shop(4));
        let decision = desk.run(&join(1, 4));
        let joined = desk.stored(1);
        assert_eq!(joined.state, State::Joining { deadline: desk.now + SignedDuration::from_secs(JOIN_SECONDS) });
        assert_eq!(
            (joined.version, joined.place, joined.number, joined.day.to_string()),
            (1, 1, None, "2026-06-01".into())
        );
        assert_eq!(decision.happened, Some(Happened::Ticket(Transition::Joined, Box::new(joined))));
        let due = desk.now + SignedDuration::from_secs(crate::line::CLAIM_SECONDS);
        assert_eq!(desk.working.line(LINE).unwrap().claim, Some(Claim { ticket: party(1), due }));
        // The answer of the commit was lost, and the writer runs the command again.
        let before = desk.working.clone();
        let again = desk.run(&join(1, 4));
        assert_eq!((again.told, again.happened), (decision.told, None));
        assert_eq!(desk.working, before);
    }

    #[test]
    fn one_claim_is_out_at_a_time() {
        let mut desk = Desk::of(shop(10));
        assert_eq!(desk.stands(&join(1, 2)).next, Next::Claim { claim: 1 });
        let second = desk.stands(&join(2, 2));
        assert_eq!((second.next, second.ahead), (Next::Number, 1));
    }

    #[test]
    fn a_party_that_fits_is_never_overtaken_and_one_that_does_not_is() {
        let mut desk = Desk::of(shop(10));
        desk.seated(1, 7, 3);
        desk.waiting(2, 4);
        assert_eq!(desk.stands(&join(3, 4)).next, Next::Number, "as little room for it as for the one before");
        desk.settle(3, Outcome::Unavailable);
        assert_eq!(desk.stands(&join(4, 3)).next, Next::Claim { claim: 3 }, "who is before it does not fit");
        desk.settle(4, Outcome::Unavailable);
        let freed = desk.freed(10);
        desk.settle(1, freed);
        assert_eq!(desk.stands(&join(5, 1)).next, Next::Number, "who is before it fits now");
    }

    #[test]
    fn a_line_says_whom_it_does_not_take() {
        let closed = Shop { open: false, version: 2, ..shop(4) };
        for (prepare, size, refusal) in [
            (None, 0, Refusal::PartySize),
            (None, i64::MIN, Refusal::PartySize),
            (None, 5, Refusal::PartyTooLarge { units: 4 }),
            (Some(Command::Pause { line: LINE }), 1, Refusal::LinePaused),
            (Some(Command::Adopt(Box::new(closed))), 1, Refusal::OfferingRetired),
        ] {
            let mut desk = Desk::of(shop(4));
            if let Some(command) = prepare {
                assert!(desk.run(&command).told.is_ok());
            }
            let before = desk.working.clone();
            assert_eq!(desk.run(&join(1, size)), Decision::from(refusal));
            assert_eq!(desk.working, before);
        }
        let mut nowhere = Working::default();
        assert_eq!(crate::decide(&mut nowhere, &join(1, 1), Timestamp::UNIX_EPOCH), Refusal::OfferingNotFound.into());
    }

    #[test]
    fn a_line_holds_so_many_and_no_more() {
        let mut desk = Desk::of(shop(1));
        for number in 0..QUEUE_MAX {
            assert!(desk.run(&join(number as u128, 1)).told.is_ok());
        }
        let before = desk.working.clone();
        assert_eq!(desk.run(&join(QUEUE_MAX as u128, 1)), Decision::from(Refusal::LineFull));
        assert_eq!(desk.working, before);
    }
}
