//! Every event type, against the golden file that its consumers were built on.

use contract::catalog::{CatalogEvent, OfferingV1};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::{DecodeError, MoneyV1, Publication, TierV1};
use std::path::PathBuf;
use uuid::Uuid;

fn golden(kind: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{kind}.json"));
    std::fs::read(&path)
        .unwrap_or_else(|fault| panic!("{}: {fault}; a new event type needs its golden file", path.display()))
}

/// The event reads from its golden file, and writes the same JSON.
fn holds(published: Publication, read: impl Fn(&str, &[u8]) -> Result<Publication, DecodeError>) {
    let file = golden(published.kind);
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    assert_eq!(value(&published.payload), value(&file), "{} is written otherwise", published.kind);
    assert_eq!(read(published.kind, &file).unwrap(), published, "{} reads otherwise", published.kind);
    // A reader of today takes what a writer of tomorrow adds.
    let mut grown = value(&file);
    grown.as_object_mut().unwrap().insert("added_later".into(), serde_json::json!([1]));
    assert_eq!(read(published.kind, grown.to_string().as_bytes()).unwrap(), published, "{}", published.kind);
}

fn money(amount: i64) -> MoneyV1 {
    MoneyV1 { amount, currency: "KRW".into() }
}

fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + last)
}

fn offering(status: &str) -> OfferingV1 {
    OfferingV1 {
        offering_id: id(1),
        version: 3,
        status: status.into(),
        business: "seaside".into(),
        name: "바다 Double\nroom".into(),
        description: Some("Two beds".into()),
        place: Some("Busan".into()),
        kind: "slots".into(),
        units: 4,
        timezone: "Asia/Seoul".into(),
        slot_minutes: Some(30),
        starts_at: Some("2027-05-01T10:00:00Z".into()),
        price: money(120_000),
        payment: "prepay".into(),
        on_payment_outage: "defer".into(),
        late_money: "honour_if_free".into(),
        hold_seconds: 600,
        cancellation: vec![TierV1 { before_hours: 72, refund_percent: 100 }],
    }
}

fn reservation(status: &str) -> ReservationV1 {
    ReservationV1 {
        reservation_id: id(2),
        version: 2,
        status: status.into(),
        offering_id: id(1),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        kind: "nights".into(),
        quantity: 2,
        from: "2027-05-01".into(),
        to: Some("2027-05-03".into()),
        timezone: "Asia/Seoul".into(),
        total: money(480_000),
        payment: "prepay".into(),
        capture: "by_call".into(),
        payment_method: Some("card-ok".into()),
        placed_at: "2026-11-21T08:00:00.123456Z".into(),
        deadline: Some("2026-11-21T08:10:00.123456Z".into()),
        keep: Some(480_000),
        reason: Some("payment-declined".into()),
    }
}

fn payment(status: &str) -> PaymentV1 {
    PaymentV1 {
        payment_id: id(3),
        version: 2,
        reservation_id: id(2),
        status: status.into(),
        total: money(480_000),
        captured: 480_000,
        refunded: 240_000,
        captured_at: Some("2026-11-21T08:00:00.223456Z".into()),
        reason: Some("insufficient-funds".into()),
    }
}

#[test]
fn catalog_events_hold() {
    let events = [
        CatalogEvent::Published(offering("open")),
        CatalogEvent::Changed(offering("open")),
        CatalogEvent::Retired(offering("retired")),
        CatalogEvent::State(offering("open")),
    ];
    assert_eq!(events.each_ref().map(CatalogEvent::kind), CatalogEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(CatalogEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn reservation_events_hold() {
    let events = [
        ReservationEvent::Held(reservation("held")),
        ReservationEvent::Confirmed(reservation("confirmed")),
        ReservationEvent::Rejected(reservation("rejected")),
        ReservationEvent::Cancelled(reservation("cancelled")),
        ReservationEvent::Expired(reservation("expired")),
        ReservationEvent::CheckedIn(reservation("checked_in")),
        ReservationEvent::Completed(reservation("completed")),
        ReservationEvent::NoShow(reservation("no_show")),
        ReservationEvent::State(reservation("confirmed")),
    ];
    assert_eq!(events.each_ref().map(ReservationEvent::kind), ReservationEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(ReservationEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn payment_events_hold() {
    let events = [
        PaymentEvent::Captured(payment("captured")),
        PaymentEvent::Declined(payment("declined")),
        PaymentEvent::Refunded(payment("refunded")),
        PaymentEvent::Voided(payment("voided")),
        PaymentEvent::State(payment("captured")),
    ];
    assert_eq!(events.each_ref().map(PaymentEvent::kind), PaymentEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(PaymentEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn a_type_of_another_version_is_refused() {
    assert!(matches!(PaymentEvent::decode("payment.captured.v2", b"{}"), Err(DecodeError::UnknownType(_))));
    assert!(matches!(PaymentEvent::decode("payment.captured.v1", b"{}"), Err(DecodeError::Payload(_))));
}
