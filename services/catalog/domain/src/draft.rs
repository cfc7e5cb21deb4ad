//! An offering as somebody wrote it down: raw values, nothing of them checked.

/// Raw values of an offering; [`crate::Terms`] is what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub business: String,
    pub name: String,
    pub description: Option<String>,
    pub place: Option<String>,
    pub kind: String,
    /// Per bucket.
    pub units: i64,
    /// IANA name.
    pub timezone: String,
    pub slot_minutes: Option<i64>,
    /// RFC 3339.
    pub starts_at: Option<String>,
    /// Minor units.
    pub price_amount: i64,
    pub currency: String,
    /// `prepay` when absent; `none` for a line.
    pub payment: Option<String>,
    /// `refuse` when absent.
    pub on_payment_outage: Option<String>,
    /// `refund` when absent.
    pub late_money: Option<String>,
    /// By the payment mode when absent.
    pub hold_seconds: Option<i64>,
    /// In any order.
    pub cancellation: Vec<DraftTier>,
    pub rules: DraftRules,
    /// What is absent is as usual; of a line only.
    pub line: Option<DraftLine>,
}

/// One cancellation tier, unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftTier {
    pub before_hours: i64,
    pub refund_percent: i64,
}

/// When and for how long, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftRules {
    /// In any order.
    pub opening_hours: Vec<DraftOpening>,
    pub minimum_notice_minutes: Option<i64>,
    pub stay_min: Option<i64>,
    pub stay_max: Option<i64>,
    pub buffer_minutes: Option<i64>,
}

/// Opening hours of a weekday, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftOpening {
    /// `mon` to `sun`.
    pub day: String,
    /// Local `HH:MM`.
    pub opens: String,
    /// Local `HH:MM`.
    pub closes: String,
}

/// How a line is run, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftLine {
    pub passes_max: Option<i64>,
    pub call_minutes: Option<i64>,
    pub deferrals_max: Option<i64>,
    /// Local `HH:MM`.
    pub day_starts_at: Option<String>,
}
