//! Queries outside the writer: a reader's messages.

use super::entity::notification as row;
use choreography::Store;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// A message as it is stored.
pub use row::Model as Told;

/// A place in a reader's list: by time, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub created_us: i64,
    pub id: Uuid,
}

/// Some of a reader's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub messages: Vec<Told>,
    /// Where the next page begins, if there is more.
    pub next: Option<Place>,
}

/// The messages of `recipient` that come after a place, the newest first; at most `limit`.
pub async fn list(store: &Store, recipient: &str, after: Option<Place>, limit: usize) -> Result<Page, DbErr> {
    let mut messages = row::Entity::find()
        .filter(row::Column::Recipient.eq(recipient))
        .apply_if(after, |query, Place { created_us, id }| {
            let key = Expr::tuple([Expr::col(row::Column::CreatedUs), Expr::col(row::Column::Id)]);
            query.filter(key.lt(Expr::tuple([Expr::val(created_us), Expr::val(id)])))
        })
        .order_by_desc(row::Column::CreatedUs)
        .order_by_desc(row::Column::Id)
        // One more than asked for tells whether there is a next page.
        .limit(limit as u64 + 1)
        .all(store.read())
        .await?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    let next = messages.last().filter(|_| more).map(|row| Place { created_us: row.created_us, id: row.id });
    Ok(Page { messages, next })
}
