//! Generations of the views: one is read; while a rebuild runs, another is written beside it.
//!
//! Whoever writes views holds the projection's row in share, whoever changes the row waits for them: so every batch
//! is written to all generations that were there from its beginning to its end.

use super::entity::{line_view, offering_view, projection, rebuild, reservation_view, review_view, ticket_view};
use super::table::{self, Table};
use crate::working::Batch;
use choreography::{Backend, Store, statement};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Rows of one piece of copying or clearing.
const PIECE_ROWS_MAX: u64 = 1_000;

/// What a rebuild does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The stream is read into the new generation.
    Reading,
    /// What the stream held no longer is taken from the old one.
    Copying,
    /// The new generation is read; the old one is deleted.
    Clearing,
    Done,
}

impl Stage {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Copying => "copying",
            Self::Clearing => "clearing",
            Self::Done => "done",
        }
    }

    fn read(word: &str) -> Result<Self, DbErr> {
        let stages = [Self::Reading, Self::Copying, Self::Clearing, Self::Done];
        let known = stages.into_iter().find(|stage| stage.as_str() == word);
        known.ok_or_else(|| DbErr::Type(format!("rebuild.stage: `{word}`")))
    }
}

/// A rebuild, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// The generation it makes.
    pub generation: i64,
    pub stage: Stage,
    /// Every event up to this stream sequence has been taken in.
    pub position: u64,
    /// The stream's end when the rebuild began, once the broker has told it.
    pub until: Option<u64>,
    pub events_read: i64,
    /// Events that the stream held when the rebuild began.
    pub events_all: Option<i64>,
}

impl TryFrom<rebuild::Model> for Rebuild {
    type Error = DbErr;
    fn try_from(row: rebuild::Model) -> Result<Self, DbErr> {
        let rebuild::Model { generation, stage, stream_position, stream_until, events_read, events_all, .. } = row;
        Ok(Self {
            generation,
            stage: Stage::read(&stage)?,
            position: stream_position.cast_unsigned(),
            until: stream_until.map(i64::cast_unsigned),
            events_read,
            events_all,
        })
    }
}

/// The generations that a batch writes, the same until its transaction ends.
pub async fn generations(tx: &DatabaseTransaction) -> Result<Vec<i64>, DbErr> {
    let projection = projection::Entity::find().lock_shared().one(tx).await?.ok_or_else(gone)?;
    Ok(std::iter::once(projection.serving).chain(projection.building).collect())
}

/// The generation that is read.
pub async fn serving(connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(projection::Entity::find().one(connection).await?.ok_or_else(gone)?.serving)
}

/// The generation that is read, and the newest rebuild.
pub async fn current(store: &Store) -> Result<(i64, Option<Rebuild>), DbErr> {
    Ok((serving(store.read()).await?, newest(store.read()).await?))
}

/// The rebuild that is not done, if any.
pub async fn unfinished(store: &Store) -> Result<Option<Rebuild>, DbErr> {
    Ok(newest(store.read()).await?.filter(|rebuild| rebuild.stage != Stage::Done))
}

async fn newest(connection: &impl ConnectionTrait) -> Result<Option<Rebuild>, DbErr> {
    let query = rebuild::Entity::find().order_by_desc(rebuild::Column::Generation);
    query.one(connection).await?.map(Rebuild::try_from).transpose()
}

/// Begins a rebuild: from now on every batch is written to its generation too. None if one is not done yet.
pub async fn begin(store: &Store) -> Result<Option<Rebuild>, DbErr> {
    let tx = store.begin().await?;
    let projection = projection::Entity::find().lock_exclusive().one(&tx).await?.ok_or_else(gone)?;
    if newest(&tx).await?.is_some_and(|rebuild| rebuild.stage != Stage::Done) {
        return Ok(None);
    }
    let generation = projection.serving + 1;
    let row = rebuild::Model {
        generation,
        stage: Stage::Reading.as_str().to_owned(),
        stream_position: 0,
        stream_until: None,
        events_read: 0,
        events_all: None,
        started_us: store.now(&tx).await?.as_microsecond(),
        ended_us: None,
    };
    rebuild::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
    project(&tx, projection.serving, Some(generation)).await?;
    tx.commit().await?;
    Rebuild::try_from(row).map(Some)
}

