//! What all tables of the views have in common: rows of a generation, each written by the version of its aggregate.

use super::convert;
use super::entity::{line_view, offering_view, reservation_view, review_view, ticket_view};
use choreography::{brought, in_chunks, upsert_where};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable};
use uuid::Uuid;

/// A table of the views.
pub trait Table: EntityTrait<Model: IntoActiveModel<Self::Row>> {
    /// What the rows are kept by.
    const GENERATION: Self::Column;
    const ID: Self::Column;
    /// One for each aggregate that a row holds; a column of none of them follows the first.
    const VERSIONS: &'static [Self::Column];
    /// A row on its way into the table.
    type Row: ActiveModelTrait<Entity = Self> + Send;

    fn id(row: &Self::Model) -> Uuid;

    /// The row as it stands in another generation.
    fn renewed(row: Self::Model, generation: i64) -> Self::Model;

    /// Which version a column follows.
    fn version_of(_column: Self::Column) -> Self::Column {
        Self::VERSIONS[0]
    }
}

impl Table for offering_view::Entity {
    const GENERATION: Self::Column = offering_view::Column::Generation;
    const ID: Self::Column = offering_view::Column::OfferingId;
    const VERSIONS: &'static [Self::Column] = &[offering_view::Column::Version];
    type Row = offering_view::ActiveModel;

    fn id(row: &Self::Model) -> Uuid {
        row.offering_id
    }

    fn renewed(row: Self::Model, generation: i64) -> Self::Model {
        offering_view::Model { generation, ..row }
    }
}

impl Table for reservation_view::Entity {
    const GENERATION: Self::Column = reservation_view::Column::Generation;
    const ID: Self::Column = reservation_view::Column::ReservationId;
    const VERSIONS: &'static [Self::Column] =
        &[reservation_view::Column::Version, reservation_view::Column::PaymentVersion];
    type Row = reservation_view::ActiveModel;

    fn id(row: &Self::Model) -> Uuid {
        row.reservation_id
    }

    fn renewed(row: Self::Model, generation: i64) -> Self::Model {
        // Rows that were written before stays were counted in days do not know theirs.
        convert::with_days(reservation_view::Model { generation, ..row })
    }

    fn version_of(column: Self::Column) -> Self::Column {
        use reservation_view::Column::{Captured, PaymentCurrency, PaymentStatus, PaymentVersion, Refunded, Version};
        let of_payment = [PaymentVersion, PaymentStatus, Captured, Refunded, PaymentCurrency];
        if is_among(column, &of_payment) { PaymentVersion } else { Version }
    }
}

impl Table for ticket_view::Entity {
    const GENERATION: Self::Column = ticket_view::Column::Generation;
    const ID: Self::Column = ticket_view::Column::TicketId;
    const VERSIONS: &'static [Self::Column] = &[ticket_view::Column::Version, ticket_view::Column::PartyVersion];
    type Row = ticket_view::ActiveModel;

    fn id(row: &Self::Model) -> Uuid {
        row.ticket_id
    }

    fn renewed(row: Self::Model, generation: i64) -> Self::Model {
        ticket_view::Model { generation, ..row }
    }

    fn version_of(column: Self::Column) -> Self::Column {
        use ticket_view::Column::{FloorId, PartyStatus, PartyVersion, Seats, Version};
        if is_among(column, &[PartyVersion, PartyStatus, FloorId, Seats]) { PartyVersion } else { Version }
    }
}

impl Table for line_view::Entity {
    const GENERATION: Self::Column = line_view::Column::Generation;
    const ID: Self::Column = line_view::Column::OfferingId;
    const VERSIONS: &'static [Self::Column] = &[line_view::Column::Version];
    type Row = line_view::ActiveModel;

    fn id(row: &Self::Model) -> Uuid {
        row.offering_id
    }

    fn renewed(row: Self::Model, generation: i64) -> Self::Model {
        line_view::Model { generation, ..row }
    }
}

impl Table for review_view::Entity {
    const GENERATION: Self::Column = review_view::Column::Generation;
    const ID: Self::Column = review_view::Column::ReviewId;
    const VERSIONS: &'static [Self::Column] = &[review_view::Column::Version];
    type Row = review_view::ActiveModel;

    fn id(row: &Self::Model) -> Uuid {
        row.review_id
    }

    fn renewed(row: Self::Model, generation: i64) -> Self::Model {
        review_view::Model { generation, ..row }
    }
}

/// Writes rows, given in key order: what is newer than what stands, and nothing else. Where a row holds several
/// aggregates each part follows its own version, and all in one statement, so that every transaction takes its rows in
/// the same order.
pub async fn write<E: Table>(tx: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<(), DbErr> {
    let newer = |version: E::Column| brought(tx, version).gt(stands::<E>(version));
    let mut columns: Vec<_> = E::Column::iter().filter(|column| !is_among(*column, &[E::GENERATION, E::ID])).collect();
    // The versions come last, since MariaDB assigns one column after the other.
    columns.sort_by_key(|column| is_among(*column, E::VERSIONS));
    let mut newest = OnConflict::columns([E::GENERATION, E::ID]);
    let newest = match E::VERSIONS {
        [only] => upsert_where(tx, [E::GENERATION, E::ID], columns, newer(*only)),
        several => {
            let columns = columns.into_iter();
            let part = |column: E::Column| {
                let of_newer = Expr::case(newer(E::version_of(column)), brought(tx, column));
                (column, of_newer.finally(stands::<E>(column)).into())
            };
            let any = several.iter().map(|version| newer(*version)).reduce(Expr::or);
            newest.values(columns.map(part)).action_and_where(any.unwrap_or_else(|| Expr::val(true))).to_owned()
        }
    };
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    for rows in in_chunks::<E::Row>(rows, E::Column::iter().count()) {
        E::insert_many(rows).on_conflict(newest.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn is_among<C: IdenStatic>(column: C, some: &[C]) -> bool {
    some.iter().any(|one| one.as_str() == column.as_str())
}

/// What stands.
fn stands<E: Table>(column: E::Column) -> Expr {
    Expr::col((E::default(), column))
}
