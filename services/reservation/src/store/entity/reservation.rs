//! One reservation.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: Uuid,
    pub version: i64,
    pub status: String,
    pub offering_id: Uuid,
    pub offering_name: String,
    pub business: String,
    pub guest_id: String,
    pub language: String,
    pub kind: String,
    pub quantity: i64,
    pub from_text: String,
    pub to_text: Option<String>,
    /// Runs of buckets as `first+count*step`, separated by commas.
    pub buckets: String,
    pub timezone: String,
    pub starts_us: i64,
    pub ends_us: i64,
    pub total_amount: i64,
    pub currency: String,
    pub payment: String,
    pub on_payment_outage: String,
    pub late_money: String,
    pub capture: String,
    pub payment_method: Option<String>,
    /// JSON list of `[before_hours, refund_percent]`.
    pub cancellation: String,
    pub placed_us: i64,
    pub deadline_us: Option<i64>,
    pub intent_due_us: Option<i64>,
    /// Of a cancelled reservation: what the business keeps.
    pub keep: Option<i64>,
    pub reason: Option<String>,
    /// Runs of buckets, as `buckets`; nothing where no unit rests.
    pub resting: Option<String>,
    /// `block`, or nothing for a guest's stay.
    pub purpose: Option<String>,
    /// Of a block: why, in the host's words.
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
