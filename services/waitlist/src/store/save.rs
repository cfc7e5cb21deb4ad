//! Saving: lines, then tickets, each table in a statement or two.

use super::entity::{line, ticket};
use choreography::in_chunks;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable};
use waitlist_domain::Working;

/// Saves what the decisions changed.
pub async fn save(tx: &DatabaseTransaction, working: &Working) -> Result<(), DbErr> {
    let lines: Vec<_> = working.changed_lines().map(|changed| line::Model::from(changed).into_active_model()).collect();
    let columns: Vec<_> = line::Column::iter().filter(|column| !matches!(column, line::Column::OfferingId)).collect();
    for rows in in_chunks(lines, 26) {
        line::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(line::Column::OfferingId).update_columns(columns.clone()).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    let joined: Vec<_> = working.joined().map(|joined| ticket::Model::from(joined).into_active_model()).collect();
    for rows in in_chunks(joined, 22) {
        ticket::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let changed: Vec<_> = working.changed().map(|changed| ticket::Model::from(changed).into_active_model()).collect();
    let columns: Vec<_> = ticket::Column::iter().filter(|column| changes(*column)).collect();
    for rows in in_chunks(changed, 22) {
        ticket::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(ticket::Column::TicketId).update_columns(columns.clone()).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Whether a column may change after its ticket was written.
const fn changes(column: ticket::Column) -> bool {
    use ticket::Column;
    match column {
        Column::TicketId
        | Column::OfferingId
        | Column::OfferingName
        | Column::Business
        | Column::Timezone
        | Column::GuestId
        | Column::Language
        | Column::PartySize
        | Column::JoinedUs => false,
        Column::Version
        | Column::Status
        | Column::Place
        | Column::ServiceDay
        | Column::Number
        | Column::DeadlineUs
        | Column::CalledUs
        | Column::SeatedUs
        | Column::Deferrals
        | Column::Passes
        | Column::QuoteP50
        | Column::QuoteP90
        | Column::QuotedAhead => true,
    }
}
