//! Queries: each answer is one snapshot of one generation, whatever is written or switched meanwhile.

mod days;
mod line;
mod reservations;

pub use days::{Offer, Sold, Span};
pub use line::{Board, Counted, Queue, TICKETS_MAX};
use reservations::whole;
pub use reservations::{Total, Wanted, Whose};

use super::entity::{history, offering_view as offering, reservation_view as reservation};
use super::entity::{review_view as review, ticket_view as ticket};
use super::generation;
use super::table::Table;
use crate::live::Whereabouts;
use choreography::{Backend, Store, key_chunks, sum_of};
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, IsolationLevel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

/// Rows as they are stored.
pub use history::Model as Told;
pub use offering::Model as OfferingRow;
pub use reservation::Model as ReservationRow;
pub use review::Model as ReviewRow;
pub use ticket::Model as TicketRow;

/// Some rows of a list, and where the next page begins, if there is more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, P> {
    pub rows: Vec<T>,
    pub next: Option<P>,
}

/// A place in a list: by the time of placing, joining or posting, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub us: i64,
    pub id: Uuid,
}

/// The reviews of an offering, added up.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Rated {
    pub offering_id: Uuid,
    pub reviews: i64,
    pub ratings: i64,
}

/// One snapshot.
pub struct View {
    tx: DatabaseTransaction,
    generation: i64,
    now: Timestamp,
}

impl View {
    pub async fn open(store: &Store) -> Result<Self, DbErr> {
        // A transaction of SQLite reads a snapshot anyway.
        let isolation_level = match store.backend() {
            Backend::Sqlite => None,
            Backend::Postgres | Backend::MariaDb => Some(IsolationLevel::RepeatableRead),
        };
        let access_mode = isolation_level.map(|_| AccessMode::ReadOnly);
        let options = TransactionOptions { isolation_level, access_mode, ..Default::default() };
        let tx = store.read().begin_with_options(options).await?;
        let generation = generation::serving(&tx).await?;
        let now = store.now(&tx).await?;
        Ok(Self { tx, generation, now })
    }

    /// Gives the connection back.
    pub async fn close(self) -> Result<(), DbErr> {
        self.tx.commit().await
    }