/// Notes what there is to read; asked only after [`begin`], so that what is published later is written by the live
/// consumer.
pub async fn extend(store: &Store, rebuild: Rebuild, (last, events): (u64, u64)) -> Result<Rebuild, DbErr> {
    use rebuild::Column::{EventsAll, StreamUntil};
    change(store.write(), rebuild, [(StreamUntil, last.cast_signed()), (EventsAll, events.cast_signed())]).await?;
    Ok(Rebuild { until: Some(last), events_all: Some(events.cast_signed()), ..rebuild })
}

/// Takes `count` events of the stream, up to `position`, into the generation that is built.
pub async fn take_in(
    store: &Store,
    rebuild: Rebuild,
    batch: Batch,
    (position, count): (u64, usize),
) -> Result<Rebuild, DbErr> {
    use rebuild::Column::{EventsRead, StreamPosition};
    let events_read = rebuild.events_read + i64::try_from(count).unwrap_or(i64::MAX);
    let tx = store.begin().await?;
    old(&tx, rebuild).await?;
    super::save(&tx, &[rebuild.generation], batch).await?;
    let progress = [(StreamPosition, position.cast_signed()), (EventsRead, events_read)];
    change(&tx, rebuild, progress).await?;
    tx.commit().await?;
    Ok(Rebuild { position, events_read, ..rebuild })
}

/// Goes on to copying: the stream has been read.
pub async fn read_out(store: &Store, rebuild: Rebuild) -> Result<Rebuild, DbErr> {
    enter(store.write(), rebuild, Stage::Copying).await
}

/// The tables of the views, in the order in which they are copied.
pub const VIEW_TABLES: [ViewTable; 5] =
    [ViewTable::Offerings, ViewTable::Reservations, ViewTable::Tickets, ViewTable::Lines, ViewTable::Reviews];

/// A table of the views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewTable {
    Offerings,
    Reservations,
    Tickets,
    Lines,
    Reviews,
}

impl ViewTable {
    /// Its name in the database, and its key within a generation.
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Offerings => ("offering_view", "offering_id"),
            Self::Reservations => ("reservation_view", "reservation_id"),
            Self::Tickets => ("ticket_view", "ticket_id"),
            Self::Lines => ("line_view", "offering_id"),
            Self::Reviews => ("review_view", "review_id"),
        }
    }
}

/// Copies a piece of the old generation, behind `after` in key order, where it is newer. The place where the next piece
/// begins, if there is more.
pub async fn copy(
    store: &Store,
    rebuild: Rebuild,
    view: ViewTable,
    after: Option<Uuid>,
) -> Result<Option<Uuid>, DbErr> {
    match view {
        ViewTable::Offerings => copy_of::<offering_view::Entity>(store, rebuild, after).await,
        ViewTable::Reservations => copy_of::<reservation_view::Entity>(store, rebuild, after).await,
        ViewTable::Tickets => copy_of::<ticket_view::Entity>(store, rebuild, after).await,
        ViewTable::Lines => copy_of::<line_view::Entity>(store, rebuild, after).await,
        ViewTable::Reviews => copy_of::<review_view::Entity>(store, rebuild, after).await,
    }
}

async fn copy_of<E: Table>(store: &Store, rebuild: Rebuild, after: Option<Uuid>) -> Result<Option<Uuid>, DbErr> {
    let tx = store.begin().await?;
    let rows = E::find()
        .filter(E::GENERATION.eq(old(&tx, rebuild).await?))
        .apply_if(after, |query, after| query.filter(E::ID.gt(after)))
        .order_by_asc(E::ID)
        .limit(PIECE_ROWS_MAX)
        .all(&tx)
        .await?;
    let next = rows.last().filter(|_| is_full(rows.len())).map(E::id);
    table::write::<E>(&tx, rows.into_iter().map(|row| E::renewed(row, rebuild.generation)).collect()).await?;
    tx.commit().await?;
    Ok(next)
}

