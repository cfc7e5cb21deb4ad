//! Offerings, reservations and payments whose ids all differ.

use contract::MoneyV1;
use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The price of a night, and so of a reservation.
pub const PRICE: i64 = 120_000;

fn won(amount: i64) -> MoneyV1 {
    MoneyV1 { amount, currency: "KRW".into() }
}

/// An offering that was just published.
pub fn offering(business: &str, name: &str) -> OfferingV1 {
    OfferingV1 {
        offering_id: Uuid::now_v7(),
        version: 1,
        status: "open".into(),
        business: business.into(),
        name: name.into(),
        description: None,
        place: None,
        kind: "nights".into(),
        units: 3,
        timezone: "Asia/Seoul".into(),
        slot_minutes: None,
        starts_at: None,
        price: won(PRICE),
        payment: "prepay".into(),
        on_payment_outage: "refuse".into(),
        late_money: "refund".into(),
        hold_seconds: 600,
        cancellation: Vec::new(),
        rules: None,
        line: None,
    }
}

/// A reservation that was just held, `minute` minutes after midnight.
pub fn held(offering: &OfferingV1, guest: &str, minute: i64) -> ReservationV1 {
    let midnight: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    ReservationV1 {
        reservation_id: Uuid::now_v7(),
        version: 1,
        status: "held".into(),
        offering_id: offering.offering_id,
        offering_name: offering.name.clone(),
        business: offering.business.clone(),
        guest_id: guest.into(),
        language: "ko".into(),
        kind: offering.kind.clone(),
        quantity: 1,
        from: "2027-05-01".into(),
        to: Some("2027-05-02".into()),
        timezone: "Asia/Seoul".into(),
        total: won(PRICE),
        payment: "prepay".into(),
        capture: "by_call".into(),
        payment_method: Some("card-ok".into()),
        placed_at: (midnight + SignedDuration::from_mins(minute)).to_string(),
        deadline: None,
        keep: Some(PRICE),
        purpose: None,
        reason: None,
    }
}

/// The same reservation after one more change.
pub fn changed(before: &ReservationV1, status: &str) -> ReservationV1 {
    ReservationV1 { version: before.version + 1, status: status.into(), ..before.clone() }
}

/// The reservation's payment after its change number `version`.
pub fn payment(of: &ReservationV1, version: i64, status: &str, refunded: i64) -> PaymentV1 {
    PaymentV1 {
        payment_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, of.reservation_id.as_bytes()),
        version,
        reservation_id: of.reservation_id,
        status: status.into(),
        total: of.total.clone(),
        captured: of.total.amount,
        refunded,
        captured_at: Some(of.placed_at.clone()),
        reason: None,
    }
}
