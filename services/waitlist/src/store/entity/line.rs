//! One store's line, with this service's copy of the store.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offering_id: Uuid,
    pub version: i64,
    pub shop_version: i64,
    pub open: bool,
    pub business: String,
    pub name: String,
    pub units: i64,
    pub timezone: String,
    pub passes_max: i64,
    pub call_minutes: i64,
    pub deferrals_max: i64,
    pub day_starts_at: String,
    pub paused: bool,
    pub service_day: Option<String>,
    pub last_number: i64,
    pub last_place: i64,
    pub free: Option<i64>,
    pub floor_version: Option<i64>,
    pub claim_ticket: Option<Uuid>,
    pub claim_due_us: Option<i64>,
    /// How many claims were given out.
    pub claims: i64,
    pub look_due_us: Option<i64>,
    pub probe_due_us: i64,
    /// The last waits as `ahead:seconds`, oldest first, separated by commas.
    pub waits: String,
    pub quotes_within: i64,
    pub quotes_beyond: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
