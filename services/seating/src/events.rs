//! Events both ways: what catalog and waitlist tell as commands, and what this service tells as publications.

use choreography::{Outgoing, Poison, Received};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::seating::{PartyV1, SeatingEvent};
use contract::waitlist::{TicketV1, WaitlistEvent};
use kernel::Label;
use seating_domain::{Command, Standing, Store, Transition};

/// What seating listens to: the stores, and the tickets that end without a meal.
pub const TOPICS: &[&str] = &[
    "catalog.published",
    "catalog.changed",
    "catalog.retired",
    "catalog.state",
    "waitlist.cancelled",
    "waitlist.no-show",
];

/// The command that an event means; none where it is not about a line.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    if event.kind.starts_with("catalog.") {
        return store(CatalogEvent::decode(&event.kind, &event.payload)?.offering());
    }
    match WaitlistEvent::decode(&event.kind, &event.payload)? {
        WaitlistEvent::Cancelled(ticket) | WaitlistEvent::NoShow(ticket) => release(&ticket).map(Some),
        WaitlistEvent::Joined(_)
        | WaitlistEvent::Issued(_)
        | WaitlistEvent::Deferred(_)
        | WaitlistEvent::Called(_)
        | WaitlistEvent::Seated(_)
        | WaitlistEvent::Left(_)
        | WaitlistEvent::State(_)
        | WaitlistEvent::LinePaused(_)
        | WaitlistEvent::LineResumed(_)
        | WaitlistEvent::LineState(_) => Ok(None),
    }
}

fn store(offering: &OfferingV1) -> Result<Option<Command>, Poison> {
    if offering.kind != "line" {
        return Ok(None);
    }
    if offering.units < 0 {
        return Err(odd("units"));
    }
    Ok(Some(Command::Adopt(Store {
        offering: offering.offering_id.into(),
        version: offering.version,
        open: offering.status == "open",
        units: offering.units,
        business: Some(Label::try_from(offering.business.clone()).map_err(|_| odd("business"))?),
    })))
}

fn release(ticket: &TicketV1) -> Result<Command, Poison> {
    if ticket.party_size < 1 {
        return Err(odd("party_size"));
    }
    Ok(Command::Release {
        offering: ticket.offering_id.into(),
        ticket: ticket.ticket_id.into(),
        party_size: ticket.party_size,
    })
}

fn odd(field: &str) -> Poison {
    Poison(format!("`{field}` does not read"))
}

/// The event of a transition, with the party's whole public state.
pub fn outgoing(transition: Transition, standing: &Standing) -> Result<Outgoing, Poison> {
    let body = state(standing);
    let event = match transition {
        Transition::Seated => SeatingEvent::PartySeated(body),
        Transition::Freed => SeatingEvent::SeatsFreed(body),
    };
    Outgoing::of(&event, standing.party.ticket.0, standing.party.version())
}

/// A party as it stands, for whoever has not heard of it.
pub fn present(standing: &Standing) -> Result<Outgoing, Poison> {
    Outgoing::of(&SeatingEvent::State(state(standing)), standing.party.ticket.0, standing.party.version())
}

/// A party as other services and hosts see it.
pub fn state(standing: &Standing) -> PartyV1 {
    let Standing { party, free, floor_version } = standing;
    PartyV1 {
        ticket_id: party.ticket.0,
        version: party.version(),
        status: party.state.status().to_owned(),
        offering_id: party.offering.0,
        party_size: party.party_size,
        free: *free,
        floor_version: *floor_version,
    }
}
