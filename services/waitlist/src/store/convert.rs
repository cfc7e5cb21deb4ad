//! Rows to domain values and back; a value that does not read names its column.

use super::entity::{line, ticket};
use jiff::Timestamp;
use kernel::{Label, time_zone};
use sea_orm::DbErr;
use std::str::FromStr;
use waitlist_domain::{Claim, Floor, History, Line, Party, Quote, Rules, Shop, State, Ticket, Wait};

fn corrupt(column: &'static str) -> DbErr {
    DbErr::Type(format!("the column {column} does not read"))
}

fn parse<T: FromStr>(column: &'static str, text: &str) -> Result<T, DbErr> {
    text.parse().map_err(|_| corrupt(column))
}

fn instant(column: &'static str, us: i64) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(us).map_err(|_| corrupt(column))
}

fn instants(column: &'static str, us: Option<i64>) -> Result<Option<Timestamp>, DbErr> {
    us.map(|us| instant(column, us)).transpose()
}

fn label(column: &'static str, text: String) -> Result<Label, DbErr> {
    Label::try_from(text).map_err(|_| corrupt(column))
}

fn waits_text<'a>(waits: impl Iterator<Item = &'a Wait>) -> String {
    let texts: Vec<String> = waits.map(|wait| format!("{}:{}", wait.ahead, wait.seconds)).collect();
    texts.join(",")
}

fn wait(text: &str) -> Result<Wait, DbErr> {
    let (ahead, seconds) = text.split_once(':').ok_or_else(|| corrupt("waits"))?;
    Ok(Wait { ahead: parse("waits", ahead)?, seconds: parse("waits", seconds)? })
}

