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
}

/// One cancellation tier, unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftTier {
    pub before_hours: i64,
    pub refund_percent: i64,
}
