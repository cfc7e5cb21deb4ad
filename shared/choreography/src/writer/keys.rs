//! Idempotency keys: claimed first in a transaction, settled by the transaction that settles the answer.

use super::{Item, Work};
use crate::chunks::in_chunks;
use crate::service::{Keep, Service};
use crate::store::{insert_new, timestamp};
use crate::table::idempotency;
use jiff::Timestamp;
use kernel::NAMESPACE;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Columns of a stored key.
const COLUMNS: usize = 6;

/// An idempotency key in its scope, with the body it came with and the case it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    id: Uuid,
    body_hash: Uuid,
    case: Uuid,
}

impl Key {
    /// The key `key` of `caller` on `route`, for a body and the case that the request would create.
    #[must_use]
    pub fn new(caller: &str, route: &str, key: &str, body: &[u8], case: Uuid) -> Self {
        // Lengths first, so that no two triples of texts run together into one.
        let name = format!("{}:{caller}|{}:{route}|{key}", caller.len(), route.len());
        Self { id: Uuid::new_v5(&NAMESPACE, name.as_bytes()), body_hash: Uuid::new_v5(&NAMESPACE, body), case }
    }

    /// The case that this key opened first, if a repeat brought another.
    #[must_use]
    pub const fn of_case(&self, case: Uuid) -> Self {
        Self { case, ..*self }
    }

    /// The case it names.
    #[must_use]
    pub const fn case(&self) -> Uuid {
        self.case
    }
}

/// How a request uses an idempotency key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyUse {
    #[default]
    Without,
    /// It is the first of its case: claims the key, or is a repeat.
    Claim(Key),
    /// It settles a case whose key is open.
    Settle(Key),
}

/// A request whose key was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The answer that stands.
    Answered {
        /// HTTP status.
        status: u16,
        /// JSON.
        body: String,
    },
    /// The case is not settled yet.
    Open {
        /// The case that the first request opened.
        case: Uuid,
        /// When, by the database's clock.
        opened: Timestamp,
        /// The database's clock now.
        now: Timestamp,
    },
    /// The key came with another body before.
    Reused,
}

/// Claims the keys of `items`; the result holds, per item that is a repeat, what it repeats.
pub(super) async fn claim<S: Service>(
    tx: &DatabaseTransaction,
    items: &[Item<S>],
    now: Timestamp,
) -> Result<HashMap<usize, Repeat>, DbErr> {
    let mut wanted: Vec<(usize, &Key)> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| match (&item.work, &item.key) {
            (Work::Command(_), KeyUse::Claim(key)) => Some((index, key)),
            (Work::Command(_) | Work::Park(_), _) => None,
        })
        .collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    wanted.sort_by_key(|(index, key)| (key.id, *index));
    let mut rows: Vec<_> = wanted.iter().map(|(_, key)| row(key, now, None).into_active_model()).collect();
    rows.dedup_by(|later, earlier| later.key_id == earlier.key_id);
    let claimed: HashSet<Uuid> = insert_new(tx, rows).await?.into_iter().collect();
    let others: Vec<Uuid> = wanted.iter().map(|(_, key)| key.id).filter(|id| !claimed.contains(id)).collect();
    let stored = stored(tx, others).await?;
    repeats(&wanted, &claimed, &stored, now)
}

async fn stored(tx: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<HashMap<Uuid, idempotency::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = idempotency::Entity::find().filter(idempotency::Column::KeyId.is_in(ids)).all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.key_id, row)).collect())
}

fn repeats(
    wanted: &[(usize, &Key)],
    claimed: &HashSet<Uuid>,
    stored: &HashMap<Uuid, idempotency::Model>,
    now: Timestamp,
) -> Result<HashMap<usize, Repeat>, DbErr> {
    let mut first_of: HashMap<Uuid, &Key> = HashMap::new();
    let mut repeats = HashMap::new();
    for (index, key) in wanted {
        if let Some(first) = first_of.get(&key.id) {
            let open = Repeat::Open { case: first.case, opened: now, now };
            repeats.insert(*index, if first.body_hash == key.body_hash { open } else { Repeat::Reused });
        } else if claimed.contains(&key.id) {
            first_of.insert(key.id, key);
        } else if let Some(row) = stored.get(&key.id) {
            if row.body_hash == key.body_hash && row.case_id == key.case && row.status.is_none() {
                // Our own claim, from a commit whose answer was lost: the decider finds its own work.
                first_of.insert(key.id, key);
            } else {
                repeats.insert(*index, repeat_of(row, key, now)?);
            }
        } else {
            // Claimed and given back by another replica between our two statements: nothing stands, so try again.
            repeats.insert(*index, Repeat::Open { case: key.case, opened: now, now });
        }
    }
    Ok(repeats)
}

fn repeat_of(row: &idempotency::Model, key: &Key, now: Timestamp) -> Result<Repeat, DbErr> {
    if row.body_hash != key.body_hash {
        return Ok(Repeat::Reused);
    }
    match (row.status, &row.body) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| DbErr::Type("idempotency.status".into()))?;
            Ok(Repeat::Answered { status, body: body.clone() })
        }
        (None, _) | (_, None) => Ok(Repeat::Open { case: row.case_id, opened: timestamp(row.opened_us)?, now }),
    }
}

/// What a request with `key` would repeat, if anything.
pub(crate) async fn look_up<C: ConnectionTrait>(
    connection: &C,
    key: &Key,
    now: Timestamp,
) -> Result<Option<Repeat>, DbErr> {
    let row = idempotency::Entity::find_by_id(key.id).one(connection).await?;
    row.map(|row| repeat_of(&row, key, now)).transpose()
}

/// Stores or gives back the keys whose cases are settled.
pub(super) async fn settle(tx: &DatabaseTransaction, settled: Vec<(&Key, Keep)>, now: Timestamp) -> Result<(), DbErr> {
    let (mut answers, mut given_back) = (HashMap::new(), Vec::new());
    for (key, keep) in settled {
        match keep {
            Keep::Open => {}
            Keep::Answer { status, body } => {
                answers.insert(key.id, row(key, now, Some((i32::from(status), body))).into_active_model());
            }
            Keep::Nothing => given_back.push(key.id),
        }
    }
    if !answers.is_empty() {
        let mut rows: Vec<_> = answers.into_iter().collect();
        rows.sort_by_key(|(id, _)| *id);
        for rows in in_chunks(rows.into_iter().map(|(_, row)| row).collect(), COLUMNS) {
            idempotency::Entity::insert_many(rows)
                .on_conflict(
                    OnConflict::column(idempotency::Column::KeyId)
                        .update_columns([idempotency::Column::Status, idempotency::Column::Body])
                        .to_owned(),
                )
                .exec_without_returning(tx)
                .await?;
        }
    }
    if !given_back.is_empty() {
        given_back.sort_unstable();
        idempotency::Entity::delete_many().filter(idempotency::Column::KeyId.is_in(given_back)).exec(tx).await?;
    }
    Ok(())
}

fn row(key: &Key, now: Timestamp, answer: Option<(i32, String)>) -> idempotency::Model {
    let (status, body) = answer.map_or((None, None), |(status, body)| (Some(status), Some(body)));
    idempotency::Model {
        key_id: key.id,
        body_hash: key.body_hash,
        case_id: key.case,
        opened_us: now.as_microsecond(),
        status,
        body,
    }
}
