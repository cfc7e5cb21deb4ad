//! Events of a few aggregates, to be put into any order.

use crate::events;
use crate::working::Command;
use choreography::Received;
use contract::MoneyV1;
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use jiff::{SignedDuration, Timestamp};
use kernel::EventId;
use uuid::Uuid;

/// Everything that happened to two offerings and three reservations, each event twice.
pub fn told() -> Vec<Command> {
    let mut once = Vec::new();
    for offering_id in [1, 2] {
        for version in 1..=3 {
            once.push(published(offering_id, version));
        }
    }
    for reservation_id in [11, 12, 13] {
        for version in 1..=4 {
            once.push(booked(reservation_id, version));
        }
    }
    // The third is paid without a payment's event, and of a fourth nothing but its payment is known.
    for reservation_id in [11, 12, 14] {
        for version in 1..=3 {
            once.push(paid(reservation_id, version));
        }
    }
    let commands = once.iter().chain(&once);
    commands.map(|event| events::translate(event).unwrap()).collect()
}

fn published(offering_id: u128, version: i64) -> Received {
    let told = OfferingV1 {
        offering_id: Uuid::from_u128(offering_id),
        version,
        status: if version == 3 { "retired" } else { "open" }.into(),
        business: "seaside".into(),
        name: format!("Room {version}"),
        description: None,
        place: None,
        kind: "nights".into(),
        units: 10 + version,
        timezone: "Asia/Seoul".into(),
        slot_minutes: None,
        starts_at: None,
        price: won(version),
        payment: "prepay".into(),
        on_payment_outage: "refuse".into(),
        late_money: "refund".into(),
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: None,
        line: None,
    };
    let event = if version == 1 { CatalogEvent::Published(told) } else { CatalogEvent::Changed(told) };
    received(event.kind(), event.publication().unwrap().payload, (1, offering_id, version))
}

fn booked(reservation_id: u128, version: i64) -> Received {
    let told = ReservationV1 {
        reservation_id: Uuid::from_u128(reservation_id),
        version,
        status: ["held", "confirmed", "checked_in", "completed"][usize::try_from(version - 1).unwrap()].into(),
        offering_id: Uuid::from_u128(1),
        offering_name: "Room".into(),
        business: "seaside".into(),
        guest_id: format!("guest {reservation_id}"),
        language: "ko".into(),
        kind: "nights".into(),
        quantity: version,
        from: "2027-05-01".into(),
        to: (version > 1).then(|| "2027-05-03".into()),
        timezone: "Asia/Seoul".into(),
        total: won(240_000),
        payment: "prepay".into(),
        capture: "by_call".into(),
        payment_method: None,
        placed_at: "2027-01-01T00:00:00Z".into(),
        deadline: (version == 1).then(|| "2027-01-01T00:10:00Z".into()),
        keep: None,
        purpose: None,
        reason: None,
    };
    let event = match version {
        1 => ReservationEvent::Held(told),
        2 => ReservationEvent::Confirmed(told),
        3 => ReservationEvent::CheckedIn(told),
        _ => ReservationEvent::Completed(told),
    };
    received(event.kind(), event.publication().unwrap().payload, (2, reservation_id, version))
}

fn paid(reservation_id: u128, version: i64) -> Received {
    let told = PaymentV1 {
        payment_id: Uuid::from_u128(5_000 + reservation_id),
        version,
        reservation_id: Uuid::from_u128(reservation_id),
        status: if version == 1 { "captured" } else { "refunded" }.into(),
        total: won(240_000),
        captured: 240_000,
        refunded: (version - 1) * 100_000,
        captured_at: None,
        reason: None,
    };
    let event = if version == 1 { PaymentEvent::Captured(told) } else { PaymentEvent::Refunded(told) };
    received(event.kind(), event.publication().unwrap().payload, (3, reservation_id, version))
}

fn won(amount: i64) -> MoneyV1 {
    MoneyV1 { amount, currency: "KRW".into() }
}

/// The event of an aggregate's change, always with the same id.
fn received(kind: &str, payload: Vec<u8>, (publisher, aggregate, version): (u128, u128, i64)) -> Received {
    Received {
        id: EventId(Uuid::from_u128((publisher << 64) + (aggregate << 8) + u128::from(version.unsigned_abs()))),
        kind: kind.into(),
        correlation: Uuid::from_u128(aggregate),
        causation: None,
        version,
        time: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(version),
        actor: None,
        traceparent: None,
        payload: payload.into(),
        stream_seq: 1,
    }
}
