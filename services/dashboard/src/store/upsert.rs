//! Rows into the views: what is newer than what stands, and nothing else.

use super::entity::{offering_view as offering, reservation_view as reservation};
use choreography::in_chunks;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable};

/// Columns of an offering and of a reservation; each is a bound parameter.
const OFFERING_COLUMNS: usize = 10;
const RESERVATION_COLUMNS: usize = 23;

/// Writes offerings, given in key order.
pub async fn offerings(tx: &DatabaseTransaction, rows: Vec<offering::Model>) -> Result<(), DbErr> {
    use offering::Column::{Generation, OfferingId, Version};
    let newer = brought(Version).gt(Expr::col((offering::Entity, Version)));
    let columns = offering::Column::iter().filter(|column| !matches!(column, Generation | OfferingId));
    let newest =
        OnConflict::columns([Generation, OfferingId]).update_columns(columns).action_and_where(newer).to_owned();
    for rows in in_chunks(rows.into_iter().map(IntoActiveModel::into_active_model).collect(), OFFERING_COLUMNS) {
        offering::Entity::insert_many::<offering::ActiveModel, _>(rows)
            .on_conflict(newest.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes reservations with their payments, given in key order. Either half of a row follows its own version, and both
/// in one statement, so that every transaction takes its rows in the same order.
pub async fn reservations(tx: &DatabaseTransaction, rows: Vec<reservation::Model>) -> Result<(), DbErr> {
    use reservation::Column::{Generation, PaymentVersion, ReservationId, Version};
    let newer = |version| brought(version).gt(stands(version));
    let values = reservation::Column::iter()
        .filter(|column| !matches!(column, Generation | ReservationId))
        .map(|column| (column, Expr::case(newer(version_of(column)), brought(column)).finally(stands(column)).into()));
    let newest = OnConflict::columns([Generation, ReservationId])
        .values(values)
        .action_and_where(newer(Version).or(newer(PaymentVersion)))
        .to_owned();
    for rows in in_chunks(rows.into_iter().map(IntoActiveModel::into_active_model).collect(), RESERVATION_COLUMNS) {
        reservation::Entity::insert_many::<reservation::ActiveModel, _>(rows)
            .on_conflict(newest.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Which version a column of a reservation's row follows.
const fn version_of(column: reservation::Column) -> reservation::Column {
    use reservation::Column as Of;
    match column {
        Of::PaymentVersion | Of::PaymentStatus | Of::Captured | Of::Refunded | Of::PaymentCurrency => {
            Of::PaymentVersion
        }
        Of::Generation
        | Of::ReservationId
        | Of::Version
        | Of::Status
        | Of::OfferingId
        | Of::OfferingName
        | Of::Business
        | Of::GuestId
        | Of::Kind
        | Of::Quantity
        | Of::SpanFrom
        | Of::SpanTo
        | Of::Timezone
        | Of::Total
        | Of::Currency
        | Of::PlacedUs
        | Of::Deadline
        | Of::Reason => Of::Version,
    }
}

/// What the statement brings.
fn brought(column: impl sea_orm::sea_query::IntoIden) -> Expr {
    Expr::col(("excluded", column))
}

/// What stands.
fn stands(column: reservation::Column) -> Expr {
    Expr::col((reservation::Entity, column))
}
