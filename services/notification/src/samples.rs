//! Samples of what is told.

use choreography::Received;
use contract::MoneyV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::waitlist::{QuoteV1, TicketV1};
use jiff::Timestamp;
use kernel::EventId;
use uuid::Uuid;

pub fn reservation(number: u128) -> ReservationV1 {
    ReservationV1 {
        reservation_id: Uuid::from_u128(number),
        version: 1,
        status: "held".into(),
        offering_id: Uuid::from_u128(900),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        kind: "nights".into(),
        quantity: 2,
        from: "2027-05-01".into(),
        to: Some("2027-05-03".into()),
        timezone: "Asia/Seoul".into(),
        total: MoneyV1 { amount: 240_000, currency: "KRW".into() },
        payment: "prepay".into(),
        capture: "by_call".into(),
        payment_method: Some("card-ok".into()),
        placed_at: "2027-01-01T00:00:00Z".into(),
        deadline: None,
        keep: Some(240_000),
        purpose: None,
        reason: None,
    }
}

pub fn payment(number: u128) -> PaymentV1 {
    PaymentV1 {
        payment_id: Uuid::from_u128(5_000 + number),
        version: 3,
        reservation_id: Uuid::from_u128(number),
        status: "refunded".into(),
        total: MoneyV1 { amount: 240_000, currency: "KRW".into() },
        captured: 240_000,
        refunded: 180_000,
        captured_at: Some("2027-01-01T00:00:01Z".into()),
        reason: None,
    }
}

pub fn ticket(number: u128) -> TicketV1 {
    TicketV1 {
        ticket_id: Uuid::from_u128(number),
        version: 2,
        status: "waiting".into(),
        offering_id: Uuid::from_u128(901),
        offering_name: "Noodle bar".into(),
        business: "noodles".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        party_size: 4,
        number: Some(17),
        service_day: "2027-05-01".into(),
        timezone: "Asia/Seoul".into(),
        joined_at: "2027-05-01T03:00:00Z".into(),
        called_at: Some("2027-05-01T03:30:00Z".into()),
        call_deadline: Some("2027-05-01T03:35:00Z".into()),
        seated_at: None,
        deferrals: 0,
        passes: 0,
        quoted: Some(QuoteV1 { p50: 600, p90: 1_490 }),
    }
}

pub fn review(number: u128) -> ReviewV1 {
    ReviewV1 {
        review_id: Uuid::from_u128(7_000 + number),
        version: 1,
        status: "posted".into(),
        offering_id: Uuid::from_u128(900),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        reservation_id: Uuid::from_u128(number),
        guest_id: "mina".into(),
        rating: 5,
        text: "Such a view!".into(),
        posted_at: "2027-05-04T00:00:00Z".into(),
    }
}

pub fn event(kind: &str, payload: Vec<u8>) -> Received {
    Received {
        id: EventId(Uuid::from_u128(77)),
        kind: kind.into(),
        correlation: Uuid::from_u128(1),
        causation: None,
        version: 1,
        time: Timestamp::UNIX_EPOCH,
        actor: None,
        traceparent: None,
        payload: payload.into(),
        stream_seq: 1,
    }
}
