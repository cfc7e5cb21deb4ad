//! Loads the offerings that a batch names and saves what it changed, in a constant number of statements.

mod activity;
mod convert;
mod entity;
mod index;
mod read;
mod words;

pub use activity::{Activity, activity};
pub use index::{Indexed, missing};
pub use read::{Place, Wanted, business_of, offering, offerings, search};

use crate::working::{Command, Working};
use catalog_domain::Offering;
use choreography::{Migration, in_chunks, key_chunks};
use entity::offering as row;
use kernel::OfferingId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "catalog-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "catalog-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "catalog-0003", sql: include_str!("migration/0003.sql") },
    Migration { name: "catalog-0004", sql: include_str!("migration/0004.sql") },
];

/// Columns of a row; each is a bound parameter.
const COLUMNS: usize = 24;

/// Loads the offerings of `commands`, locked in key order.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let ids: BTreeSet<_> = commands.iter().filter_map(|command| offering_of(command)).collect();
    let mut working = Working::default();
    for ids in key_chunks(ids.into_iter().collect()) {
        let rows = row::Entity::find()
            .filter(row::Column::OfferingId.is_in(ids))
            .order_by_asc(row::Column::OfferingId)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            let counted = row.search_text.is_empty();
            let offering = Offering::try_from(row)?;
            if counted {
                working.indexed.insert(offering.id, index::of(&offering));
            }
            working.offerings.load(offering);
        }
    }
    Ok(working)
}

/// The offering that a command changes. News changes none: what it says is only ever replaced by newer news.
fn offering_of(command: &Command) -> Option<Uuid> {
    match command {
        Command::Host(command) => Some(command.offering().0),
        Command::Index(offering) => Some(offering.0),
        Command::News(_) => None,
    }
}

/// Saves what the decisions changed, and the news.
pub async fn save(tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
    let Working { offerings, mut indexed, unindexed, reviews, bookings } = working;
    let changed: BTreeMap<OfferingId, &Offering> = offerings
        .changed()
        .chain(unindexed.iter().filter_map(|id| offerings.get(*id)))
        .map(|one| (one.id, one))
        .collect();
    save_offerings(tx, changed.values().copied()).await?;
    let words = changed.iter().map(|(id, offering)| (*id, indexed.remove(id).unwrap_or_default(), index::of(offering)));
    index::save(tx, words.collect()).await?;
    activity::save_reviews(tx, reviews).await?;
    activity::save_bookings(tx, bookings).await
}

async fn save_offerings(tx: &DatabaseTransaction, changed: impl Iterator<Item = &Offering>) -> Result<(), DbErr> {
    let rows: Vec<_> = changed.map(|offering| row::Model::from(offering).into_active_model()).collect();
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
