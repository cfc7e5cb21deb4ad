//! Placing a reservation: the whole span or nothing.

use crate::command::{Decision, Refusal, Told};
use crate::offering::Offering;
use crate::reservation::{Booking, Capture, Reservation, State, Transition};
use crate::span::{Span, SpanRequest};
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::{Bucket, Label, Money, OfferingId, OutagePolicy, PaymentMode, ReservationId, bucket_label};

/// Most units of one booking.
pub const QUANTITY_MAX: i64 = 1_000;
/// A hold that begins by call is taken up by a sweep when its owner has not settled it for this long.
const INTENT_SECONDS: i64 = 2;

/// What a guest asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: ReservationId,
    pub offering: OfferingId,
    pub guest: Label,
    /// `ko` or `en`.
    pub language: String,
    pub quantity: i64,
    pub span: SpanRequest,
    pub payment_method: Option<Label>,
}

pub(crate) fn decide(working: &mut Working, place: &Place, now: Timestamp) -> Result<Decision, Refusal> {
    if let Some(known) = working.reservation(place.id) {
        // The same command ran before and the answer to its commit was lost.
        return Ok(Decision::told(told(known.clone())));
    }
    let offering = working.offerings.get(&place.offering).ok_or(Refusal::OfferingNotFound)?;
    if !offering.open {
        return Err(Refusal::OfferingRetired);
    }
    if !(1..=QUANTITY_MAX).contains(&place.quantity) {
        return Err(Refusal::Quantity);
    }
    let (span, buckets) = Span::of(offering, place.span)?;
    let total = offering.price.times(place.quantity, i64::try_from(buckets.len()).unwrap_or(i64::MAX))?;
    let capture = capture(offering, total);
    if capture != Capture::Nobody && place.payment_method.is_none() {
        return Err(Refusal::MethodMissing);
    }
    if let Some(full) = working.allotments.first_full(offering.id, &buckets, place.quantity, offering.units) {
        return Err(Refusal::SoldOut { bucket: bucket_label(offering.bookable.kind(), full) });
    }
    let reservation = reserve(place, offering, (span, buckets, total, capture), now);
    working.place(&reservation);
    let transition = match capture {
        Capture::Nobody => Transition::Confirmed,
        Capture::ByCall | Capture::ByEvent | Capture::ByCallThenEvent => Transition::Held,
    };
    Ok(Decision::happened(transition, reservation.clone(), told(reservation)))
}

/// A hold that waits for a call has only begun; everything else is an answer that stands.
fn told(reservation: Reservation) -> Told {
    match reservation.state {
        State::Held { .. } if reservation.booking.capture.begins_by_call() => Told::begun(reservation),
        State::Held { .. }
        | State::Confirmed
        | State::Rejected { .. }
        | State::Expired { .. }
        | State::Cancelled { .. }
        | State::CheckedIn
        | State::Completed
        | State::NoShow => Told::settled(reservation),
    }
}

fn capture(offering: &Offering, total: Money) -> Capture {
    if total.is_zero() {
        return Capture::Nobody;
    }
    match (offering.payment, offering.on_payment_outage) {
        (PaymentMode::None, _) => Capture::Nobody,
        (PaymentMode::SettleLater, _) => Capture::ByEvent,
        (PaymentMode::Prepay, OutagePolicy::Refuse) => Capture::ByCall,
        (PaymentMode::Prepay, OutagePolicy::Defer) => Capture::ByCallThenEvent,
    }
}

fn reserve(
    place: &Place,
    offering: &Offering,
    (span, buckets, total, capture): (Span, Vec<Bucket>, Money, Capture),
    now: Timestamp,
) -> Reservation {
    let (starts_at, ends_at) = span.instants(&offering.zone);
    let state = match capture {
        Capture::Nobody => State::Confirmed,
        Capture::ByCall | Capture::ByEvent | Capture::ByCallThenEvent => {
            State::Held { deadline: now + SignedDuration::from_secs(offering.hold_seconds) }
        }
    };
    Reservation {
        id: place.id,
        version: 1,
        state,
        intent_due: (capture == Capture::ByCall).then(|| now + SignedDuration::from_secs(INTENT_SECONDS)),
        booking: Booking {
            offering: offering.id,
            offering_name: offering.name.clone(),
            business: offering.business.clone(),
            guest: place.guest.clone(),
            language: place.language.clone(),
            kind: offering.bookable.kind(),
            quantity: place.quantity,
            span,
            buckets,
            timezone: offering.timezone().to_owned(),
            starts_at,
            ends_at,
            total,
            payment: offering.payment,
            on_payment_outage: offering.on_payment_outage,
            late_money: offering.late_money,
            capture,
            payment_method: place.payment_method.clone(),
            cancellation: offering.cancellation.clone(),
            placed_at: now,
        },
    }
}
