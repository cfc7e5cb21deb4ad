//! One message on its way through one channel.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i64,
    pub notification_id: Uuid,
    pub recipient: String,
    pub channel: String,
    pub host: String,
    pub template: String,
    pub correlation: Uuid,
    pub status: String,
    pub attempts: i64,
    pub due_us: i64,
    pub claim: Option<Uuid>,
    pub last_error: Option<String>,
    pub created_us: i64,
    pub changed_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
