//! One review; a removed one stays, so that its versions go on.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: Uuid,
    pub version: i64,
    /// False once it is removed.
    pub posted: bool,
    pub reservation_id: Uuid,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub guest_id: String,
    pub rating: i64,
    pub text: String,
    pub posted_us: i64,
    /// The request that made this version.
    pub made_by: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
