//! Between rows and the domain; what does not read names its column.

use super::entity::{floor, party};
use jiff::Timestamp;
use kernel::Label;
use sea_orm::DbErr;
use seating_domain::{Floor, Party, State, Store};

fn corrupt(column: &str) -> DbErr {
    DbErr::Type(format!("column `{column}` does not read"))
}

impl TryFrom<floor::Model> for Floor {
    type Error = DbErr;
    fn try_from(row: floor::Model) -> Result<Self, DbErr> {
        // The ceiling follows from the units and what is taken.
        let floor::Model {
            offering_id,
            offering_version,
            open,
            units,
            taken,
            ceiling: _,
            changes,
            last_claim,
            business,
        } = row;
        let business = business.map(Label::try_from).transpose().map_err(|_| corrupt("business"))?;
        Ok(Self {
            store: Store { offering: offering_id.into(), version: offering_version, open, units, business },
            taken,
            changes,
            last_claim,
        })
    }
}

impl From<&Floor> for floor::Model {
    fn from(floor: &Floor) -> Self {
        let Floor { store: Store { offering, version, open, units, business }, taken, changes, last_claim } = floor;
        Self {
            offering_id: offering.0,
            offering_version: *version,
            open: *open,
            units: *units,
            taken: *taken,
            ceiling: floor.ceiling(),
            changes: *changes,
            last_claim: *last_claim,
            business: business.as_ref().map(ToString::to_string),
        }
    }
}

/// How a state is stored.
pub(super) const fn word(state: State) -> &'static str {
    match state {
        State::Seated => "seated",
        State::Left => "left",
        State::Released => "released",
        State::Barred => "barred",
    }
}

impl TryFrom<party::Model> for Party {
    type Error = DbErr;
    fn try_from(row: party::Model) -> Result<Self, DbErr> {
        let party::Model { ticket_id, offering_id, state, party_size, since_us } = row;
        let states = [State::Seated, State::Left, State::Released, State::Barred];
        Ok(Self {
            ticket: ticket_id.into(),
            offering: offering_id.into(),
            party_size,
            since: Timestamp::from_microsecond(since_us).map_err(|_| corrupt("since_us"))?,
            state: states.into_iter().find(|known| word(*known) == state).ok_or_else(|| corrupt("state"))?,
        })
    }
}

impl From<&Party> for party::Model {
    fn from(party: &Party) -> Self {
        let Party { ticket, offering, party_size, since, state } = party;
        Self {
            ticket_id: ticket.0,
            offering_id: offering.0,
            state: word(*state).to_owned(),
            party_size: *party_size,
            since_us: since.as_microsecond(),
        }
    }
}
