//! Loads the floors and parties that a batch of commands names and saves what it changed, in a constant number of
//! statements: floors first, then parties, each in key order.

mod convert;
mod entity;
mod read;
mod save;

pub use read::{Page, business_of, floor, standings};
pub use save::save;

use choreography::{Migration, key_chunks};
use entity::{floor as floor_row, party as party_row};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use seating_domain::{Command, Floor, Party, Working};
use std::collections::BTreeSet;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "seating-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "seating-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "seating-0003", sql: include_str!("migration/0003.sql") },
];

/// Loads the working set of `commands`. Whoever changes a party has its floor locked first, so two replicas decide about
/// one store one after the other, also about a party that neither finds.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let floors: BTreeSet<_> = commands.iter().map(|command| command.offering().0).collect();
    let parties: BTreeSet<_> = commands.iter().filter_map(|command| command.ticket()).map(|ticket| ticket.0).collect();
    let mut working = Working::default();
    for ids in key_chunks(floors.into_iter().collect()) {
        use floor_row::{Column, Entity};
        let query = Entity::find().filter(Column::OfferingId.is_in(ids)).order_by_asc(Column::OfferingId);
        for row in query.lock_exclusive().all(tx).await? {
            working.load_floor(Floor::try_from(row)?);
        }
    }
    for ids in key_chunks(parties.into_iter().collect()) {
        use party_row::{Column, Entity};
        let query = Entity::find().filter(Column::TicketId.is_in(ids)).order_by_asc(Column::TicketId);
        for row in query.lock_exclusive().all(tx).await? {
            working.load_party(Party::try_from(row)?);
        }
    }
    Ok(working)
}
