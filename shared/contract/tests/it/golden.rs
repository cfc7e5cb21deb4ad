//! Every event type, against the golden file that its consumers were built on.

use crate::sample::{delivery, line, offering, party, payment, reservation, review, ruled, ticket};
use contract::catalog::CatalogEvent;
use contract::notification::NotificationEvent;
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use contract::review::ReviewEvent;
use contract::seating::SeatingEvent;
use contract::waitlist::WaitlistEvent;
use contract::{DecodeError, Event, Publication};
use std::path::PathBuf;

fn golden(kind: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{kind}.json"));
    std::fs::read(&path)
        .unwrap_or_else(|fault| panic!("{}: {fault}; a new event type needs its golden file", path.display()))
}

/// The event reads from its golden file, and writes the same JSON.
fn holds(published: Publication, read: impl Fn(&str, &[u8]) -> Result<Publication, DecodeError>) {
    holds_as(published.kind, published.clone(), read);
}

/// As [`holds`], with a golden file of another name: a body with fields that were added later.
fn holds_as(name: &str, published: Publication, read: impl Fn(&str, &[u8]) -> Result<Publication, DecodeError>) {
    let file = golden(name);
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    assert_eq!(value(&published.payload), value(&file), "{} is written otherwise", published.kind);
    assert_eq!(read(published.kind, &file).unwrap(), published, "{} reads otherwise", published.kind);
    // A reader of today takes what a writer of tomorrow adds.
    let mut grown = value(&file);
    grown.as_object_mut().unwrap().insert("added_later".into(), serde_json::json!([1]));
    assert_eq!(read(published.kind, grown.to_string().as_bytes()).unwrap(), published, "{}", published.kind);
}

#[test]
fn fields_that_were_added_hold_too() {
    let catalog = |kind: &str, bytes: &[u8]| Ok(CatalogEvent::decode(kind, bytes)?.publication()?);
    holds_as("catalog.published.v1.with-rules", CatalogEvent::Published(ruled()).publication().unwrap(), catalog);
    let block = ReservationV1 { purpose: Some("block".into()), ..reservation("confirmed") };
    holds_as(
        "reservation.confirmed.v1.block",
        ReservationEvent::Confirmed(block).publication().unwrap(),
        |kind, bytes| Ok(ReservationEvent::decode(kind, bytes)?.publication()?),
    );
}

#[test]
fn waitlist_events_hold() {
    let events = [
        WaitlistEvent::Joined(ticket("joining")),
        WaitlistEvent::Issued(ticket("waiting")),
        WaitlistEvent::Deferred(ticket("waiting")),
        WaitlistEvent::Called(ticket("called")),
        WaitlistEvent::Seated(ticket("seated")),
        WaitlistEvent::Left(ticket("left")),
        WaitlistEvent::Cancelled(ticket("cancelled")),
        WaitlistEvent::NoShow(ticket("no_show")),
        WaitlistEvent::State(ticket("waiting")),
        WaitlistEvent::LinePaused(line("paused")),
        WaitlistEvent::LineResumed(line("open")),
        WaitlistEvent::LineState(line("open")),
    ];
    assert_eq!(events.each_ref().map(WaitlistEvent::kind), WaitlistEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(WaitlistEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn seating_events_hold() {
    let events = [
        SeatingEvent::PartySeated(party("seated")),
        SeatingEvent::SeatsFreed(party("left")),
        SeatingEvent::State(party("seated")),
    ];
    assert_eq!(events.each_ref().map(SeatingEvent::kind), SeatingEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(SeatingEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn review_events_hold() {
    let events = [
        ReviewEvent::Posted(review("posted")),
        ReviewEvent::Changed(review("posted")),
        ReviewEvent::Removed(review("removed")),
        ReviewEvent::State(review("posted")),
    ];
    assert_eq!(events.each_ref().map(ReviewEvent::kind), ReviewEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(ReviewEvent::decode(kind, bytes)?.publication()?));
    }
}

#[test]
fn notification_events_hold() {
    let events = [NotificationEvent::Sent(delivery("sent")), NotificationEvent::Failed(delivery("failed"))];
    assert_eq!(events.each_ref().map(NotificationEvent::kind), NotificationEvent::KINDS);
    for event in events {
        holds(event.publication().unwrap(), |kind, bytes| Ok(NotificationEvent::decode(kind, bytes)?.publication()?));
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
