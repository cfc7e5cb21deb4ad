//! Events that were committed: waiting until `published_us` is set, then kept for healing.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// The transaction that wrote it (UUIDv7, so batches sort by time).
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch: Uuid,
    /// Its place in that transaction, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub event_id: Uuid,
    pub kind: String,
    pub correlation: Uuid,
    pub version: i64,
    pub causation: Option<Uuid>,
    pub actor: Option<String>,
    pub traceparent: Option<String>,
    pub payload: String,
    pub created_us: i64,
    pub published_us: Option<i64>,
    pub stream_seq: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it is published: `evt.<service>.<event>.<correlation>`.
    pub fn subject(&self) -> String {
        let topic = self.kind.rsplit_once('.').map_or(self.kind.as_str(), |(topic, _version)| topic);
        format!("evt.{topic}.{}", self.correlation)
    }
}
