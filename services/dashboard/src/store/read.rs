//! Queries: each answer is one snapshot of one generation, whatever is written or switched meanwhile.

use super::entity::{history, offering_view as offering, reservation_view as reservation};
use super::generation;
use choreography::{Backend, Store};
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

/// Sums are taken in two parts, thousands of billions and the rest, because no engine's whole numbers hold the sum of
/// many amounts at the bound of one, and a query that fails would fail for every caller.
const PART: i64 = 1_000_000_000_000;

/// Some rows of a list, and where the next page begins, if there is more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, P> {
    pub rows: Vec<T>,
    pub next: Option<P>,
}

/// A place in a list of reservations: by time of placing, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub placed_us: i64,
    pub id: Uuid,
}

/// Whose reservations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    Guest(&'a str),
    Business(&'a str),
}

/// Reservations of one offering or one currency with the same status, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total<K> {
    pub of: K,
    pub status: String,
    pub reservations: i64,
    pub quantity: i64,
    /// Minor units.
    pub captured: i64,
    pub refunded: i64,
}

/// A sum as the database gives it.
#[derive(Debug, FromQueryResult)]
struct Sum {
    offering_id: Option<Uuid>,
    payment_currency: Option<String>,
    status: Option<String>,
    reservations: i64,
    quantity: Option<i64>,
    captured_parts: Option<i64>,
    captured_rest: Option<i64>,
    refunded_parts: Option<i64>,
    refunded_rest: Option<i64>,
}

/// One snapshot.
pub struct View {
    tx: DatabaseTransaction,
    generation: i64,
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
        Ok(Self { tx, generation })
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
        let rows = offering::Entity::find()
            .filter(offering::Column::Generation.eq(self.generation))
            .apply_if(business, |query, business| query.filter(offering::Column::Business.eq(business)))
            .apply_if(after, |query, after| query.filter(offering::Column::OfferingId.gt(after)))
            .order_by_asc(offering::Column::OfferingId)
            .limit(one_more(limit))
            .all(&self.tx)
            .await?;
        Ok(page(rows, limit, |row| row.offering_id))
    }

    /// Reservations, the newest first.
    pub async fn reservations(
        &self,
        whose: Whose<'_>,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Page<ReservationRow, Place>, DbErr> {
        use reservation::Column::{PlacedUs, ReservationId};
        let rows = reservation::Entity::find()
            .filter(self.whose(whose))
            .apply_if(after, |query, Place { placed_us, id }| {
                let key = Expr::tuple([Expr::col(PlacedUs), Expr::col(ReservationId)]);
                query.filter(key.lt(Expr::tuple([Expr::val(placed_us), Expr::val(id)])))
            })
            .order_by_desc(PlacedUs)
            .order_by_desc(ReservationId)
            .limit(one_more(limit))
            .all(&self.tx)
            .await?;
        Ok(page(rows, limit, |row| Place { placed_us: row.placed_us.unwrap_or_default(), id: row.reservation_id }))
    }

    /// The reservations of these offerings, added up by offering and status.
    pub async fn of_offerings(&self, offerings: Vec<Uuid>) -> Result<Vec<Total<Uuid>>, DbErr> {
        let rows = summed()
            .column(reservation::Column::OfferingId)
            .filter(reservation::Column::Generation.eq(self.generation))
            .filter(reservation::Column::OfferingId.is_in(offerings))
            .group_by(reservation::Column::OfferingId)
            .into_model::<Sum>()
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().filter_map(|sum| Some(total(sum.offering_id?, sum))).collect())
    }

    /// All reservations of a business, added up by the currency of their payments, none without one, and by status.
    pub async fn of_business(&self, business: &str) -> Result<Vec<Total<Option<String>>>, DbErr> {
        let rows = summed()
            .column(reservation::Column::PaymentCurrency)
            .filter(self.whose(Whose::Business(business)))
            .group_by(reservation::Column::PaymentCurrency)
            .into_model::<Sum>()
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|sum| total(sum.payment_currency.clone(), sum)).collect())
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

    fn whose(&self, whose: Whose<'_>) -> Expr {
        let of_generation = reservation::Column::Generation.eq(self.generation);
        of_generation.and(match whose {
            Whose::Guest(guest) => reservation::Column::GuestId.eq(guest),
            Whose::Business(business) => reservation::Column::Business.eq(business),
        })
    }
}

/// One more than asked for tells whether there is a next page.
const fn one_more(limit: usize) -> u64 {
    limit as u64 + 1
}

fn page<T, P>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> P) -> Page<T, P> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Page { rows, next }
}

fn summed() -> sea_orm::Select<reservation::Entity> {
    use reservation::Column::{Captured, Quantity, Refunded, ReservationId, Status};
    let sum = |expr: Expr| expr.sum().cast_as("bigint");
    reservation::Entity::find()
        .select_only()
        .column(Status)
        .column_as(ReservationId.count(), "reservations")
        .column_as(sum(Expr::col(Quantity)), "quantity")
        .column_as(sum(Expr::col(Captured).div(PART)), "captured_parts")
        .column_as(sum(Expr::col(Captured).modulo(PART)), "captured_rest")
        .column_as(sum(Expr::col(Refunded).div(PART)), "refunded_parts")
        .column_as(sum(Expr::col(Refunded).modulo(PART)), "refunded_rest")
        .group_by(Status)
}

fn total<K>(of: K, sum: Sum) -> Total<K> {
    let whole = |parts: Option<i64>, rest: Option<i64>| {
        parts.unwrap_or_default().saturating_mul(PART).saturating_add(rest.unwrap_or_default())
    };
    Total {
        of,
        reservations: sum.reservations,
        quantity: sum.quantity.unwrap_or_default(),
        captured: whole(sum.captured_parts, sum.captured_rest),
        refunded: whole(sum.refunded_parts, sum.refunded_rest),
        status: sum.status.unwrap_or_default(),
    }
}
