//! Queries outside the writer: a floor and a page of its parties.

use super::convert::word;
use super::entity::{floor as floor_row, party as party_row};
use choreography::{Store, key_chunks};
use kernel::{OfferingId, TicketId};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use seating_domain::{Floor, Party, Standing, State};
use std::collections::HashMap;
use uuid::Uuid;

/// A floor and some of its seated parties, by ticket.
#[derive(Debug)]
pub struct Page {
    pub floor: Floor,
    pub parties: Vec<Party>,
    /// The last of `parties`, if there are more.
    pub next: Option<TicketId>,
}

/// Whose a store is, where its floor is known and has heard of it.
pub async fn business_of(store: &Store, offering: OfferingId) -> Result<Option<Option<String>>, DbErr> {
    let query = floor_row::Entity::find_by_id(offering.0).select_only().column(floor_row::Column::Business);
    query.into_tuple().one(store.read()).await
}

/// The floor of a store, and at most `limit` of its parties after `after`.
pub async fn floor(
    store: &Store,
    offering: OfferingId,
    after: Option<TicketId>,
    limit: usize,
) -> Result<Option<Page>, DbErr> {
    use party_row::{Column, Entity};
    let Some(row) = floor_row::Entity::find_by_id(offering.0).one(store.read()).await? else { return Ok(None) };
    let mut query = Entity::find()
        .filter(Column::OfferingId.eq(offering.0))
        .filter(Column::State.eq(word(State::Seated)))
        .order_by_asc(Column::TicketId)
        .limit(limit as u64 + 1);
    if let Some(after) = after {
        query = query.filter(Column::TicketId.gt(after.0));
    }
    let rows = query.all(store.read()).await?;
    let has_more = rows.len() > limit;
    let parties: Vec<Party> = rows.into_iter().take(limit).map(Party::try_from).collect::<Result<_, _>>()?;
    let next = parties.last().filter(|_| has_more).map(|party| party.ticket);
    Ok(Some(Page { floor: row.try_into()?, parties, next }))
}

/// The parties behind `after` in the order of their tickets, with their floors as they are now; not those that were
/// barred before they came, of whom nothing was ever told.
pub async fn standings(store: &Store, after: Uuid, count: u64) -> Result<Vec<Standing>, DbErr> {
    use party_row::{Column, Entity};
    let query = Entity::find().filter(Column::TicketId.gt(after)).filter(Column::State.ne(word(State::Barred)));
    let rows = query.order_by_asc(Column::TicketId).limit(count).all(store.read()).await?;
    let mut floors = HashMap::new();
    for ids in key_chunks(rows.iter().map(|row| row.offering_id).collect()) {
        let found =
            floor_row::Entity::find().filter(floor_row::Column::OfferingId.is_in(ids)).all(store.read()).await?;
        for row in found {
            floors.insert(row.offering_id, Floor::try_from(row)?);
        }
    }
    rows.into_iter()
        .map(|row| {
            let floor = floors.get(&row.offering_id).ok_or(DbErr::RecordNotFound("the floor of a party".into()))?;
            Ok(Standing { party: Party::try_from(row)?, free: floor.free(), floor_version: floor.version() })
        })
        .collect()
}
