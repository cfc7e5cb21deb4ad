//! Queries outside the writer: one offering, and the search.

use super::entity::{offering as row, word};
use super::{index, words};
use catalog_domain::Offering;
use choreography::{Store, key_chunks};
use kernel::{Kind, OfferingId};
use sea_orm::sea_query::{Condition, Expr, IntoColumnRef, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// What a search asks for; an absent wish lets everything through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub business: Option<String>,
    pub kind: Option<Kind>,
    pub place: Option<String>,
    /// Words of which each begins a word of the name, the place or the business.
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
    match wanted.part.as_deref().map(words::asked) {
        None => walk(store, wanted).await,
        Some(asked) => match asked.split_first() {
            // Nothing is called by a sign alone.
            None => Ok(Page { offerings: Vec::new(), next: None }),
            Some((first, others)) => by_words(store, wanted, first, others).await,
        },
    }
}

/// Through the offerings themselves.
async fn walk(store: &Store, wanted: Wanted) -> Result<Page, DbErr> {
    let limit = wanted.limit;
    let rows = row::Entity::find()
        .filter(row::Column::Open.eq(true))
        .filter(wanted.fields())
        .apply_if(wanted.after, |query, place| {
            query.filter(place.before((row::Entity, row::Column::CreatedUs), (row::Entity, row::Column::OfferingId)))
        })
        .order_by_asc(row::Column::CreatedUs)
        .order_by_asc(row::Column::OfferingId)
        // One more than asked for tells whether there is a next page.
        .limit(limit.saturating_add(1))
        .all(store.read())
        .await?;
    let places = rows.iter().map(|row| Place { created_us: row.created_us, id: row.offering_id }).collect();
    page(places, rows, limit)
}

/// Through those that have the first word, as far as they have the others and whatever else is wished.
async fn by_words(store: &Store, wanted: Wanted, first: &str, others: &[String]) -> Result<Page, DbErr> {
    use word::Column::{CreatedUs, OfferingId as Id, Word};
    let limit = wanted.limit;
    let fields = index::fields(wanted.kind, wanted.business.as_deref(), wanted.place.as_deref());
    let mut query = word::Entity::find().filter(Word.eq(first));
    for other in others.iter().cloned().chain(fields) {
        let has = Query::select()
            .expr(Expr::val(1))
            .from_as(word::Entity, "other")
            .and_where(Expr::col(("other", Word)).eq(other))
            .and_where(Expr::col(("other", CreatedUs)).equals((word::Entity, CreatedUs)))
            .and_where(Expr::col(("other", Id)).equals((word::Entity, Id)))
            .take();
        query = query.filter(Expr::exists(has));
    }
    let found = query
        .apply_if(wanted.after, |query, place| {
            query.filter(place.before((word::Entity, CreatedUs), (word::Entity, Id)))
        })
        .order_by_asc(CreatedUs)
        .order_by_asc(Id)
        .limit(limit.saturating_add(1))
        .all(store.read())
        .await?;
    let places: Vec<Place> =
        found.into_iter().map(|word| Place { created_us: word.created_us, id: word.offering_id }).collect();
    let mut rows = Vec::new();
    for ids in key_chunks(places.iter().map(|place| place.id).collect()) {
        let open = row::Entity::find().filter(row::Column::OfferingId.is_in(ids)).filter(row::Column::Open.eq(true));
        rows.extend(open.all(store.read()).await?);
    }
    rows.sort_unstable_by_key(|row| (row.created_us, row.offering_id));
    page(places, rows, limit)
}

/// A page of the offerings at the first `limit` of these places.
fn page(mut places: Vec<Place>, rows: Vec<row::Model>, limit: u64) -> Result<Page, DbErr> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().filter(|_| more).copied();
    let shown =
        |row: &row::Model| next.is_none_or(|last| (row.created_us, row.offering_id) <= (last.created_us, last.id));
    let offerings = rows.into_iter().filter(shown).map(Offering::try_from).collect::<Result<_, _>>()?;
    Ok(Page { offerings, next })
}

impl Wanted {
    /// What the fields of an offering must be.
    fn fields(&self) -> Condition {
        let kind = self.kind.map(Kind::as_str);
        Condition::all()
            .add_option(self.business.as_deref().map(|business| row::Column::Business.eq(business)))
            .add_option(kind.map(|kind| row::Column::Kind.eq(kind)))
            .add_option(self.place.as_deref().map(|place| row::Column::Place.eq(place)))
    }
}

impl Place {
    /// Whether this place comes before that of a row's columns.
    fn before(self, created_us: impl IntoColumnRef, id: impl IntoColumnRef) -> Expr {
        let key = Expr::tuple([Expr::col(created_us), Expr::col(id)]);
        key.gt(Expr::tuple([Expr::val(self.created_us), Expr::val(self.id)]))
    }
}

/// The offerings behind `after` in the order of their ids, open or retired.
pub async fn offerings(store: &Store, after: Uuid, count: u64) -> Result<Vec<Offering>, DbErr> {
    let query = row::Entity::find().filter(row::Column::OfferingId.gt(after));
    let page = query.order_by_asc(row::Column::OfferingId).limit(count).all(store.read()).await?;
    page.into_iter().map(Offering::try_from).collect()
}
