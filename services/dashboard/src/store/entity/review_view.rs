//! A review as its newest known version tells it, in one generation of the views.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_view")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: Uuid,
    pub version: i64,
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub reservation_id: Uuid,
    pub guest_id: String,
    pub rating: i64,
    pub text: String,
    pub posted_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
