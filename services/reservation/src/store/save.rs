//! Saving: capacity as deltas, each table in a statement or two.

use super::convert::StateColumns;
use super::entity::{allotment, offering, reservation as row};
use choreography::{in_chunks, rows_of};
use reservation_domain::{Delta, Working};
use sea_orm::sea_query::{CaseStatement, Expr, OnConflict, Query, Value, ValueTuple};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
};

/// Saves what the decisions changed: ceilings, then units as deltas, then reservations.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    save_offerings(tx, working).await?;
    change_units(tx, working).await?;
    let placed: Vec<_> = working.placed().map(|placed| row::Model::from(placed).into_active_model()).collect();
    for rows in in_chunks(placed, 32) {
        row::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    update_reservations(tx, working).await
}

/// Adds every delta in one statement; the engine refuses what would pass a ceiling. A ceiling follows the units where they
/// are known: a bucket may have been made from units that another replica was changing and could not see it.
async fn change_units(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    use allotment::{Column, Entity};
    let values = |delta: Delta| {
        let Delta { offering, bucket, taken, resting } = delta;
        let before = working.allotments.taken(offering, bucket) - taken;
        let ceiling = working.offerings.get(&offering).map(|offering| Ord::max(offering.units, before));
        (offering.0, bucket.0, taken, resting, ceiling)
    };
    let deltas: Vec<_> = working.allotments.deltas().into_iter().map(values).collect();
    for deltas in in_chunks(deltas, 5) {
        let expected = deltas.len() as u64;
        let change = Query::update()
            .table(Entity)
            .value(Column::Taken, Expr::col((Entity, Column::Taken)).add(Expr::col(("change", "column3"))))
            .value(Column::Resting, Expr::col((Entity, Column::Resting)).add(Expr::col(("change", "column4"))))
            .value(Column::Ceiling, Expr::col(("change", "column5")).if_null(Expr::col((Entity, Column::Ceiling))))
            .from(rows_of(tx, deltas, "change"))
            .and_where(Expr::col((Entity, Column::OfferingId)).equals(("change", "column1")))
            .and_where(Expr::col((Entity, Column::Bucket)).equals(("change", "column2")))
            .to_owned();
        let changed = tx.execute(&change).await?.rows_affected();
        if changed != expected {
            return Err(DbErr::Custom(format!("{changed} of {expected} buckets were there")));
        }
    }
    Ok(())
}

async fn save_offerings(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let rows: Vec<_> = working.adopted().map(|offering| offering::Model::from(offering).into_active_model()).collect();
    for rows in in_chunks(rows, 18) {
        let columns: Vec<_> = <offering::Column as sea_orm::Iterable>::iter()
            .filter(|column| !matches!(column, offering::Column::OfferingId))
            .collect();
        offering::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(offering::Column::OfferingId).update_columns(columns).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    for offering in working.adopted() {
        let taken = || Expr::col(allotment::Column::Taken);
        let ceiling = CaseStatement::new().case(taken().gt(offering.units), taken()).finally(offering.units);
        allotment::Entity::update_many()
            .col_expr(allotment::Column::Ceiling, ceiling.into())
            .filter(allotment::Column::OfferingId.eq(offering.id.0))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Writes every change in one statement.
async fn update_reservations(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    use row::{Column, Entity};
    let changes = working.changed().map(|changed| {
        let StateColumns { status, deadline_us, keep, reason } = StateColumns::from(&changed.state);
        let intent_us = changed.intent_due.map(|due| due.as_microsecond());
        [
            changed.id.0.into(),
            changed.version.into(),
            status.into(),
            Value::BigInt(deadline_us),
            Value::BigInt(keep),
            reason.map(ToOwned::to_owned).into(),
            Value::BigInt(intent_us),
        ]
    });
    for changes in in_chunks(changes.collect(), 7) {
        let values = changes.into_iter().map(|change| ValueTuple::Many(change.to_vec()));
        let to = |column| Expr::col(("change", column));
        let update = Query::update()
            .table(Entity)
            .value(Column::Version, to("column2"))
            .value(Column::Status, to("column3"))
            .value(Column::DeadlineUs, to("column4"))
            .value(Column::Keep, to("column5"))
            .value(Column::Reason, to("column6"))
            .value(Column::IntentDueUs, to("column7"))
            .from(rows_of(tx, values, "change"))
            .and_where(Expr::col((Entity, Column::ReservationId)).equals(("change", "column1")))
            .to_owned();
        tx.execute(&update).await?;
    }
    Ok(())
}
