//! Events of a few aggregates, to be put into any order.

use crate::events;
use crate::working::Command;
use choreography::Received;
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::notification::{DeliveryV1, NotificationEvent};
use contract::payment::{PaymentEvent, PaymentV1};
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::{ReviewEvent, ReviewV1};
use contract::seating::{PartyV1, SeatingEvent};
use contract::waitlist::{LineV1, QuoteV1, TicketV1, WaitlistEvent};
use contract::{Event, MoneyV1};
use jiff::{SignedDuration, Timestamp};
use kernel::EventId;
use uuid::Uuid;

/// Everything that happened to some offerings, reservations, tickets, a line and a review, each event twice.
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
    // The second ticket's party came without its ticket's events, the third's the other way round.
    for ticket_id in [21, 23] {
        for version in 1..=4 {
            once.push(queued(ticket_id, version));
        }
    }
    for ticket_id in [21, 22] {
        for version in 1..=2 {
            once.push(seated(ticket_id, version));
        }
    }
    for version in 1..=2 {
        once.push(paused(3, version));
        once.push(reviewed(31, version));
        once.push(delivered(41, version));
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

fn queued(ticket_id: u128, version: i64) -> Received {
    let told = TicketV1 {
        ticket_id: Uuid::from_u128(ticket_id),
        version,
        status: ["joining", "waiting", "called", "seated"][usize::try_from(version - 1).unwrap()].into(),
        offering_id: Uuid::from_u128(3),
        offering_name: "Noodles".into(),
        business: "noodles".into(),
        guest_id: format!("guest {ticket_id}"),
        language: "ko".into(),
        party_size: 2,
        number: (version > 1).then_some(7),
        service_day: "2027-05-01".into(),
        timezone: "Asia/Seoul".into(),
        joined_at: "2027-05-01T03:00:00Z".into(),
        called_at: (version > 2).then(|| "2027-05-01T03:20:00Z".into()),
        call_deadline: (version == 3).then(|| "2027-05-01T03:25:00Z".into()),
        seated_at: (version > 3).then(|| "2027-05-01T03:22:00Z".into()),
        deferrals: 0,
        passes: version - 1,
        quoted: (version > 1).then_some(QuoteV1 { p50: 600, p90: 1_800 }),
    };
    let event = match version {
        1 => WaitlistEvent::Joined(told),
        2 => WaitlistEvent::Issued(told),
        3 => WaitlistEvent::Called(told),
        _ => WaitlistEvent::Seated(told),
    };
    received(event.kind(), event.publication().unwrap().payload, (4, ticket_id, version))
}

fn seated(ticket_id: u128, version: i64) -> Received {
    let told = PartyV1 {
        ticket_id: Uuid::from_u128(ticket_id),
        version,
        status: if version == 1 { "seated" } else { "left" }.into(),
        offering_id: Uuid::from_u128(3),
        party_size: 2,
        free: 8 + version,
        floor_version: version,
    };
    let event = if version == 1 { SeatingEvent::PartySeated(told) } else { SeatingEvent::SeatsFreed(told) };
    received(event.kind(), event.publication().unwrap().payload, (5, ticket_id, version))
}

fn paused(offering_id: u128, version: i64) -> Received {
    let status = if version == 1 { "paused" } else { "open" }.into();
    let told = LineV1 { offering_id: Uuid::from_u128(offering_id), version, business: "noodles".into(), status };
    let event = if version == 1 { WaitlistEvent::LinePaused(told) } else { WaitlistEvent::LineResumed(told) };
    received(event.kind(), event.publication().unwrap().payload, (6, offering_id, version))
}

fn reviewed(review_id: u128, version: i64) -> Received {
    let told = ReviewV1 {
        review_id: Uuid::from_u128(review_id),
        version,
        status: "posted".into(),
        offering_id: Uuid::from_u128(1),
        offering_name: "Room".into(),
        business: "seaside".into(),
        reservation_id: Uuid::from_u128(11),
        guest_id: "guest 11".into(),
        rating: 3 + version,
        text: format!("text {version}"),
        posted_at: "2027-06-01T00:00:00Z".into(),
    };
    let event = if version == 1 { ReviewEvent::Posted(told) } else { ReviewEvent::Changed(told) };
    received(event.kind(), event.publication().unwrap().payload, (7, review_id, version))
}

fn delivered(delivery_id: u128, version: i64) -> Received {
    let told = DeliveryV1 {
        delivery_id: Uuid::from_u128(delivery_id),
        version,
        status: if version == 1 { "failed" } else { "sent" }.into(),
        notification_id: Uuid::from_u128(40),
        channel: "email".into(),
        recipient: "guest 11".into(),
        template: "confirmed".into(),
        attempts: version,
        reason: None,
    };
    let event = if version == 1 { NotificationEvent::Failed(told) } else { NotificationEvent::Sent(told) };
    received(event.kind(), event.publication().unwrap().payload, (8, delivery_id, version))
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
