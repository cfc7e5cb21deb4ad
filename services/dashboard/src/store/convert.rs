//! Values to rows.

use super::entity::{history, offering_view, reservation_view};
use crate::working::{Booking, Case, Record};
use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use uuid::Uuid;

impl From<Record> for history::Model {
    fn from(record: Record) -> Self {
        let Record { id, correlation, kind, source, time_us, version, causation, actor, payload } = record;
        Self { id, correlation, kind, source, time_us, version, causation, actor, payload }
    }
}

/// The row of an offering in a generation.
pub fn offering(generation: i64, told: &OfferingV1) -> offering_view::Model {
    offering_view::Model {
        generation,
        offering_id: told.offering_id,
        version: told.version,
        business: told.business.clone(),
        name: told.name.clone(),
        kind: told.kind.clone(),
        units: told.units,
        price: told.price.amount,
        currency: told.price.currency.clone(),
        status: told.status.clone(),
    }
}

/// The row of a reservation in a generation, with as much as is known.
pub fn reservation(generation: i64, reservation_id: Uuid, case: &Case) -> reservation_view::Model {
    let mut row = blank(generation, reservation_id);
    if let Some(Booking { placed_us, told }) = &case.booking {
        let ReservationV1 { version, status, offering_id, offering_name, business, guest_id, kind, quantity, .. } =
            told;
        row.version = *version;
        row.status = Some(status.clone());
        row.offering_id = Some(*offering_id);
        row.offering_name = Some(offering_name.clone());
        row.business = Some(business.clone());
        row.guest_id = Some(guest_id.clone());
        row.kind = Some(kind.clone());
        row.quantity = Some(*quantity);
        row.span_from = Some(told.from.clone());
        row.span_to.clone_from(&told.to);
        row.timezone = Some(told.timezone.clone());
        row.total = Some(told.total.amount);
        row.currency = Some(told.total.currency.clone());
        row.placed_us = Some(*placed_us);
        row.deadline.clone_from(&told.deadline);
        row.reason.clone_from(&told.reason);
    }
    if let Some(PaymentV1 { version, status, total, captured, refunded, .. }) = &case.payment {
        row.payment_version = *version;
        row.payment_status = Some(status.clone());
        row.captured = Some(*captured);
        row.refunded = Some(*refunded);
        row.payment_currency = Some(total.currency.clone());
    }
    row
}

fn blank(generation: i64, reservation_id: Uuid) -> reservation_view::Model {
    reservation_view::Model {
        generation,
        reservation_id,
        version: 0,
        status: None,
        offering_id: None,
        offering_name: None,
        business: None,
        guest_id: None,
        kind: None,
        quantity: None,
        span_from: None,
        span_to: None,
        timezone: None,
        total: None,
        currency: None,
        placed_us: None,
        deadline: None,
        reason: None,
        payment_version: 0,
        payment_status: None,
        captured: None,
        refunded: None,
        payment_currency: None,
    }
}
