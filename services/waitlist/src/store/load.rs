//! Loading: the lines that the commands of a batch name, locked in key order, with everybody queued in them.

use super::entity::{line, ticket};
use choreography::{in_chunks, key_chunks};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use waitlist_domain::{Command, Line, Shop, Ticket, Working};

/// Loads the working set of `commands`. The lock on a line is also that on its tickets: nobody changes one without it.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let (mut lines, mut tickets, mut shops) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    for command in commands {
        match command {
            Command::Adopt(shop) => {
                lines.insert(shop.id.0);
                shops.insert(shop.id.0, shop.as_ref());
            }
            Command::Join(join) => {
                lines.insert(join.line.0);
                tickets.insert(join.id.0);
            }
            Command::Advance { line } | Command::Pause { line } | Command::Resume { line } => {
                lines.insert(line.0);
            }
            Command::Settle { ticket, .. }
            | Command::Due { ticket }
            | Command::Recall { ticket }
            | Command::Cancel { ticket }
            | Command::Defer { ticket }
            | Command::Seat { ticket } => {
                tickets.insert(ticket.0);
            }
        }
    }
    insert_missing(tx, shops).await?;
    lines.extend(lines_of(tx, &tickets).await?);
    let mut working = Working::default();
    load_lines(tx, &mut working, &lines).await?;
    load_tickets(tx, &mut working, &lines, &tickets).await?;
    Ok(working)
}

/// Two replicas may hear of a new store at once: its row is there before it is locked, older than whatever was told.
async fn insert_missing(tx: &DatabaseTransaction, shops: BTreeMap<Uuid, &Shop>) -> Result<(), DbErr> {
    let unheard = |shop: &Shop| Line::of(Shop { version: 0, ..shop.clone() });
    let rows: Vec<_> = shops.into_values().map(|shop| line::Model::from(&unheard(shop)).into_active_model()).collect();
    for rows in in_chunks(rows, 26) {
        line::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([line::Column::OfferingId])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A ticket never changes its line, so this needs no lock.
async fn lines_of(tx: &DatabaseTransaction, tickets: &BTreeSet<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    let mut lines = Vec::new();
    for ids in key_chunks(tickets.iter().copied().collect()) {
        let found: Vec<Uuid> = ticket::Entity::find()
            .select_only()
            .column(ticket::Column::OfferingId)
            .distinct()
            .filter(ticket::Column::TicketId.is_in(ids))
            .into_tuple()
            .all(tx)
            .await?;
        lines.extend(found);
    }
    Ok(lines)
}

async fn load_lines(tx: &DatabaseTransaction, working: &mut Working, ids: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    for ids in key_chunks(ids.iter().copied().collect()) {
        let rows = line::Entity::find()
            .filter(line::Column::OfferingId.is_in(ids))
            .order_by_asc(line::Column::OfferingId)
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            working.load_line(Line::try_from(row)?);
        }
    }
    Ok(())
}

async fn load_tickets(
    tx: &DatabaseTransaction,
    working: &mut Working,
    lines: &BTreeSet<Uuid>,
    tickets: &BTreeSet<Uuid>,
) -> Result<(), DbErr> {
    let queued = |ids| {
        Condition::all()
            .add(ticket::Column::OfferingId.is_in(ids))
            .add(ticket::Column::Status.is_in(["joining", "waiting"]))
    };
    let by_line = key_chunks(lines.iter().copied().collect()).map(queued);
    let named = |ids| Condition::all().add(ticket::Column::TicketId.is_in(ids));
    let by_id = key_chunks(tickets.iter().copied().collect()).map(named);
    for condition in by_line.chain(by_id) {
        for row in ticket::Entity::find().filter(condition).all(tx).await? {
            working.load_ticket(Ticket::try_from(row)?);
        }
    }
    Ok(())
}
