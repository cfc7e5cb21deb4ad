//! Reads outside a batch: one ticket, a store's board, what is due.

use super::entity::{line, ticket};
use choreography::Store;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{OfferingId, TicketId};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeMap;
use waitlist_domain::{Line, Next, Standing, State, Ticket};

/// Most tickets and lines that one sweep takes on; the next sweep goes on.
const SWEEP_MAX: u64 = 256;
/// Most tickets that a board shows.
pub const TICKETS_MAX: u64 = 500;

/// A store's line as its host sees it.
pub struct Board {
    pub line: Line,
    /// Who joins, waits or is called, in order: the first [`TICKETS_MAX`].
    pub tickets: Vec<Ticket>,
    /// Parties by status: whoever is still there, and of the others those of the service day.
    pub counts: BTreeMap<String, i64>,
}

/// Who may ask about a ticket.
pub struct Owners {
    pub guest: String,
    pub business: String,
}

/// Whose a ticket is.
pub async fn owners(store: &Store, id: TicketId) -> Result<Option<Owners>, DbErr> {
    let found: Option<(String, String)> = ticket::Entity::find_by_id(id.0)
        .select_only()
        .columns([ticket::Column::GuestId, ticket::Column::Business])
        .into_tuple()
        .one(store.read())
        .await?;
    Ok(found.map(|(guest, business)| Owners { guest, business }))
}

/// Whose a store is.
pub async fn business_of(store: &Store, id: OfferingId) -> Result<Option<String>, DbErr> {
    let query = line::Entity::find_by_id(id.0).select_only().column(line::Column::Business);
    query.into_tuple().one(store.read()).await
}

/// How a ticket stands now.
pub async fn standing(store: &Store, id: TicketId) -> Result<Option<Standing>, DbErr> {
    let Some(row) = ticket::Entity::find_by_id(id.0).one(store.read()).await? else { return Ok(None) };
    let Some(line) = line::Entity::find_by_id(row.offering_id).one(store.read()).await? else { return Ok(None) };
    let (ticket, line) = (Ticket::try_from(row)?, Line::try_from(line)?);
    let ahead = if ticket.state.is_queued() { ahead(store, &ticket).await? } else { 0 };
    let wait = (ticket.state == State::Waiting).then(|| line.history.quote(ahead));
    Ok(Some(Standing { ticket, ahead, wait, next: Next::Nothing, within: None }))
}