fn is_full(rows: usize) -> bool {
    rows as u64 == PIECE_ROWS_MAX
}

/// Lets the new generation be read, and ends writing to the old one, in one transaction.
pub async fn switch(store: &Store, rebuild: Rebuild) -> Result<Rebuild, DbErr> {
    let tx = store.begin().await?;
    let projection = projection::Entity::find().lock_exclusive().one(&tx).await?.ok_or_else(gone)?;
    if projection.building != Some(rebuild.generation) {
        return Err(overtaken());
    }
    project(&tx, rebuild.generation, None).await?;
    let switched = enter(&tx, rebuild, Stage::Clearing).await?;
    tx.commit().await?;
    Ok(switched)
}

/// Deletes a piece of the generations before; done when nothing is left of them.
pub async fn clear(store: &Store, rebuild: Rebuild) -> Result<Rebuild, DbErr> {
    for view in VIEW_TABLES {
        let (table, key) = view.table();
        let old = format!("{table} WHERE generation < $1");
        let sql = match store.backend() {
            Backend::Sqlite | Backend::Postgres => format!(
                "DELETE FROM {table} WHERE (generation, {key}) IN (SELECT generation, {key} FROM {old} LIMIT $2)"
            ),
            Backend::MariaDb => format!("DELETE FROM {old} LIMIT $2"),
        };
        let values = [rebuild.generation.into(), PIECE_ROWS_MAX.cast_signed().into()];
        let piece = statement(store.write(), &sql, values);
        if store.write().execute_raw(piece).await?.rows_affected() > 0 {
            return Ok(rebuild);
        }
    }
    let now = store.now(store.write()).await?;
    change(store.write(), rebuild, [(rebuild::Column::EndedUs, now.as_microsecond())]).await?;
    enter(store.write(), rebuild, Stage::Done).await
}

/// The generation that the rebuild replaces; held until the transaction ends, so that the switch waits for it.
async fn old(tx: &DatabaseTransaction, rebuild: Rebuild) -> Result<i64, DbErr> {
    match generations(tx).await?.as_slice() {
        [serving, building] if *building == rebuild.generation => Ok(*serving),
        _ => Err(overtaken()),
    }
}

async fn project(tx: &DatabaseTransaction, serving: i64, building: Option<i64>) -> Result<(), DbErr> {
    projection::Entity::update_many()
        .col_expr(projection::Column::Serving, Expr::val(serving))
        .col_expr(projection::Column::Building, Expr::val(building))
        .exec(tx)
        .await?;
    Ok(())
}

async fn enter(connection: &impl ConnectionTrait, rebuild: Rebuild, stage: Stage) -> Result<Rebuild, DbErr> {
    change(connection, rebuild, [(rebuild::Column::Stage, stage.as_str())]).await?;
    Ok(Rebuild { stage, ..rebuild })
}

/// Notes how far the rebuild is, unless it has come to another stage: a replica that slept through its lease must not
/// take it back.
async fn change<V: Into<sea_orm::Value>>(
    connection: &impl ConnectionTrait,
    rebuild: Rebuild,
    values: impl IntoIterator<Item = (rebuild::Column, V)>,
) -> Result<(), DbErr> {
    let mut update = rebuild::Entity::update_many()
        .filter(rebuild::Column::Generation.eq(rebuild.generation))
        .filter(rebuild::Column::Stage.eq(rebuild.stage.as_str()));
    for (column, value) in values {
        update = update.col_expr(column, Expr::val(value));
    }
    if update.exec(connection).await?.rows_affected == 0 { Err(overtaken()) } else { Ok(()) }
}

fn gone() -> DbErr {
    DbErr::RecordNotFound("the projection's row".into())
}

fn overtaken() -> DbErr {
    DbErr::Custom("another replica has gone on with this rebuild".into())
}
