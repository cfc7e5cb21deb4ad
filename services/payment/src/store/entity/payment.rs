//! One payment; each column of a state is empty in the others.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: Uuid,
    pub version: i64,
    pub claim_version: Option<i64>,
    /// `held`, `stands`, `undecided` or `ended`.
    pub standing: Option<String>,
    /// Of an ended claim.
    pub keep: Option<i64>,
    pub total_amount: i64,
    pub currency: String,
    pub method: String,
    pub status: String,
    pub requested_us: Option<i64>,
    /// When a sweep may take it up, whatever its state.
    pub due_us: Option<i64>,
    pub attempts: i64,
    pub captured: Option<i64>,
    pub captured_us: Option<i64>,
    pub refunded: Option<i64>,
    pub refund_goal: Option<i64>,
    pub refusals: i64,
    pub reason: Option<String>,
    /// Of the reservation; both or neither.
    pub guest_id: Option<String>,
    pub business: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