async fn ahead(store: &Store, ticket: &Ticket) -> Result<i64, DbErr> {
    let count = ticket::Entity::find()
        .filter(ticket::Column::OfferingId.eq(ticket.party.line.0))
        .filter(ticket::Column::Status.is_in(["joining", "waiting"]))
        .filter(ticket::Column::Place.lt(ticket.place))
        .count(store.read())
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// What a party is while it is in line or at its seats.
const THERE: [&str; 4] = ["joining", "waiting", "called", "seated"];

/// A store's line.
pub async fn board(store: &Store, id: OfferingId) -> Result<Option<Board>, DbErr> {
    let Some(row) = line::Entity::find_by_id(id.0).one(store.read()).await? else { return Ok(None) };
    let line = Line::try_from(row)?;
    let rows = of_line(id)
        .filter(ticket::Column::Status.is_in(["joining", "waiting", "called"]))
        .order_by_asc(ticket::Column::Place)
        .limit(TICKETS_MAX)
        .all(store.read())
        .await?;
    let tickets = rows.into_iter().map(Ticket::try_from).collect::<Result<_, _>>()?;
    let today = line.today(store.now(store.read()).await?);
    let mut counts = BTreeMap::new();
    for (parties, are_there) in [(still_there(id), true), (of_day(id, today), false)] {
        let counted: Vec<(String, i64)> = by_status(parties).into_tuple().all(store.read()).await?;
        // Of the day's parties only those that are gone, so that none is counted twice between the two looks.
        counts.extend(counted.into_iter().filter(|(status, _)| THERE.contains(&&**status) == are_there));
    }
    Ok(Some(Board { line, tickets, counts }))
}

fn of_line(line: OfferingId) -> Select<ticket::Entity> {
    ticket::Entity::find().filter(ticket::Column::OfferingId.eq(line.0))
}

fn of_day(line: OfferingId, day: Date) -> Select<ticket::Entity> {
    of_line(line).filter(ticket::Column::ServiceDay.eq(day.to_string()))
}

fn still_there(line: OfferingId) -> Select<ticket::Entity> {
    of_line(line).filter(ticket::Column::Status.is_in(THERE))
}

fn by_status(parties: Select<ticket::Entity>) -> Select<ticket::Entity> {
    parties
        .select_only()
        .column(ticket::Column::Status)
        .column_as(ticket::Column::Status.count(), "parties")
        .group_by(ticket::Column::Status)
}

/// Tickets whose deadline has passed.
pub async fn due_tickets(store: &Store, now: Timestamp) -> Result<Vec<TicketId>, DbErr> {
    let ids: Vec<uuid::Uuid> = ticket::Entity::find()
        .filter(ticket::Column::DeadlineUs.lte(now.as_microsecond()))
        .order_by_asc(ticket::Column::DeadlineUs)
        .select_only()
        .column(ticket::Column::TicketId)
        .limit(SWEEP_MAX)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// Lines in which somebody may be called and nobody saw to it.
pub async fn lines_to_look_at(store: &Store, now: Timestamp) -> Result<Vec<OfferingId>, DbErr> {
    let ids: Vec<uuid::Uuid> = line::Entity::find()
        .filter(line::Column::LookDueUs.lte(now.as_microsecond()))
        .order_by_asc(line::Column::LookDueUs)
        .select_only()
        .column(line::Column::OfferingId)
        .limit(SWEEP_MAX)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(ids.into_iter().map(OfferingId).collect())
}

/// The tickets behind `after` in the order of their ids.
pub async fn tickets(store: &Store, after: uuid::Uuid, count: u64) -> Result<Vec<Ticket>, DbErr> {
    let query = ticket::Entity::find().filter(ticket::Column::TicketId.gt(after));
    let page = query.order_by_asc(ticket::Column::TicketId).limit(count).all(store.read()).await?;
    page.into_iter().map(Ticket::try_from).collect()
}

/// The lines behind `after` in the order of their ids, of which anything was ever told.
pub async fn lines(store: &Store, after: uuid::Uuid, count: u64) -> Result<Vec<Line>, DbErr> {
    let query = line::Entity::find().filter(line::Column::OfferingId.gt(after)).filter(line::Column::Version.gt(0));
    let page = query.order_by_asc(line::Column::OfferingId).limit(count).all(store.read()).await?;
    page.into_iter().map(Line::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::MIGRATIONS;
    use super::*;
    use choreography::{Backend, in_chunks};
    use kernel::Clock;
    use sea_orm::{ConnectionTrait, IntoActiveModel, QueryTrait};
    use uuid::Uuid;

    fn ticket(line: OfferingId, number: i64) -> ticket::Model {
        let days = ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"];
        ticket::Model {
            ticket_id: Uuid::now_v7(),
            version: 1,
            status: if number % 500 == 0 { "waiting" } else { "left" }.into(),
            offering_id: line.0,
            offering_name: String::new(),
            business: String::new(),
            timezone: String::new(),
            guest_id: String::new(),
            language: String::new(),
            party_size: 1,
            joined_us: 0,
            place: number,
            service_day: days[usize::try_from(number).unwrap() % days.len()].into(),
            number: Some(number),
            deadline_us: None,
            called_us: None,
            seated_us: None,
            deferrals: 0,
            passes: 0,
            quote_p50: None,
            quote_p90: None,
            quoted_ahead: 0,
        }
    }

    /// A database whose engine knows that most parties of a line have left.
    async fn store(url: &str, line: OfferingId) -> Store {
        let store = Store::open(url, Clock::system()).await.unwrap();
        store.migrate(MIGRATIONS).await.unwrap();
        let tickets = (1..=5_000).map(|number| ticket(line, number).into_active_model());
        for rows in in_chunks(tickets.collect(), 22) {
            ticket::Entity::insert_many(rows).exec_without_returning(store.write()).await.unwrap();
        }
        let table = if store.backend() == Backend::MariaDb { "TABLE ticket" } else { "ticket" };
        store.write().execute_unprepared(&format!("ANALYZE {table}")).await.unwrap();
        store
    }

    testing::on_every_backend! {
        async fn what_everybody_may_ask_is_looked_up(db: Db) {
            let line = OfferingId::fresh();
            let store = store(&db.url, line).await;
            let read = store.read();
            let day = "2027-01-05".parse().unwrap();
            for (parties, index, column) in
                [(of_day(line, day), "ticket_day", "service_day"), (still_there(line), "ticket_line", "status")]
            {
                let question = by_status(parties).build(read.get_database_backend());
                testing::assert_looked_up(read, question, index, column).await;
            }
        }
    }
}
