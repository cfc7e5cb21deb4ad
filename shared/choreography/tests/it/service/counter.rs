//! The publishing service: counters that refuse to pass a limit, and ways to break a batch.
use super::{worded, write};
use choreography::{Emitted, Keep, Migration, Outgoing, Poison, Received, Scene, Service};
use contract::Publication;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;
use uuid::Uuid;

/// A counter refuses to pass this; its table allows a little more, so that only a bug meets the CHECK.
pub const TOTAL_MAX: i64 = 1_000;

pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "counter-0001",
    sql: "CREATE TABLE counter (id uuid PRIMARY KEY, total bigint NOT NULL, version bigint NOT NULL, \
          CONSTRAINT total_check CHECK (total <= 1100));",
}];

#[derive(Default)]
pub struct Counter {
    /// While a test holds it, the batch that is being decided waits and the queue behind it grows.
    pub gate: Arc<Mutex<()>>,
    /// Batches that were begun.
    pub begun: Arc<AtomicUsize>,
}

#[derive(Clone, Debug)]
pub enum Command {
    Add {
        id: Uuid,
        n: i64,
    },
    /// A decider with a bug: does not look at the limit.
    Force {
        id: Uuid,
        n: i64,
    },
    /// A decider that panics.
    Panic,
    /// A decider that cannot ever decide.
    Refuse,
    /// Opens a case that a later command settles.
    Open,
    /// An event of so many bytes.
    Shout {
        bytes: usize,
    },
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Added { total: i64 },
    Full,
    Opened,
    Nothing,
}

/// The event `counter.added`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Added {
    pub n: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub noise: String,
}

#[derive(Default)]
pub struct Working(BTreeMap<Uuid, Row>);

#[derive(Default)]
struct Row {
    total: i64,
    version: i64,
    added: i64,
}

impl Service for Counter {
    const NAME: &'static str = "counter";
    const TOPICS: &'static [&'static str] = &[];
    type Command = Command;
    type Working = Working;
    type Answer = Answer;

    async fn load(&self, tx: &DatabaseTransaction, commands: &[&Command], _now: Timestamp) -> Result<Working, DbErr> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.lock().await);
        let mut working = Working::default();
        let mut ids: Vec<Uuid> = commands.iter().filter_map(|command| id_of(command)).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let fresh = "INSERT INTO counter (id, total, version) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING";
            write(tx, fresh, [id.into()]).await?;
            let lock = if tx.get_database_backend() == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
            let query = format!("SELECT total, version FROM counter WHERE id = $1{lock}");
            let row = tx.query_one_raw(worded(tx, &query, [id.into()])).await?.unwrap();
            let row = Row { total: row.try_get("", "total")?, version: row.try_get("", "version")?, added: 0 };
            working.0.insert(id, row);
        }
        Ok(working)
    }

    fn decide(
        &self,
        working: &mut Working,
        command: &Command,
        _scene: &Scene,
        emitted: &mut Emitted,
    ) -> Result<Answer, Poison> {
        match command {
            Command::Add { id, n } => {
                let row = working.0.get_mut(id).unwrap();
                if row.total + row.added + n > TOTAL_MAX {
                    return Ok(Answer::Full);
                }
                Ok(row.add(*id, *n, emitted))
            }
            Command::Force { id, n } => Ok(working.0.get_mut(id).unwrap().add(*id, *n, emitted)),
            Command::Panic => panic!("a decision with a bug (this test wants it)"),
            Command::Refuse => Err(Poison("undecidable".into())),
            Command::Open => Ok(Answer::Opened),
            Command::Shout { bytes } => {
                emitted.push(event(Uuid::now_v7(), 1, &Added { n: 1, noise: "x".repeat(*bytes) }));
                Ok(Answer::Nothing)
            }
            Command::Nothing => Ok(Answer::Nothing),
        }
    }

    async fn save(&self, tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
        for (id, row) in working.0.into_iter().filter(|(_, row)| row.added != 0) {
            let sql = "UPDATE counter SET total = total + $1, version = $2 WHERE id = $3";
            write(tx, sql, [row.added.into(), row.version.into(), id.into()]).await?;
        }
        Ok(())
    }

    fn keep(&self, answer: &Answer) -> Keep {
        match answer {
            Answer::Added { total } => Keep::Answer { status: 201, body: format!("{{\"total\":{total}}}") },
            Answer::Opened => Keep::Open,
            Answer::Full | Answer::Nothing => Keep::Nothing,
        }
    }

    fn translate(&self, _event: &Received) -> Result<Option<Command>, Poison> {
        Ok(None)
    }
}

impl Row {
    fn add(&mut self, id: Uuid, n: i64, emitted: &mut Emitted) -> Answer {
        self.added += n;
        self.version += 1;
        emitted.push(event(id, self.version, &Added { n, noise: String::new() }));
        Answer::Added { total: self.total + self.added }
    }
}

fn event(correlation: Uuid, version: i64, body: &Added) -> Outgoing {
    let payload = serde_json::to_vec(body).unwrap();
    Outgoing {
        publication: Publication { kind: "counter.added.v1", topic: "counter.added", payload },
        correlation,
        version,
    }
}

fn id_of(command: &Command) -> Option<Uuid> {
    match command {
        Command::Add { id, .. } | Command::Force { id, .. } => Some(*id),
        Command::Panic | Command::Refuse | Command::Open | Command::Shout { .. } | Command::Nothing => None,
    }
}
