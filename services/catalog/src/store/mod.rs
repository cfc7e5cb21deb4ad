//! Loads the offerings that a batch names and saves what it changed, in a constant number of statements.

mod convert;
mod entity;
mod read;
mod search;

pub use read::{Place, Wanted, business_of, offering, search};

use catalog_domain::{Command, Offering, Working};
use choreography::{Migration, in_chunks, key_chunks};
use entity::offering as row;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::BTreeSet;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "catalog-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "catalog-0002", sql: include_str!("migration/0002.sql") },
];

/// Columns of a row; each is a bound parameter.
const COLUMNS: usize = 24;

/// Loads the offerings of `commands`, locked in key order.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let ids: BTreeSet<_> = commands.iter().map(|command| command.offering().0).collect();
    let mut working = Working::default();
    for ids in key_chunks(ids.into_iter().collect()) {
        let rows = row::Entity::find()
            .filter(row::Column::OfferingId.is_in(ids))
            .order_by_asc(row::Column::OfferingId)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            working.load(Offering::try_from(row)?);
        }
    }
    Ok(working)
}

/// Saves what the decisions changed.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let rows: Vec<_> = working.changed().map(|offering| row::Model::from(offering).into_active_model()).collect();
    for rows in in_chunks(rows, COLUMNS) {
        let changing =
            row::Column::iter().filter(|column| !matches!(column, row::Column::OfferingId | row::Column::CreatedUs));
        row::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(row::Column::OfferingId).update_columns(changing).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
