//! Offerings, reservations and payments whose ids all differ.

use contract::MoneyV1;
use contract::catalog::OfferingV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::seating::PartyV1;
use contract::waitlist::TicketV1;
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

/// A store of 10 seats with a line.
pub fn store(business: &str) -> OfferingV1 {
    OfferingV1 { kind: "line".into(), units: 10, ..offering(business, "Noodles") }
}

/// The ticket of a party that just joined, `minute` minutes after noon.
pub fn joined(store: &OfferingV1, guest: &str, party_size: i64, minute: i64) -> TicketV1 {
    let noon: Timestamp = "2027-05-01T03:00:00Z".parse().unwrap();
    TicketV1 {
        ticket_id: Uuid::now_v7(),
        version: 1,
        status: "joining".into(),
        offering_id: store.offering_id,
        offering_name: store.name.clone(),
        business: store.business.clone(),
        guest_id: guest.into(),
        language: "ko".into(),
        party_size,
        number: None,
        service_day: "2027-05-01".into(),
        timezone: "Asia/Seoul".into(),
        joined_at: (noon + SignedDuration::from_mins(minute)).to_string(),
        called_at: None,
        call_deadline: None,
        seated_at: None,
        deferrals: 0,
        passes: 0,
        quoted: None,
    }
}

/// The party of a ticket, after its change number `version`.
pub fn party(of: &TicketV1, version: i64, status: &str) -> PartyV1 {
    PartyV1 {
        ticket_id: of.ticket_id,
        version,
        status: status.into(),
        offering_id: of.offering_id,
        party_size: of.party_size,
        free: 0,
        floor_version: 1,
    }
}

/// A review of a reservation, after its change number `version`.
pub fn review(of: &ReservationV1, version: i64, status: &str, rating: i64) -> ReviewV1 {
    ReviewV1 {
        review_id: Uuid::new_v5(&Uuid::NAMESPACE_URL, of.reservation_id.as_bytes()),
        version,
        status: status.into(),
        offering_id: of.offering_id,
        offering_name: of.offering_name.clone(),
        business: of.business.clone(),
        reservation_id: of.reservation_id,
        guest_id: of.guest_id.clone(),
        rating,
        text: "좋아요".into(),
        posted_at: "2027-06-01T00:00:00Z".into(),
    }
}