impl TryFrom<line::Model> for Line {
    type Error = DbErr;
    fn try_from(row: line::Model) -> Result<Self, DbErr> {
        let shop = Shop {
            id: row.offering_id.into(),
            version: row.shop_version,
            open: row.open,
            business: label("business", row.business)?,
            name: row.name,
            units: row.units,
            zone: time_zone(&row.timezone).ok_or_else(|| corrupt("timezone"))?,
            rules: Rules {
                passes_max: row.passes_max,
                call_minutes: row.call_minutes,
                deferrals_max: row.deferrals_max,
                day_starts_at: parse("day_starts_at", &row.day_starts_at)?,
            },
        };
        let floor = match (row.free, row.floor_version) {
            (Some(free), Some(version)) => Some(Floor { free, version }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(corrupt("floor_version")),
        };
        let claim = match (row.claim_ticket, row.claim_due_us) {
            (Some(id), Some(us)) => Some(Claim { ticket: id.into(), due: instant("claim_due_us", us)? }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(corrupt("claim_due_us")),
        };
        Ok(Self {
            version: row.version,
            shop,
            paused: row.paused,
            day: row.service_day.map(|day| parse("service_day", &day)).transpose()?,
            last_number: row.last_number,
            last_place: row.last_place,
            floor,
            claim,
            claims: row.claims,
            look_due: instants("look_due_us", row.look_due_us)?,
            probe_due: instant("probe_due_us", row.probe_due_us)?,
            history: History {
                waits: row.waits.split_terminator(',').map(wait).collect::<Result<_, _>>()?,
                within: row.quotes_within,
                beyond: row.quotes_beyond,
            },
        })
    }
}

impl From<&Line> for line::Model {
    fn from(line: &Line) -> Self {
        let Line {
            version,
            shop,
            paused,
            day,
            last_number,
            last_place,
            floor,
            claim,
            claims,
            look_due,
            probe_due,
            history,
        } = line;
        Self {
            offering_id: shop.id.0,
            version: *version,
            shop_version: shop.version,
            open: shop.open,
            business: shop.business.to_string(),
            name: shop.name.clone(),
            units: shop.units,
            timezone: shop.timezone().to_owned(),
            passes_max: shop.rules.passes_max,
            call_minutes: shop.rules.call_minutes,
            deferrals_max: shop.rules.deferrals_max,
            day_starts_at: shop.rules.day_starts_at.to_string(),
            paused: *paused,
            service_day: day.map(|day| day.to_string()),
            last_number: *last_number,
            last_place: *last_place,
            free: floor.map(|floor| floor.free),
            floor_version: floor.map(|floor| floor.version),
            claim_ticket: claim.map(|claim| claim.ticket.0),
            claim_due_us: claim.map(|claim| claim.due.as_microsecond()),
            claims: *claims,
            look_due_us: look_due.map(|due| due.as_microsecond()),
            probe_due_us: probe_due.as_microsecond(),
            waits: waits_text(history.waits.iter()),
            quotes_within: history.within,
            quotes_beyond: history.beyond,
        }
    }
}

fn state(row: &ticket::Model) -> Result<State, DbErr> {
    let deadline = || row.deadline_us.ok_or_else(|| corrupt("deadline_us")).and_then(|us| instant("deadline_us", us));
    match row.status.as_str() {
        "joining" => Ok(State::Joining { deadline: deadline()? }),
        "waiting" => Ok(State::Waiting),
        "called" => Ok(State::Called { deadline: deadline()? }),
        "seated" => Ok(State::Seated),
        "left" => Ok(State::Left),
        "cancelled" => Ok(State::Cancelled),
        "no_show" => Ok(State::NoShow),
        _ => Err(corrupt("status")),
    }
}

impl TryFrom<ticket::Model> for Ticket {
    type Error = DbErr;
    fn try_from(row: ticket::Model) -> Result<Self, DbErr> {
        let quote = match (row.quote_p50, row.quote_p90) {
            (Some(p50), Some(p90)) => Some(Quote { p50, p90 }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(corrupt("quote_p90")),
        };
        Ok(Self {
            id: row.ticket_id.into(),
            version: row.version,
            state: state(&row)?,
            party: Party {
                line: row.offering_id.into(),
                offering_name: row.offering_name,
                business: label("business", row.business)?,
                timezone: row.timezone,
                guest: label("guest_id", row.guest_id)?,
                language: row.language,
                size: row.party_size,
                joined_at: instant("joined_us", row.joined_us)?,
            },
            place: row.place,
            day: parse("service_day", &row.service_day)?,
            number: row.number,
            called_at: instants("called_us", row.called_us)?,
            seated_at: instants("seated_us", row.seated_us)?,
            deferrals: row.deferrals,
            passes: row.passes,
            quote,
            quoted_ahead: row.quoted_ahead,
        })
    }
}

impl From<&Ticket> for ticket::Model {
    fn from(ticket: &Ticket) -> Self {
        let Ticket {
            id,
            version,
            party,
            state,
            place,
            day,
            number,
            called_at,
            seated_at,
            deferrals,
            passes,
            quote,
            quoted_ahead,
        } = ticket;
        let us = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
        Self {
            ticket_id: id.0,
            version: *version,
            status: state.status().to_owned(),
            offering_id: party.line.0,
            offering_name: party.offering_name.clone(),
            business: party.business.to_string(),
            timezone: party.timezone.clone(),
            guest_id: party.guest.to_string(),
            language: party.language.clone(),
            party_size: party.size,
            joined_us: party.joined_at.as_microsecond(),
            place: *place,
            service_day: day.to_string(),
            number: *number,
            deadline_us: us(state.deadline()),
            called_us: us(*called_at),
            seated_us: us(*seated_at),
            deferrals: *deferrals,
            passes: *passes,
            quote_p50: quote.map(|quote| quote.p50),
            quote_p90: quote.map(|quote| quote.p90),
            quoted_ahead: *quoted_ahead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_survive_as_text() {
        for waits in [vec![], vec![(0, 7)], vec![(3, 1_200), (0, 0), (21, 86_400)]] {
            let waits: Vec<Wait> = waits.into_iter().map(|(ahead, seconds)| Wait { ahead, seconds }).collect();
            let text = waits_text(waits.iter());
            assert_eq!(text.split_terminator(',').map(wait).collect::<Result<Vec<_>, _>>().unwrap(), waits);
        }
        assert!(wait("7").is_err());
    }
}
