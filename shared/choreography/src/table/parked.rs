//! Events that could not be handled, with the reason; an admin call replays them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parked")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    pub kind: String,
    pub correlation: Uuid,
    pub version: i64,
    pub causation: Option<Uuid>,
    pub actor: Option<String>,
    pub time_us: i64,
    pub payload: String,
    pub reason: String,
    pub parked_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
