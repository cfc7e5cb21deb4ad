//! A reservation with its money, as guests and hosts see it.

use crate::store::ReservationRow;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is not known is null: of a reservation without a payment, the payment.
pub fn view(row: &ReservationRow) -> Value {
    let payment = (row.payment_version > 0).then(|| {
        json!({
            "status": row.payment_status,
            "captured": row.captured,
            "refunded": row.refunded,
            "currency": row.payment_currency,
            "version": row.payment_version,
        })
    });
    json!({
        "id": row.reservation_id,
        "version": row.version,
        "status": row.status,
        "offering_id": row.offering_id,
        "offering_name": row.offering_name,
        "business": row.business,
        "guest_id": row.guest_id,
        "kind": row.kind,
        "quantity": row.quantity,
        "from": row.span_from,
        "to": row.span_to,
        "timezone": row.timezone,
        "total": { "amount": row.total, "currency": row.currency },
        "placed_at": placed_at(row),
        "deadline": row.deadline,
        "reason": row.reason,
        "purpose": row.purpose,
        "payment": payment,
    })
}

fn placed_at(row: &ReservationRow) -> Option<String> {
    row.placed_us.and_then(|us| Timestamp::from_microsecond(us).ok()).map(|at| at.to_string())
}

/// The columns of a spreadsheet.
pub const COLUMNS: [&str; 19] = [
    "id",
    "status",
    "offering_id",
    "offering_name",
    "guest_id",
    "kind",
    "quantity",
    "from",
    "to",
    "timezone",
    "total",
    "currency",
    "placed_at",
    "purpose",
    "reason",
    "payment",
    "captured",
    "refunded",
    "payment_currency",
];

/// The cells of a row; what is not known is empty.
pub fn cells(row: &ReservationRow) -> Vec<String> {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let number = |cell: Option<i64>| cell.map(|number| number.to_string()).unwrap_or_default();
    vec![
        row.reservation_id.to_string(),
        text(&row.status),
        row.offering_id.map(|id| id.to_string()).unwrap_or_default(),
        text(&row.offering_name),
        text(&row.guest_id),
        text(&row.kind),
        number(row.quantity),
        text(&row.span_from),
        text(&row.span_to),
        text(&row.timezone),
        number(row.total),
        text(&row.currency),
        placed_at(row).unwrap_or_default(),
        text(&row.purpose),
        text(&row.reason),
        text(&row.payment_status),
        number(row.captured),
        number(row.refunded),
        text(&row.payment_currency),
    ]
}
