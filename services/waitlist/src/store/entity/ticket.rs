//! One party in a line.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_id: Uuid,
    pub version: i64,
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub timezone: String,
    pub guest_id: String,
    pub language: String,
    pub party_size: i64,
    pub joined_us: i64,
    pub place: i64,
    pub service_day: String,
    pub number: Option<i64>,
    pub deadline_us: Option<i64>,
    pub called_us: Option<i64>,
    pub seated_us: Option<i64>,
    pub deferrals: i64,
    pub passes: i64,
    pub quote_p50: Option<i64>,
    pub quote_p90: Option<i64>,
    pub quoted_ahead: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
