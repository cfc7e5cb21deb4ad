//! One offering.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offering")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offering_id: Uuid,
    pub version: i64,
    pub open: bool,
    pub created_us: i64,
    /// The request that made this version.
    pub made_by: Uuid,
    pub business: String,
    pub name: String,
    pub description: Option<String>,
    pub place: Option<String>,
    pub kind: String,
    pub units: i64,
    pub timezone: String,
    pub slot_minutes: Option<i64>,
    pub starts_us: Option<i64>,
    pub price_amount: i64,
    pub currency: String,
    pub payment: String,
    /// Of `prepay` only.
    pub on_payment_outage: Option<String>,
    pub late_money: String,
    pub hold_seconds: i64,
    /// JSON list of `[before_hours, refund_percent]`.
    pub cancellation: String,
    /// Name, place and business in small letters, for the search.
    pub search_text: String,
    /// JSON as it travels; nothing where nothing is ruled.
    pub rules: Option<String>,
    /// JSON as it travels; of a line.
    pub line: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
