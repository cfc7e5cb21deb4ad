//! An offering as its newest known version tells it, in one generation of the views.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offering_view")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub offering_id: Uuid,
    pub version: i64,
    pub business: String,
    pub name: String,
    pub kind: String,
    pub units: i64,
    pub price: i64,
    pub currency: String,
    pub status: String,
    pub timezone: Option<String>,
    pub slot_minutes: Option<i64>,
    /// The local day of a performance, in days since 1970.
    pub starts_day: Option<i64>,
    /// JSON; absent means always.
    pub opening_hours: Option<String>,
    /// Of a line: local `HH:MM` at which a service day begins.
    pub day_starts_at: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
