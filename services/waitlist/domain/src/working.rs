//! The working set: what a batch loaded, and what its decisions changed.

use crate::command::Refusal;
use crate::line::{Line, RETRY_SECONDS, Shop};
use crate::ticket::{State, Ticket};
use jiff::{SignedDuration, Timestamp};
use kernel::{OfferingId, TicketId};
use std::collections::{BTreeMap, BTreeSet};

/// Lines that a batch names, with everybody queued in them and the tickets it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    lines: BTreeMap<OfferingId, Line>,
    tickets: BTreeMap<TicketId, Ticket>,
    /// Who is queued, by place.
    queues: BTreeMap<OfferingId, BTreeMap<i64, TicketId>>,
    changed_lines: BTreeSet<OfferingId>,
    joined: BTreeSet<TicketId>,
    changed: BTreeSet<TicketId>,
}

impl Working {
    /// Adds a line that the store holds.
    pub fn load_line(&mut self, line: Line) {
        self.lines.insert(line.id(), line);
    }

    /// Adds a ticket that the store holds. Whoever is queued in a line must be loaded with it.
    pub fn load_ticket(&mut self, ticket: Ticket) {
        self.index(&ticket);
        self.tickets.insert(ticket.id, ticket);
    }

    #[must_use]
    pub fn line(&self, id: OfferingId) -> Option<&Line> {
        self.lines.get(&id)
    }

    #[must_use]
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id)
    }

    /// Every loaded ticket, by id.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values()
    }

    /// Who joins or waits, in order.
    pub fn queue(&self, line: OfferingId) -> impl Iterator<Item = &Ticket> {
        self.queues.get(&line).into_iter().flat_map(BTreeMap::values).filter_map(|id| self.tickets.get(id))
    }

    /// Who joins or waits and has a lower place than `place`.
    pub fn ahead(&self, line: OfferingId, place: i64) -> impl Iterator<Item = &Ticket> {
        let ahead = self.queues.get(&line).into_iter().flat_map(move |queue| queue.range(..place));
        ahead.filter_map(|(_, id)| self.tickets.get(id))
    }

    /// Lines to store, in key order.
    pub fn changed_lines(&self) -> impl Iterator<Item = &Line> {
        self.changed_lines.iter().filter_map(|id| self.lines.get(id))
    }

    /// Tickets to insert, in key order.
    pub fn joined(&self) -> impl Iterator<Item = &Ticket> {
        self.joined.iter().filter_map(|id| self.tickets.get(id))
    }

    /// Tickets to update, in key order.
    pub fn changed(&self) -> impl Iterator<Item = &Ticket> {
        self.changed.iter().filter_map(|id| self.tickets.get(id))
    }

    pub(crate) fn known_line(&self, id: OfferingId) -> Result<Line, Refusal> {
        self.lines.get(&id).cloned().ok_or(Refusal::OfferingNotFound)
    }

    /// A ticket and its line.
    pub(crate) fn known(&self, id: TicketId) -> Result<(Ticket, Line), Refusal> {
        let ticket = self.tickets.get(&id).cloned().ok_or(Refusal::TicketNotFound)?;
        let line = self.known_line(ticket.party.line)?;
        Ok((ticket, line))
    }

    /// Who is queued right behind `ticket`.
    pub(crate) fn behind(&self, ticket: &Ticket) -> Option<Ticket> {
        let (_, id) = self.queues.get(&ticket.party.line)?.range(ticket.place + 1..).next()?;
        self.tickets.get(id).cloned()
    }

    pub(crate) fn join(&mut self, ticket: &Ticket) {
        self.joined.insert(ticket.id);
        self.note(ticket);
    }

    /// Moves a ticket into `state`, one version on; a claim for a party that is queued no more is over.
    pub(crate) fn turn(&mut self, mut ticket: Ticket, line: &mut Line, state: State) -> Ticket {
        ticket.version += 1;
        ticket.state = state;
        if !state.is_queued() && line.is_claiming(ticket.id) {
            line.claim = None;
        }
        self.note(&ticket);
        ticket
    }

    /// Two parties change places.
    pub(crate) fn swap(&mut self, mut one: Ticket, mut other: Ticket) -> Ticket {
        std::mem::swap(&mut one.place, &mut other.place);
        self.note(&other);
        self.note(&one);
        one
    }

    pub(crate) fn note(&mut self, ticket: &Ticket) {
        if !self.joined.contains(&ticket.id) {
            self.changed.insert(ticket.id);
        }
        self.index(ticket);
        self.tickets.insert(ticket.id, ticket.clone());
    }

    /// Stores a line after a change of it or of its queue, and has a sweep look at it if nobody else does in time.
    pub(crate) fn stir(&mut self, mut line: Line, now: Timestamp) {
        let is_empty = self.queues.get(&line.id()).is_none_or(BTreeMap::is_empty);
        let soon = now + SignedDuration::from_secs(RETRY_SECONDS);
        line.look_due = line.claim.map_or((!is_empty).then_some(soon), |claim| Some(claim.due));
        self.keep(line);
    }

    /// Stores a line if it changed.
    pub(crate) fn keep(&mut self, line: Line) {
        if self.lines.get(&line.id()) != Some(&line) {
            self.changed_lines.insert(line.id());
            self.lines.insert(line.id(), line);
        }
    }

    /// Takes over `shop` if it is newer than what is known.
    pub(crate) fn adopt(&mut self, shop: &Shop, now: Timestamp) {
        let line = match self.lines.get(&shop.id) {
            Some(known) if known.shop.version >= shop.version => return,
            Some(known) => {
                let mut line = known.clone();
                line.adopt(shop);
                line
            }
            None => Line::of(shop.clone()),
        };
        self.stir(line, now);
    }

    /// Keeps the queue's order true to the tickets.
    fn index(&mut self, ticket: &Ticket) {
        let queue = self.queues.entry(ticket.party.line).or_default();
        if let Some(known) = self.tickets.get(&ticket.id)
            && queue.get(&known.place) == Some(&ticket.id)
        {
            queue.remove(&known.place);
        }
        if ticket.state.is_queued() {
            queue.insert(ticket.place, ticket.id);
        }
    }
}
