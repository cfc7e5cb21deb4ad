//! Saving: seats as deltas, each table in a statement or two.

use super::entity::{floor, party};
use choreography::{in_chunks, insert_new, rows_of};
use sea_orm::sea_query::{Expr, OnConflict, Query, ValueTuple};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel};
use seating_domain::Working;

/// Columns of a floor's row, each a bound parameter.
const FLOOR_COLUMNS: usize = 9;
/// Columns of a party's row.
const PARTY_COLUMNS: usize = 5;

/// Saves what the decisions changed.
///
/// A row that is not there cannot be locked: where another replica created one of these meanwhile, the batch has met its
/// transaction and is decided again, on what it finds then.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let floors: Vec<_> = working.new_floors().map(|floor| floor::Model::from(floor).into_active_model()).collect();
    all_inserted(floors.len(), insert_new(tx, floors).await?.len())?;
    change_floors(tx, working).await?;
    let parties: Vec<_> = working.new_parties().map(|party| party::Model::from(party).into_active_model()).collect();
    all_inserted(parties.len(), insert_new(tx, parties).await?.len())?;
    // Every row is there and locked, so the insert only ever updates.
    let changed = working.changed_parties().map(|party| party::Model::from(party).into_active_model()).collect();
    for rows in in_chunks(changed, PARTY_COLUMNS) {
        party::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(party::Column::TicketId).update_column(party::Column::State).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn all_inserted(expected: usize, inserted: usize) -> Result<(), DbErr> {
    if inserted == expected { Ok(()) } else { Err(DbErr::RecordNotInserted) }
}

/// Adds every delta in one statement; the engine refuses what would pass a ceiling.
async fn change_floors(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    use floor::{Column, Entity};
    let changes = working.changed_floors().map(|(floor, seats, changes)| {
        let row = floor::Model::from(floor);
        let floor::Model {
            offering_id,
            offering_version,
            open,
            units,
            taken: _,
            ceiling,
            changes: _,
            last_claim,
            business,
        } = row;
        ValueTuple::Many(vec![
            offering_id.into(),
            offering_version.into(),
            open.into(),
            units.into(),
            ceiling.into(),
            last_claim.into(),
            seats.into(),
            changes.into(),
            business.into(),
        ])
    });
    for changes in in_chunks(changes.collect(), FLOOR_COLUMNS) {
        let to = |column| Expr::col(("change", column));
        let added = |column, delta| Expr::col((Entity, column)).add(to(delta));
        let update = Query::update()
            .table(Entity)
            .value(Column::OfferingVersion, to("column2"))
            .value(Column::Open, to("column3"))
            .value(Column::Units, to("column4"))
            .value(Column::Ceiling, to("column5"))
            .value(Column::LastClaim, to("column6"))
            .value(Column::Taken, added(Column::Taken, "column7"))
            .value(Column::Changes, added(Column::Changes, "column8"))
            .value(Column::Business, to("column9"))
            .from(rows_of(tx, changes, "change"))
            .and_where(Expr::col((Entity, Column::OfferingId)).equals(("change", "column1")))
            .to_owned();
        tx.execute(&update).await?;
    }
    Ok(())
}
