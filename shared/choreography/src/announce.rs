//! Announcements: an owner tells the present state of everything it has, for those whose views the stream can no longer
//! feed.

use crate::service::Outgoing;
use crate::store::Store;
use crate::table::outbox;
use crate::writer::rows;
use kernel::NAMESPACE;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Most states of one page, which is one transaction.
const PAGE_MAX: u64 = 500;
/// With more events than this waiting for the broker, the next page waits too.
const WAITING_MAX: u64 = 10_000;
/// How long they may go without becoming fewer, in seconds.
const STALL_SECONDS_MAX: u64 = 60;
const LOOK_MS: u64 = 100;

/// An owner of aggregates, as announcements see it.
pub trait Announces {
    /// The topics of its states, such as `reservation.state`, in the order in which they are told.
    const STATES: &'static [&'static str];

    /// The states of one topic: at most `count` aggregates whose key is above `after`, in its order, each with its key.
    fn page(
        store: &Store,
        topic: &str,
        after: Uuid,
        count: u64,
    ) -> impl Future<Output = Result<Vec<(Uuid, Outgoing)>, DbErr>> + Send;
}

/// How far announcements have come: everything up to this key of this topic, and every topic before it.
/// Written as `reservation.state/0198…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    topic: String,
    after: Uuid,
}

/// Why announcements stopped.
#[derive(Debug, Error)]
pub enum AnnounceError {
    #[error("the database: {0}")]
    Database(#[from] DbErr),
    #[error(
        "{waiting} events wait for the broker and none of them left for {STALL_SECONDS_MAX} s; does the service run?"
    )]
    Stalled {
        /// Unpublished rows of the outbox.
        waiting: u64,
    },
    #[error("`{0}` is not one of the service's states")]
    UnknownTopic(String),
}

/// Writes the present state of everything behind `from` to the outbox, page by page, for a relay to publish; tells each
/// place it comes to, with the number of states so far. A state carries its aggregate's version and an id made of both,
/// so that it changes nothing where it is known, and saying it again is saying it once.
///
/// # Errors
/// What was told stays told: go on from the last place.
pub async fn announce<A: Announces>(
    store: &Store,
    from: Option<Place>,
    mut told: impl FnMut(&Place, u64),
) -> Result<u64, AnnounceError> {
    let mut after = from.as_ref().map_or_else(Uuid::nil, |place| place.after);
    let first = match &from {
        None => 0,
        Some(Place { topic, .. }) => A::STATES
            .iter()
            .position(|known| known == topic)
            .ok_or_else(|| AnnounceError::UnknownTopic(topic.clone()))?,
    };
    let mut count = 0;
    for topic in A::STATES.iter().skip(first) {
        loop {
            room(store).await?;
            let page = A::page(store, topic, after, PAGE_MAX).await?;
            let Some(last) = page.last().map(|(key, _)| *key) else { break };
            count += page.len() as u64;
            write(store, page.into_iter().map(|(_, state)| state)).await?;
            after = last;
            told(&Place { topic: (*topic).to_owned(), after }, count);
        }
        after = Uuid::nil();
    }
    Ok(count)
}

/// Waits until the outbox has room: who announces a million states must not bury the events of the day.
async fn room(store: &Store) -> Result<(), AnnounceError> {
    let (mut fewest, mut since) = (u64::MAX, Instant::now());
    loop {
        let waiting = outbox::Entity::find().filter(outbox::Column::PublishedUs.is_null()).count(store.read()).await?;
        if waiting <= WAITING_MAX {
            return Ok(());
        }
        if waiting < fewest {
            (fewest, since) = (waiting, Instant::now());
        } else if since.elapsed() > Duration::from_secs(STALL_SECONDS_MAX) {
            return Err(AnnounceError::Stalled { waiting });
        }
        sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

async fn write(store: &Store, states: impl Iterator<Item = Outgoing> + Send) -> Result<(), DbErr> {
    let tx = store.begin().await?;
    let now = store.now(&tx).await?;
    let batch = Uuid::now_v7();
    let rows = states.enumerate().map(|(position, state)| {
        let name = format!("{}/{}/{}", state.publication.kind, state.correlation, state.version);
        let row = rows::row(state, (batch, position), now)?;
        Ok(outbox::Model { event_id: Uuid::new_v5(&NAMESPACE, name.as_bytes()), ..row })
    });
    rows::insert(&tx, &rows.collect::<Result<Vec<_>, DbErr>>()?).await?;
    tx.commit().await
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.after)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let odd = || format!("`{text}` is no place such as reservation.state/0198c0de-0000-7000-8000-000000000000");
        let (topic, after) = text.split_once('/').ok_or_else(odd)?;
        Ok(Self { topic: topic.to_owned(), after: after.parse().map_err(|_| odd())? })
    }
}
