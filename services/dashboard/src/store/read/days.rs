//! What a business offers and has booked, as far as some local days are concerned.

use super::reservations::{departs, with_money};
use super::{View, offering, reservation, whole};
use crate::calendar::STAY_DAYS_MAX;
use choreography::sum_of;
use futures_util::TryStreamExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use std::collections::HashMap;
use std::ops::Range;
use uuid::Uuid;

/// Open offerings whose buckets are the same, added up.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Offer {
    pub kind: String,
    pub timezone: Option<String>,
    pub slot_minutes: Option<i64>,
    pub starts_day: Option<i64>,
    /// JSON; none means always.
    pub opening_hours: Option<String>,
    pub units: i64,
}

/// Reservations of one offering with the same span, status, purpose and currency, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    pub span: Span,
    /// Of slots, where it is known.
    pub slot_minutes: Option<i64>,
    /// Minor units.
    pub captured: i64,
    pub refunded: i64,
}

/// What they have in common, and how many they are.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Span {
    offering_id: Uuid,
    pub kind: String,
    pub status: String,
    pub purpose: Option<String>,
    pub timezone: String,
    pub span_from: String,
    pub span_to: Option<String>,
    pub first_day: i64,
    pub end_day: i64,
    pub departs: i64,
    pub reservations: i64,
    pub quantity: i64,
    pub payment_currency: Option<String>,
    captured_parts: Option<i64>,
    captured_rest: Option<i64>,
    refunded_parts: Option<i64>,
    refunded_rest: Option<i64>,
}

impl View {
    /// What a business offers now.
    pub async fn offers(&self, business: &str, offering: Option<Uuid>) -> Result<Vec<Offer>, DbErr> {
        use offering::Column::{
            Business, Kind, OfferingId, OpeningHours, SlotMinutes, StartsDay, Status, Timezone, Units,
        };
        let same = [Kind, Timezone, SlotMinutes, StartsDay, OpeningHours];
        let query = self.all::<offering::Entity>().select_only().columns(same);
        let query = query.column_as(sum_of(&self.tx, Expr::col(Units)), "units");
        let query = query.filter(Business.eq(business)).filter(Status.eq("open"));
        let query = query.apply_if(offering, |query, offering| query.filter(OfferingId.eq(offering)));
        same.into_iter().fold(query, QuerySelect::group_by).into_model().all(&self.tx).await
    }

    /// Hands out what is booked of a business for stays that touch these days or end on the first, one after the other,
    /// however many there are.
    pub async fn sold(
        &self,
        business: &str,
        offering: Option<Uuid>,
        days: Range<i64>,
        mut take: impl FnMut(Sold),
    ) -> Result<(), DbErr> {
        use reservation::Column as Of;
        let minutes = self.slot_minutes(business).await?;
        let same = [
            Of::OfferingId,
            Of::Kind,
            Of::Status,
            Of::Purpose,
            Of::Timezone,
            Of::SpanFrom,
            Of::SpanTo,
            Of::FirstDay,
            Of::EndDay,
            Of::PaymentCurrency,
        ];
        let query = self.all::<reservation::Entity>().select_only().columns(same);
        let query = query.column_as(departs(), "departs").column_as(Of::ReservationId.count(), "reservations");
        let query = with_money(&self.tx, query.column_as(sum_of(&self.tx, Expr::col(Of::Quantity)), "quantity"))
            .filter(Of::Business.eq(business))
            .filter(Of::FirstDay.gte(days.start - STAY_DAYS_MAX))
            .filter(Of::FirstDay.lt(days.end))
            .filter(Of::EndDay.gte(days.start))
            .apply_if(offering, |query, offering| query.filter(Of::OfferingId.eq(offering)));
        let query = same.into_iter().fold(query, QuerySelect::group_by).into_model::<Span>();
        let mut spans = query.stream(&self.tx).await?;
        while let Some(span) = spans.try_next().await? {
            let slot_minutes = minutes.get(&span.offering_id).copied();
            let captured = whole(span.captured_parts, span.captured_rest);
            let refunded = whole(span.refunded_parts, span.refunded_rest);
            take(Sold { span, slot_minutes, captured, refunded });
        }
        Ok(())
    }

    /// How long the slots of a business's offerings are.
    async fn slot_minutes(&self, business: &str) -> Result<HashMap<Uuid, i64>, DbErr> {
        use offering::Column::{Business, Kind, OfferingId, SlotMinutes};
        let query = self.all::<offering::Entity>().select_only().columns([OfferingId, SlotMinutes]);
        let query = query.filter(Business.eq(business)).filter(Kind.eq("slots")).filter(SlotMinutes.is_not_null());
        let known: Vec<(Uuid, i64)> = query.into_tuple().all(&self.tx).await?;
        Ok(known.into_iter().collect())
    }
}
