//! Events both ways: what this service hears as commands, and what it tells as publications.

use choreography::{Outgoing, Poison, Received};
use contract::catalog::{CatalogEvent, LineRulesV1, OfferingV1};
use contract::seating::{PartyV1, SeatingEvent};
use contract::waitlist::{LineV1, QuoteV1, TicketV1, WaitlistEvent};
use kernel::{Label, TicketId, time_zone};
use std::ops::RangeInclusive;
use waitlist_domain::{
    Command, Floor, Happened, Line, LineTransition, Outcome, Rules, Shop, State, Ticket, Transition,
};

/// What waitlist listens to.
pub const TOPICS: &[&str] = &[
    "catalog.published",
    "catalog.changed",
    "catalog.retired",
    "catalog.state",
    "seating.party-seated",
    "seating.seats-freed",
];

/// How long a party may have to come, in minutes: up to a day.
const CALL_MINUTES: RangeInclusive<i64> = 1..=1_440;
/// How often a party may be passed over, or may defer.
const TIMES: RangeInclusive<i64> = 0..=1_000;

/// The command that an event means.
pub fn translate(event: &Received) -> Result<Option<Command>, Poison> {
    if event.kind.starts_with("catalog.") {
        let event = CatalogEvent::decode(&event.kind, &event.payload)?;
        let offering = event.offering();
        let is_line = offering.kind == "line";
        return is_line.then(|| Ok(Command::Adopt(Box::new(shop(offering)?)))).transpose();
    }
    Ok(match SeatingEvent::decode(&event.kind, &event.payload)? {
        SeatingEvent::PartySeated(party) => Some(settle(&party, Outcome::Seated { floor: floor(&party) })),
        SeatingEvent::SeatsFreed(party) => Some(settle(&party, Outcome::Ended { floor: Some(floor(&party)) })),
        SeatingEvent::State(_) => None,
    })
}

fn settle(party: &PartyV1, outcome: Outcome) -> Command {
    Command::Settle { ticket: TicketId(party.ticket_id), outcome }
}

const fn floor(party: &PartyV1) -> Floor {
    Floor { free: party.free, version: party.floor_version }
}

fn shop(wire: &OfferingV1) -> Result<Shop, Poison> {
    let odd = |field: &str| Poison(format!("`{field}` does not read"));
    Ok(Shop {
        id: wire.offering_id.into(),
        version: wire.version,
        open: wire.status == "open",
        business: Label::try_from(wire.business.clone()).map_err(|_| odd("business"))?,
        name: wire.name.clone(),
        units: wire.units,
        zone: time_zone(&wire.timezone).ok_or_else(|| odd("timezone"))?,
        rules: wire.line.as_ref().map_or(Ok(Rules::default()), rules)?,
    })
}

fn rules(wire: &LineRulesV1) -> Result<Rules, Poison> {
    let within = |value: i64, bounds: RangeInclusive<i64>, field: &str| {
        if bounds.contains(&value) { Ok(value) } else { Err(Poison(format!("`line.{field}` is out of bounds"))) }
    };
    let day_starts_at = jiff::civil::Time::strptime("%H:%M", &wire.day_starts_at);
    Ok(Rules {
        passes_max: within(wire.passes_max, TIMES, "passes_max")?,
        call_minutes: within(wire.call_minutes, CALL_MINUTES, "call_minutes")?,
        deferrals_max: within(wire.deferrals_max, TIMES, "deferrals_max")?,
        day_starts_at: day_starts_at.map_err(|_| Poison("`line.day_starts_at` does not read".into()))?,
    })
}

/// The event of what happened, with the whole public state.
pub fn outgoing(happened: &Happened) -> Result<Outgoing, Poison> {
    let (event, correlation, version) = match happened {
        Happened::Ticket(transition, ticket) => (of_ticket(*transition, state(ticket)), ticket.id.0, ticket.version),
        Happened::Line(transition, line) => (of_line(*transition, line_state(line)), line.id().0, line.version),
    };
    Outgoing::of(&event, correlation, version)
}

fn of_ticket(transition: Transition, body: TicketV1) -> WaitlistEvent {
    match transition {
        Transition::Joined => WaitlistEvent::Joined(body),
        Transition::Issued => WaitlistEvent::Issued(body),
        Transition::Deferred => WaitlistEvent::Deferred(body),
        Transition::Called => WaitlistEvent::Called(body),
        Transition::Seated => WaitlistEvent::Seated(body),
        Transition::Left => WaitlistEvent::Left(body),
        Transition::Cancelled => WaitlistEvent::Cancelled(body),
        Transition::NoShow => WaitlistEvent::NoShow(body),
    }
}

fn of_line(transition: LineTransition, body: LineV1) -> WaitlistEvent {
    match transition {
        LineTransition::Paused => WaitlistEvent::LinePaused(body),
        LineTransition::Resumed => WaitlistEvent::LineResumed(body),
    }
}

/// A ticket as it stands, for whoever has not heard of it.
pub fn present(ticket: &Ticket) -> Result<Outgoing, Poison> {
    Outgoing::of(&WaitlistEvent::State(state(ticket)), ticket.id.0, ticket.version)
}

/// A line as it stands, for whoever has not heard of it.
pub fn present_line(line: &Line) -> Result<Outgoing, Poison> {
    Outgoing::of(&WaitlistEvent::LineState(line_state(line)), line.id().0, line.version)
}

/// A ticket as other services and guests see it.
pub fn state(ticket: &Ticket) -> TicketV1 {
    let Ticket {
        id,
        version,
        party,
        state,
        place: _,
        day,
        number,
        called_at,
        seated_at,
        deferrals,
        passes,
        quote,
        quoted_ahead: _,
    } = ticket;
    let call_deadline = match state {
        State::Called { deadline } => Some(deadline.to_string()),
        State::Joining { .. } | State::Waiting | State::Seated | State::Left | State::Cancelled | State::NoShow => None,
    };
    TicketV1 {
        ticket_id: id.0,
        version: *version,
        status: state.status().to_owned(),
        offering_id: party.line.0,
        offering_name: party.offering_name.clone(),
        business: party.business.to_string(),
        guest_id: party.guest.to_string(),
        language: party.language.clone(),
        party_size: party.size,
        number: *number,
        service_day: day.to_string(),
        timezone: party.timezone.clone(),
        joined_at: party.joined_at.to_string(),
        called_at: called_at.map(|at| at.to_string()),
        call_deadline,
        seated_at: seated_at.map(|at| at.to_string()),
        deferrals: *deferrals,
        passes: *passes,
        quoted: quote.map(|quote| QuoteV1 { p50: quote.p50, p90: quote.p90 }),
    }
}

fn line_state(line: &Line) -> LineV1 {
    LineV1 {
        offering_id: line.id().0,
        version: line.version,
        business: line.shop.business.to_string(),
        status: if line.paused { "paused" } else { "open" }.to_owned(),
    }
}
