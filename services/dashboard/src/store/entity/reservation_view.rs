//! A reservation with its payment, each as its own newest known version tells it; version 0 is not known yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation_view")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: Uuid,
    pub version: i64,
    pub status: Option<String>,
    pub offering_id: Option<Uuid>,
    pub offering_name: Option<String>,
    pub business: Option<String>,
    pub guest_id: Option<String>,
    pub kind: Option<String>,
    pub quantity: Option<i64>,
    pub span_from: Option<String>,
    pub span_to: Option<String>,
    pub timezone: Option<String>,
    pub total: Option<i64>,
    pub currency: Option<String>,
    pub placed_us: Option<i64>,
    pub deadline: Option<String>,
    pub reason: Option<String>,
    pub purpose: Option<String>,
    /// The local days that the stay touches, half-open, in days since 1970.
    pub first_day: Option<i64>,
    pub end_day: Option<i64>,
    pub payment_version: i64,
    pub payment_status: Option<String>,
    pub captured: Option<i64>,
    pub refunded: Option<i64>,
    pub payment_currency: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
