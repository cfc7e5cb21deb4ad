//! One store's seats; the engine itself refuses more than the ceiling.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "floor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offering_id: Uuid,
    /// Catalog's change number.
    pub offering_version: i64,
    pub open: bool,
    pub units: i64,
    pub taken: i64,
    /// The larger of the units and what was taken when they were lowered.
    pub ceiling: i64,
    /// How often seats were taken or given back.
    pub changes: i64,
    /// The highest number of a claim that was decided.
    pub last_claim: i64,
    /// None where the store was adopted before owners were kept, and nothing was told of it since.
    pub business: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
