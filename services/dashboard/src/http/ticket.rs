//! A ticket as guests and stores see it.

use crate::store::TicketRow;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is not known is null.
pub fn view(row: &TicketRow) -> Value {
    let quoted = row.quoted_p50.zip(row.quoted_p90).map(|(p50, p90)| json!({ "p50": p50, "p90": p90 }));
    json!({
        "id": row.ticket_id,
        "version": row.version,
        "status": row.status,
        "offering_id": row.offering_id,
        "offering_name": row.offering_name,
        "business": row.business,
        "guest_id": row.guest_id,
        "party_size": row.party_size,
        "number": row.number,
        "service_day": row.service_day,
        "timezone": row.timezone,
        "joined_at": row.joined_us.and_then(|us| Timestamp::from_microsecond(us).ok()).map(|at| at.to_string()),
        "called_at": row.called_at,
        "call_deadline": row.call_deadline,
        "seated_at": row.seated_at,
        "deferrals": row.deferrals,
        "passes": row.passes,
        "wait_seconds": quoted,
    })
}
