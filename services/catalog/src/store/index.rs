//! The index of words: what of it changes with an offering, and which offerings are not in it yet.

use super::entity::{offering, word};
use super::words;
use catalog_domain::{Offering, Status};
use choreography::{Store, in_chunks};
use kernel::{Kind, OfferingId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use std::collections::BTreeSet;

/// Columns of a row; each is a bound parameter.
const COLUMNS: usize = 3;
/// Offerings whose words one statement takes away.
const OFFERINGS_MAX: usize = 32;
/// Offerings that are brought into the index at once.
const MISSING_MAX: u64 = 256;

/// What the index holds of an offering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    pub created_us: i64,
    pub words: BTreeSet<String>,
}

/// What the index holds of an offering as it stands; nothing of one that nobody can book.
pub fn of(offering: &Offering) -> Indexed {
    let terms = &offering.terms;
    let words = match offering.status {
        Status::Open => {
            let place = terms.place.as_deref();
            let mut words = words::beginnings(&[&terms.name, place.unwrap_or_default(), terms.business.as_str()]);
            words.extend(fields(Some(terms.bookable.kind()), Some(terms.business.as_str()), place));
            words
        }
        Status::Retired => BTreeSet::new(),
    };
    Indexed { created_us: offering.created_at.as_microsecond(), words }
}

/// What the index holds of fields that are asked for as a whole.
pub fn fields<'f>(
    kind: Option<Kind>,
    business: Option<&'f str>,
    place: Option<&'f str>,
) -> impl Iterator<Item = String> + use<'f> {
    let fields = [("kind", kind.map(Kind::as_str)), ("business", business), ("place", place)];
    fields.into_iter().filter_map(|(name, value)| Some(words::field(name, value?)))
}

/// Writes the difference between what the index held and what it shall hold, for each offering, given in key order.
pub async fn save(tx: &DatabaseTransaction, changed: Vec<(OfferingId, Indexed, Indexed)>) -> Result<(), DbErr> {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (OfferingId(offering_id), before, now) in changed {
        let Indexed { created_us, words } = now;
        let lost: Vec<String> = before.words.difference(&words).cloned().collect();
        if !lost.is_empty() {
            gone.push((offering_id, created_us, lost));
        }
        let fresh = words.into_iter().filter(|word| !before.words.contains(word));
        new.extend(fresh.map(|word| word::Model { word, created_us, offering_id }.into_active_model()));
    }
    for gone in gone.chunks(OFFERINGS_MAX) {
        let rows = gone.iter().fold(Condition::any(), |rows, (offering_id, created_us, words)| {
            let of = Condition::all()
                .add(word::Column::OfferingId.eq(*offering_id))
                .add(word::Column::CreatedUs.eq(*created_us))
                .add(word::Column::Word.is_in(words));
            rows.add(of)
        });
        word::Entity::delete_many().filter(rows).exec(tx).await?;
    }
    use word::Column::{CreatedUs, OfferingId as Id, Word};
    for rows in in_chunks::<word::ActiveModel>(new, COLUMNS) {
        word::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([Word, CreatedUs, Id])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Some offerings that were stored before there was an index.
pub async fn missing(store: &Store) -> Result<Vec<OfferingId>, DbErr> {
    let ids: Vec<uuid::Uuid> = offering::Entity::find()
        .select_only()
        .column(offering::Column::OfferingId)
        .filter(offering::Column::SearchText.ne(""))
        .limit(MISSING_MAX)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(ids.into_iter().map(OfferingId).collect())
}
