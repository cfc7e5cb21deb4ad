//! The consuming service: sums what counters added, without protection of its own against hearing twice.
use super::counter::Added;
use super::write;
use choreography::{Emitted, Keep, Migration, Poison, Received, Scene, Service};
use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// An event that `translate` does not read until it is mended.
pub const UNLUCKY: i64 = 13;
/// An event on which `translate` panics.
pub const BAFFLING: i64 = 66;
/// A sum that the table does not take.
pub const SUM_MAX: i64 = 10_000;

pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "tally-0001",
    sql: "CREATE TABLE tally (id uuid PRIMARY KEY, total bigint NOT NULL, times bigint NOT NULL, \
          CONSTRAINT total_check CHECK (total <= 10000));",
}];

#[derive(Default)]
pub struct Tally {
    /// Whether the cause why [`UNLUCKY`] is not read has been mended.
    pub mended: Arc<AtomicBool>,
    /// What was delivered, each time.
    pub heard: Arc<Mutex<Vec<Received>>>,
    /// While a test holds it, a batch waits in the middle of its transaction.
    pub gate: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Debug)]
pub struct Count {
    id: Uuid,
    n: i64,
}

impl Service for Tally {
    const NAME: &'static str = "tally";
    const TOPICS: &'static [&'static str] = &["counter.added"];
    type Command = Count;
    type Working = BTreeMap<Uuid, (i64, i64)>;
    type Answer = ();

    async fn load(&self, _: &DatabaseTransaction, _: &[&Count], _: Timestamp) -> Result<Self::Working, DbErr> {
        drop(self.gate.lock().await);
        Ok(BTreeMap::new())
    }

    fn decide(&self, sums: &mut Self::Working, count: &Count, _: &Scene, _: &mut Emitted) -> Result<(), Poison> {
        let (total, times) = sums.entry(count.id).or_default();
        *total += count.n;
        *times += 1;
        Ok(())
    }

    async fn save(&self, tx: &DatabaseTransaction, sums: Self::Working) -> Result<(), DbErr> {
        for (id, (total, times)) in sums {
            let fresh = "INSERT INTO tally (id, total, times) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING";
            write(tx, fresh, [id.into()]).await?;
            let change = "UPDATE tally SET total = total + $1, times = times + $2 WHERE id = $3";
            write(tx, change, [total.into(), times.into(), id.into()]).await?;
        }
        Ok(())
    }

    fn keep(&self, (): &()) -> Keep {
        Keep::Nothing
    }

    fn translate(&self, event: &Received) -> Result<Option<Count>, Poison> {
        self.heard.lock().unwrap().push(event.clone());
        let added: Added = serde_json::from_slice(&event.payload).map_err(|fault| Poison(fault.to_string()))?;
        assert!(added.n != BAFFLING, "a translation with a bug (this test wants it)");
        if added.n == UNLUCKY && !self.mended.load(Ordering::SeqCst) {
            return Err(Poison("thirteen is unlucky".into()));
        }
        Ok(Some(Count { id: event.correlation, n: added.n }))
    }
}
