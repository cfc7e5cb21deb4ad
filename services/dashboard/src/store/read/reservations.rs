//! Reservations as hosts and guests ask for them, and added up.

use super::{Page, Place, ReservationRow, View, newest_first, page, reservation};
use crate::calendar::STAY_DAYS_MAX;
use choreography::sum_of;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, DbErr, FromQueryResult, QueryFilter, QuerySelect};
use std::ops::Range;
use uuid::Uuid;

/// Sums are taken in two parts, thousands of billions and the rest, because no engine's whole numbers hold the sum of
/// many amounts at the bound of one, and a query that fails would fail for every caller.
const PART: i64 = 1_000_000_000_000;
/// The purpose of a reservation by which a host takes units out of sale.
pub(super) const BLOCK: &str = "block";

/// Whose reservations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    Guest(&'a str),
    Business(&'a str),
}

/// Which reservations are listed: all that each given wish fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub whose: Whose<'a>,
    /// Any of these; none given means all.
    pub statuses: Vec<&'a str>,
    pub offering: Option<Uuid>,
    /// Local days of which the stay touches any.
    pub days: Range<Option<i64>>,
    /// The local day on which the stay begins.
    pub arrives: Option<i64>,
    /// The local day on which the stay ends.
    pub departs: Option<i64>,
}

impl<'a> Wanted<'a> {
    /// All of somebody's.
    pub const fn all(whose: Whose<'a>) -> Self {
        Self { whose, statuses: Vec::new(), offering: None, days: None..None, arrives: None, departs: None }
    }

    fn condition(&self) -> Condition {
        use reservation::Column::{Business, EndDay, FirstDay, GuestId, OfferingId, Purpose, Status};
        let whose = match self.whose {
            // What a host takes out of sale bears its own name, which may be a guest's as well.
            Whose::Guest(guest) => GuestId.eq(guest).and(Purpose.is_null()),
            Whose::Business(business) => Business.eq(business),
        };
        let Range { start, end } = self.days;
        Condition::all()
            .add(whose)
            .add_option((!self.statuses.is_empty()).then(|| Status.is_in(self.statuses.iter().copied())))
            .add_option(self.offering.map(|offering| OfferingId.eq(offering)))
            // No stay is longer, so that an index finds those that began before.
            .add_option(start.map(|from| EndDay.gt(from).and(FirstDay.gte(from - STAY_DAYS_MAX))))
            .add_option(end.map(|to| FirstDay.lt(to)))
            .add_option(self.arrives.map(|day| FirstDay.eq(day)))
            .add_option(self.departs.map(|day| departs().eq(day).and(FirstDay.between(day - STAY_DAYS_MAX, day))))
    }
}

/// The day on which a stay ends: a guest of nights leaves on the day after the last one.
pub(super) fn departs() -> Expr {
    use reservation::Column::{EndDay, Kind};
    let last = Expr::col(EndDay).sub(1);
    Expr::case(Expr::col(Kind).eq("nights"), Expr::col(EndDay)).finally(last).into()
}

/// Reservations of one offering or one currency with the same status, added up; those of hosts apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total<K> {
    pub of: K,
    pub status: String,
    pub is_block: bool,
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
    purpose: Option<String>,
    reservations: i64,
    quantity: Option<i64>,
    captured_parts: Option<i64>,
    captured_rest: Option<i64>,
    refunded_parts: Option<i64>,
    refunded_rest: Option<i64>,
}

impl View {
    /// Reservations, the newest first.
    pub async fn reservations(
        &self,
        wanted: &Wanted<'_>,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Page<ReservationRow, Place>, DbErr> {
        let query = self.all::<reservation::Entity>().filter(wanted.condition());
        let rows = newest_first(query, reservation::Column::PlacedUs, after, limit).all(&self.tx).await?;
        Ok(page(rows, limit, |row| Place { us: row.placed_us.unwrap_or_default(), id: row.reservation_id }))
    }

    /// The reservations of these offerings, added up by offering and status.
    pub async fn of_offerings(&self, offerings: Vec<Uuid>) -> Result<Vec<Total<Uuid>>, DbErr> {
        let rows = summed(&self.tx, self.all())
            .column(reservation::Column::OfferingId)
            .filter(reservation::Column::OfferingId.is_in(offerings))
            .group_by(reservation::Column::OfferingId)
            .into_model::<Sum>()
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().filter_map(|sum| Some(total(sum.offering_id?, sum))).collect())
    }

    /// All reservations of a business, added up by the currency of their payments, none without one, and by status.
    pub async fn of_business(&self, business: &str) -> Result<Vec<Total<Option<String>>>, DbErr> {
        let rows = summed(&self.tx, self.all())
            .column(reservation::Column::PaymentCurrency)
            .filter(reservation::Column::Business.eq(business))
            .group_by(reservation::Column::PaymentCurrency)
            .into_model::<Sum>()
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|sum| total(sum.payment_currency.clone(), sum)).collect())
    }
}

fn summed(
    tx: &DatabaseTransaction,
    rows: sea_orm::Select<reservation::Entity>,
) -> sea_orm::Select<reservation::Entity> {
    use reservation::Column::{Purpose, Quantity, ReservationId, Status};
    let rows = rows
        .select_only()
        .columns([Status, Purpose])
        .column_as(ReservationId.count(), "reservations")
        .column_as(sum_of(tx, Expr::col(Quantity)), "quantity");
    with_money(tx, rows).group_by(Status).group_by(Purpose)
}

/// The sums of the money, in two parts each.
pub(super) fn with_money(
    tx: &DatabaseTransaction,
    rows: sea_orm::Select<reservation::Entity>,
) -> sea_orm::Select<reservation::Entity> {
    use reservation::Column::{Captured, Refunded};
    let rest = |money| Expr::col(money).modulo(PART);
    // MariaDB's quotients have decimals, so that nothing is divided but what leaves none.
    let parts = |money| Expr::col(money).sub(rest(money)).div(PART);
    rows.column_as(sum_of(tx, parts(Captured)), "captured_parts")
        .column_as(sum_of(tx, rest(Captured)), "captured_rest")
        .column_as(sum_of(tx, parts(Refunded)), "refunded_parts")
        .column_as(sum_of(tx, rest(Refunded)), "refunded_rest")
}

/// A sum of its two parts.
pub(super) fn whole(parts: Option<i64>, rest: Option<i64>) -> i64 {
    parts.unwrap_or_default().saturating_mul(PART).saturating_add(rest.unwrap_or_default())
}

fn total<K>(of: K, sum: Sum) -> Total<K> {
    Total {
        of,
        is_block: sum.purpose.as_deref() == Some(BLOCK),
        reservations: sum.reservations,
        quantity: sum.quantity.unwrap_or_default(),
        captured: whole(sum.captured_parts, sum.captured_rest),
        refunded: whole(sum.refunded_parts, sum.refunded_rest),
        status: sum.status.unwrap_or_default(),
    }
}
