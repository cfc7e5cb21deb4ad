//! Reads outside a batch: one ticket, a store's board, what is due.

use super::entity::{line, ticket};
use choreography::Store;
use jiff::Timestamp;
use kernel::{OfferingId, TicketId};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
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
    /// Parties by status.
    pub counts: Vec<(String, i64)>,
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

/// A store's line.
pub async fn board(store: &Store, id: OfferingId) -> Result<Option<Board>, DbErr> {
    let Some(row) = line::Entity::find_by_id(id.0).one(store.read()).await? else { return Ok(None) };
    let of_line = || ticket::Entity::find().filter(ticket::Column::OfferingId.eq(id.0));
    let rows = of_line()
        .filter(ticket::Column::Status.is_in(["joining", "waiting", "called"]))
        .order_by_asc(ticket::Column::Place)
        .limit(TICKETS_MAX)
        .all(store.read())
        .await?;
    let counts = of_line()
        .select_only()
        .column(ticket::Column::Status)
        .column_as(ticket::Column::TicketId.count(), "parties")
        .group_by(ticket::Column::Status)
        .order_by_asc(ticket::Column::Status)
        .into_tuple()
        .all(store.read())
        .await?;
    let tickets = rows.into_iter().map(Ticket::try_from).collect::<Result<_, _>>()?;
    Ok(Some(Board { line: Line::try_from(row)?, tickets, counts }))
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
