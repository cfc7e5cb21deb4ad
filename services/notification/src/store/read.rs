//! Queries outside the writer: a reader's messages, its addresses, its deliveries.

use super::convert::role_of;
use super::entity::{delivery, notification as row, reader};
use crate::delivery::{Channel, Delivery, Status};
use crate::recipient::Recipient;
use crate::text::Role;
use choreography::Store;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// A message as it is stored.
pub use row::Model as Told;

/// A place in a reader's list: by time, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub created_us: i64,
    pub id: Uuid,
}

/// Some of a reader's messages or deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Where the next page begins, if there is more.
    pub next: Option<Place>,
}

/// A name, and as what it reads: as a guest, as a business, or as both.
pub type Readers<'a> = (&'a str, &'a [Role]);

/// The messages of a reader that come after a place, the newest first; at most `limit`.
pub async fn list(
    store: &Store,
    (name, roles): Readers<'_>,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<Told>, DbErr> {
    let rows = row::Entity::find()
        .filter(row::Column::Recipient.eq(name))
        .filter(row::Column::Role.is_in(words(roles)))
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
    Ok(page(rows, limit, |row| Place { created_us: row.created_us, id: row.id }))
}

/// Cuts off the one row that tells whether there is more.
fn page<T>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> Place) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Page { rows, next }
}

fn words(roles: &[Role]) -> impl Iterator<Item = &'static str> {
    roles.iter().map(|role| role.as_str())
}

/// Where a reader is reached, in the first of its roles in which it is.
pub async fn recipient(store: &Store, (name, roles): Readers<'_>) -> Result<Option<Recipient>, DbErr> {
    let wanted = reader::Entity::find()
        .filter(reader::Column::Name.eq(name))
        .filter(reader::Column::Role.is_in(words(roles)))
        .order_by_asc(reader::Column::Role);
    wanted.one(store.read()).await?.map(Recipient::try_from).transpose()
}

/// One delivery, and as what its recipient reads.
pub async fn delivery(store: &Store, id: Uuid) -> Result<Option<(Delivery, Role)>, DbErr> {
    let Some(row) = delivery::Entity::find_by_id(id).one(store.read()).await? else { return Ok(None) };
    let message = row::Entity::find_by_id(row.notification_id).one(store.read()).await?;
    // A delivery is stored with its message, in one transaction.
    let role = message.and_then(|message| role_of(&message.role));
    let role = role.ok_or_else(|| DbErr::Type(format!("notification.role of {}", row.notification_id)))?;
    Ok(Some((Delivery::try_from(row)?, role)))
}

/// The deliveries to a reader that come after a place, the newest first; at most `limit`.
pub async fn deliveries(
    store: &Store,
    ((name, roles), status): (Readers<'_>, Option<Status>),
    after: Option<Place>,
    limit: usize,
) -> Result<Page<Delivery>, DbErr> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::Recipient.eq(name))
        .apply_if((roles.len() < Role::ALL.len()).then_some(roles), |query, roles| query.filter(of_messages(roles)))
        .apply_if(status, |query, status| query.filter(delivery::Column::Status.eq(status.as_str())))
        .apply_if(after, |query, Place { created_us, id }| {
            let key = Expr::tuple([Expr::col(delivery::Column::CreatedUs), Expr::col(delivery::Column::Id)]);
            query.filter(key.lt(Expr::tuple([Expr::val(created_us), Expr::val(id)])))
        })
        .order_by_desc(delivery::Column::CreatedUs)
        .order_by_desc(delivery::Column::Id)
        .limit(limit as u64 + 1)
        .all(store.read())
        .await?;
    let rows = rows.into_iter().map(Delivery::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(page(rows, limit, |delivery| Place { created_us: delivery.created_us, id: delivery.id }))
}

/// Whether a delivery's message is for a reader in one of these roles.
fn of_messages(roles: &[Role]) -> Expr {
    let message = Query::select()
        .expr(Expr::val(1))
        .from(row::Entity)
        .and_where(
            Expr::col((row::Entity, row::Column::Id)).equals((delivery::Entity, delivery::Column::NotificationId)),
        )
        .and_where(Expr::col((row::Entity, row::Column::Role)).is_in(words(roles)))
        .take();
    Expr::exists(message)
}

/// What waits on a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Queue {
    pub waiting: i64,
    /// When the oldest began to wait, in microseconds.
    pub oldest_us: Option<i64>,
}

/// What waits on a channel, as a whole.
pub async fn queue(store: &Store, channel: Channel) -> Result<Queue, DbErr> {
    let queue = delivery::Entity::find()
        .select_only()
        .expr_as(Expr::col(delivery::Column::Id).count(), "waiting")
        .expr_as(Expr::col(delivery::Column::CreatedUs).min(), "oldest_us")
        .filter(delivery::Column::Channel.eq(channel.as_str()))
        .filter(delivery::Column::Status.eq(Status::Waiting.as_str()))
        .into_model::<Queue>()
        .one(store.read())
        .await?;
    Ok(queue.unwrap_or_default())
}
