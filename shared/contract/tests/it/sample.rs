//! One body of each kind, all of its fields set.

use contract::catalog::{LineRulesV1, OfferingV1, OpeningV1, RulesV1};
use contract::notification::DeliveryV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::seating::PartyV1;
use contract::waitlist::{LineV1, QuoteV1, TicketV1};
use contract::{MoneyV1, TierV1};
use uuid::Uuid;

fn money(amount: i64) -> MoneyV1 {
    MoneyV1 { amount, currency: "KRW".into() }
}

fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + last)
}

pub fn offering(status: &str) -> OfferingV1 {
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
        rules: None,
        line: None,
    }
}

pub fn reservation(status: &str) -> ReservationV1 {
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
        purpose: None,
        reason: Some("payment-declined".into()),
    }
}

pub fn payment(status: &str) -> PaymentV1 {
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

pub fn ruled() -> OfferingV1 {
    let opening = OpeningV1 { day: "mon".into(), opens: "09:00".into(), closes: "24:00".into() };
    let rules = RulesV1 {
        opening_hours: vec![opening],
        minimum_notice_minutes: Some(60),
        stay_min: Some(2),
        stay_max: Some(8),
        buffer_minutes: Some(30),
    };
    let line = LineRulesV1 { passes_max: 3, call_minutes: 5, deferrals_max: 2, day_starts_at: "05:00".into() };
    OfferingV1 { rules: Some(rules), line: Some(line), ..offering("open") }
}

pub fn ticket(status: &str) -> TicketV1 {
    TicketV1 {
        ticket_id: id(4),
        version: 3,
        status: status.into(),
        offering_id: id(1),
        offering_name: "Noodle bar".into(),
        business: "tabling".into(),
        guest_id: "mina".into(),
        language: "ko".into(),
        party_size: 4,
        number: Some(17),
        service_day: "2026-11-21".into(),
        timezone: "Asia/Seoul".into(),
        joined_at: "2026-11-21T08:00:00.123456Z".into(),
        called_at: Some("2026-11-21T08:30:00Z".into()),
        call_deadline: Some("2026-11-21T08:35:00Z".into()),
        seated_at: Some("2026-11-21T08:33:00Z".into()),
        deferrals: 1,
        passes: 2,
        quoted: Some(QuoteV1 { p50: 600, p90: 1_500 }),
    }
}

pub fn line(status: &str) -> LineV1 {
    LineV1 { offering_id: id(1), version: 2, business: "tabling".into(), status: status.into() }
}

pub fn party(status: &str) -> PartyV1 {
    PartyV1 {
        ticket_id: id(4),
        version: 2,
        status: status.into(),
        offering_id: id(1),
        party_size: 4,
        free: 12,
        floor_version: 31,
    }
}

pub fn review(status: &str) -> ReviewV1 {
    ReviewV1 {
        review_id: id(5),
        version: 2,
        status: status.into(),
        offering_id: id(1),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        reservation_id: id(2),
        guest_id: "mina".into(),
        rating: 4,
        text: "조용해요\nquiet".into(),
        posted_at: "2026-11-21T08:00:00.123456Z".into(),
    }
}

pub fn delivery(status: &str) -> DeliveryV1 {
    DeliveryV1 {
        delivery_id: id(6),
        version: 2,
        status: status.into(),
        notification_id: id(7),
        channel: "email".into(),
        recipient: "mina".into(),
        template: "confirmed".into(),
        attempts: 3,
        reason: Some("mailbox-unavailable".into()),
    }
}
