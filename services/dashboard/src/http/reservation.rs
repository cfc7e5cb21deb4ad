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
        "placed_at": row.placed_us.and_then(|us| Timestamp::from_microsecond(us).ok()).map(|at| at.to_string()),
        "deadline": row.deadline,
        "reason": row.reason,
        "payment": payment,
    })
}