    /// Offerings by id, and so the oldest first.
    pub async fn offerings(
        &self,
        business: Option<&str>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Page<OfferingRow, Uuid>, DbErr> {
        let rows = self
            .all::<offering::Entity>()
            .apply_if(business, |query, business| query.filter(offering::Column::Business.eq(business)))
            .apply_if(after, |query, after| query.filter(offering::Column::OfferingId.gt(after)))
            .order_by_asc(offering::Column::OfferingId)
            .limit(one_more(limit))
            .all(&self.tx)
            .await?;
        Ok(page(rows, limit, |row| row.offering_id))
    }

    /// A guest's tickets, the newest first.
    pub async fn tickets(
        &self,
        guest: &str,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Page<TicketRow, Place>, DbErr> {
        let query = self.all::<ticket::Entity>().filter(ticket::Column::GuestId.eq(guest));
        let rows = newest_first(query, ticket::Column::JoinedUs, after, limit).all(&self.tx).await?;
        Ok(page(rows, limit, |row| Place { us: row.joined_us.unwrap_or_default(), id: row.ticket_id }))
    }

    /// A guest's reviews, the newest first.
    pub async fn reviews(
        &self,
        guest: &str,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Page<ReviewRow, Place>, DbErr> {
        let query = self.all::<review::Entity>().filter(review::Column::GuestId.eq(guest));
        let rows = newest_first(query, review::Column::PostedUs, after, limit).all(&self.tx).await?;
        Ok(page(rows, limit, |row| Place { us: row.posted_us, id: row.review_id }))
    }

    /// How these offerings are rated by the reviews that stand.
    pub async fn rated(&self, offerings: Vec<Uuid>) -> Result<Vec<Rated>, DbErr> {
        self.all::<review::Entity>()
            .select_only()
            .column(review::Column::OfferingId)
            .column_as(review::Column::ReviewId.count(), "reviews")
            .column_as(sum_of(&self.tx, Expr::col(review::Column::Rating)), "ratings")
            .filter(review::Column::Status.eq("posted"))
            .filter(review::Column::OfferingId.is_in(offerings))
            .group_by(review::Column::OfferingId)
            .into_model()
            .all(&self.tx)
            .await
    }

    /// The first `limit` events of a case, in order.
    pub async fn history(&self, correlation: Uuid, limit: usize) -> Result<Page<Told, Uuid>, DbErr> {
        let rows = history::Entity::find()
            .filter(history::Column::Correlation.eq(correlation))
            .order_by_asc(history::Column::TimeUs)
            .order_by_asc(history::Column::Version)
            .order_by_asc(history::Column::Id)
            .limit(one_more(limit))
            .all(&self.tx)
            .await?;
        Ok(page(rows, limit, |row| row.id))
    }

    /// Whom these reservations and tickets concern, as far as they are known.
    pub async fn whereabouts(store: &Store, cases: Vec<Uuid>) -> Result<Vec<(Uuid, Whereabouts)>, DbErr> {
        let view = Self::open(store).await?;
        let found = view.concerned(cases).await?;
        view.close().await?;
        Ok(found)
    }

    /// Whom a case concerns, or whose offering it is.
    pub async fn whose(&self, case: Uuid) -> Result<Whereabouts, DbErr> {
        if let Some((_, found)) = self.concerned(vec![case]).await?.pop() {
            return Ok(found);
        }
        let offering =
            self.all::<offering::Entity>().filter(offering::Column::OfferingId.eq(case)).one(&self.tx).await?;
        Ok(Whereabouts { business: offering.map(|row| row.business), offering_id: Some(case), guest_id: None })
    }

    async fn concerned(&self, cases: Vec<Uuid>) -> Result<Vec<(Uuid, Whereabouts)>, DbErr> {
        use reservation::Column as Stay;
        use ticket::Column as Visit;
        let mut found = Vec::new();
        for cases in key_chunks(cases) {
            let stays = self.all::<reservation::Entity>().select_only();
            let stays = stays.columns([Stay::ReservationId, Stay::Business, Stay::OfferingId]);
            // What a host takes out of sale has no guest.
            let guest: Expr = Expr::case(Stay::Purpose.is_null(), Expr::col(Stay::GuestId)).into();
            let stays = stays.column_as(guest, "guest");
            found.extend(stays.filter(Stay::ReservationId.is_in(cases.clone())).into_tuple().all(&self.tx).await?);
            let visits = self.all::<ticket::Entity>().select_only();
            let visits = visits.columns([Visit::TicketId, Visit::Business, Visit::OfferingId, Visit::GuestId]);
            found.extend(visits.filter(Visit::TicketId.is_in(cases)).into_tuple().all(&self.tx).await?);
        }
        let told = |(case, business, offering_id, guest_id): (Uuid, Option<String>, Option<Uuid>, Option<String>)| {
            (case, Whereabouts { business, offering_id, guest_id })
        };
        Ok(found.into_iter().map(told).collect())
    }

    /// The rows of this generation.
    fn all<E: Table>(&self) -> sea_orm::Select<E> {
        E::find().filter(E::GENERATION.eq(self.generation))
    }
}

/// One more than asked for tells whether there is a next page.
const fn one_more(limit: usize) -> u64 {
    limit as u64 + 1
}

fn newest_first<E: Table>(
    query: sea_orm::Select<E>,
    us: E::Column,
    after: Option<Place>,
    limit: usize,
) -> sea_orm::Select<E> {
    query
        .apply_if(after, |query, Place { us: after_us, id }| {
            let key = Expr::tuple([Expr::col(us), Expr::col(E::ID)]);
            query.filter(key.lt(Expr::tuple([Expr::val(after_us), Expr::val(id)])))
        })
        .order_by_desc(us)
        .order_by_desc(E::ID)
        .limit(one_more(limit))
}

fn page<T, P>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> P) -> Page<T, P> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Page { rows, next }
}
