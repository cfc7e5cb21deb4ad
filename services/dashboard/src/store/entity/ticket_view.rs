//! A ticket with its party at the tables, each as its own newest known version tells it; version 0 is not known yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_view")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_id: Uuid,
    pub version: i64,
    pub status: Option<String>,
    pub offering_id: Option<Uuid>,
    pub offering_name: Option<String>,
    pub business: Option<String>,
    pub guest_id: Option<String>,
    pub party_size: Option<i64>,
    pub number: Option<i64>,
    pub service_day: Option<String>,
    pub timezone: Option<String>,
    pub joined_us: Option<i64>,
    pub called_at: Option<String>,
    pub call_deadline: Option<String>,
    pub seated_at: Option<String>,
    pub deferrals: Option<i64>,
    pub passes: Option<i64>,
    pub quoted_p50: Option<i64>,
    pub quoted_p90: Option<i64>,
    pub party_version: i64,
    pub party_status: Option<String>,
    pub floor_id: Option<Uuid>,
    pub seats: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
