//! What is told: two nights at the seaside, its payment, its review, and a party in a line.

use contract::MoneyV1;
use contract::payment::PaymentV1;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::waitlist::TicketV1;
use uuid::Uuid;

/// Two nights of Mina's at the seaside.
pub fn reservation() -> ReservationV1 {
    ReservationV1 {
        reservation_id: Uuid::now_v7(),
        version: 1,
        status: "held".into(),
        offering_id: Uuid::now_v7(),
        offering_name: "Double room".into(),
        business: "seaside".into(),
        guest_id: "mina".into(),
        language: "en".into(),
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

/// The payment of a reservation, given back in part.
pub fn payment(of: &ReservationV1) -> PaymentV1 {
    PaymentV1 {
        payment_id: Uuid::now_v7(),
        version: 3,
        reservation_id: of.reservation_id,
        status: "refunded".into(),
        total: of.total.clone(),
        captured: of.total.amount,
        refunded: 180_000,
        captured_at: Some("2027-01-01T00:00:01Z".into()),
        reason: None,
    }
}

/// Mina's party of four in the line of the noodle bar.
pub fn ticket() -> TicketV1 {
    TicketV1 {
        ticket_id: Uuid::now_v7(),
        version: 2,
        status: "called".into(),
        offering_id: Uuid::now_v7(),
        offering_name: "Noodle bar".into(),
        business: "noodles".into(),
        guest_id: "mina".into(),
        language: "en".into(),
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
        quoted: None,
    }
}

/// What Mina says about her stay.
pub fn review(of: &ReservationV1) -> ReviewV1 {
    ReviewV1 {
        review_id: Uuid::now_v7(),
        version: 1,
        status: "posted".into(),
        offering_id: of.offering_id,
        offering_name: of.offering_name.clone(),
        business: of.business.clone(),
        reservation_id: of.reservation_id,
        guest_id: of.guest_id.clone(),
        rating: 5,
        text: "Such a view!".into(),
        posted_at: "2027-05-04T00:00:00Z".into(),
    }
}
