//! Queries outside the writer: one offering, and the search.

use super::entity::offering as row;
use super::search as text;
use catalog_domain::Offering;
use choreography::Store;
use kernel::{Kind, OfferingId};
use sea_orm::sea_query::{Expr, LikeExpr};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// What a search asks for; an absent wish lets everything through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub business: Option<String>,
    pub kind: Option<Kind>,
    pub place: Option<String>,
    /// Part of a name, a place or a business, in large or small letters.
    pub part: Option<String>,
    /// Where the page before ended.
    pub after: Option<Place>,
    pub limit: u64,
}

/// A place in the order of a search: by age, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub created_us: i64,
    pub id: Uuid,
}

/// Some of what a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub offerings: Vec<Offering>,
    /// Where the next page begins, if there is more.
    pub next: Option<Place>,
}

/// One offering, open or retired.
pub async fn offering(store: &Store, id: OfferingId) -> Result<Option<Offering>, DbErr> {
    row::Entity::find_by_id(id.0).one(store.read()).await?.map(Offering::try_from).transpose()
}

/// Whose an offering is.
pub async fn business_of(store: &Store, id: OfferingId) -> Result<Option<String>, DbErr> {
    row::Entity::find_by_id(id.0).select_only().column(row::Column::Business).into_tuple().one(store.read()).await
}

/// Open offerings, the oldest first.
pub async fn search(store: &Store, wanted: Wanted) -> Result<Page, DbErr> {
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let mut rows = row::Entity::find()
        .filter(row::Column::Open.eq(true))
        .apply_if(wanted.business, |query, business| query.filter(row::Column::Business.eq(business)))
        .apply_if(wanted.kind, |query, kind| query.filter(row::Column::Kind.eq(kind.as_str())))
        .apply_if(wanted.place, |query, place| query.filter(row::Column::Place.eq(place)))
        .apply_if(wanted.part, |query, part| {
            query.filter(row::Column::SearchText.like(LikeExpr::new(text::pattern(&part)).escape(text::ESCAPE)))
        })
        .apply_if(wanted.after, |query, Place { created_us, id }| {
            let key = Expr::tuple([Expr::col(row::Column::CreatedUs), Expr::col(row::Column::OfferingId)]);
            query.filter(key.gt(Expr::tuple([Expr::val(created_us), Expr::val(id)])))
        })
        .order_by_asc(row::Column::CreatedUs)
        .order_by_asc(row::Column::OfferingId)
        // One more than asked for tells whether there is a next page.
        .limit(wanted.limit.saturating_add(1))
        .all(store.read())
        .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| Place { created_us: row.created_us, id: row.offering_id });
    let offerings = rows.into_iter().map(Offering::try_from).collect::<Result<_, _>>()?;
    Ok(Page { offerings, next })
}
