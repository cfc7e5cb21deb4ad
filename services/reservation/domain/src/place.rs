//! Placing a reservation: the whole span or nothing.

use crate::claim::{Claim, price};
use crate::command::{Decision, Refusal, Told};
use crate::offering::Offering;
use crate::reservation::{Booking, Capture, Purpose, Reservation, State, Transition};
use crate::rules;
use crate::span::SpanRequest;
use crate::working::Working;
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, Money, OfferingId, PaymentMode, ReservationId, bucket_label};

/// Most units of one booking.
pub const QUANTITY_MAX: i64 = 1_000;
/// A hold that begins by call is taken up by a sweep when its owner has not settled it for this long, or longer where
/// the call itself may take longer.
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
    /// How long a call to payment takes at most, in seconds; none while it cannot be called: then a booking that only a
    /// call may charge is not begun.
    pub call_seconds_max: Option<i64>,
    pub purpose: Purpose,
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
    let claim = place.claim(offering)?;
    let (total, capture) = price(place, offering, &claim)?;
    if capture != Capture::Nobody && place.payment_method.is_none() {
        return Err(Refusal::MethodMissing);
    }
    match place.purpose {
        Purpose::Stay => rules::allow(offering, &claim.buckets, now)?,
        // The host may close what guests may not book.
        Purpose::Block { .. } => {}
    }
    if let Some(full) = working.allotments.first_full(offering.id, claim.takes(), place.quantity, offering.units) {
        return Err(Refusal::SoldOut { bucket: bucket_label(offering.bookable.kind(), full) });
    }
    if capture == Capture::ByCall && place.call_seconds_max.is_none() {
        return Err(Refusal::PaymentUnavailable);
    }
    let reservation = reserve(place, offering, (claim, total, capture), now);
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

/// Nobody else calls while the first call may still be answered.
fn intent_seconds(place: &Place) -> i64 {
    place.call_seconds_max.map_or(INTENT_SECONDS, |longest| longest.saturating_add(1).max(INTENT_SECONDS))
}

fn reserve(
    place: &Place,
    offering: &Offering,
    (claim, total, capture): (Claim, Money, Capture),
    now: Timestamp,
) -> Reservation {
    let Claim { span, buckets, resting } = claim;
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
        intent_due: (capture == Capture::ByCall).then(|| now + SignedDuration::from_secs(intent_seconds(place))),
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
            resting,
            purpose: place.purpose.clone(),
            timezone: offering.timezone().to_owned(),
            starts_at,
            ends_at,
            total,
            payment: match place.purpose {
                Purpose::Stay => offering.payment,
                Purpose::Block { .. } => PaymentMode::None,
            },
            on_payment_outage: offering.on_payment_outage,
            late_money: offering.late_money,
            capture,
            payment_method: place.payment_method.clone(),
            cancellation: offering.cancellation.clone(),
            placed_at: now,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Stage};
    use crate::fixture::{Desk, case, days, instants, offering, request, won};
    use crate::offering::Bookable;
    use crate::span::SpanRefusal;
    use kernel::{LateMoney, MoneyError, OutagePolicy};

    fn room(units: i64) -> Offering {
        offering(1, Bookable::Nights, units)
    }

    fn weekend() -> SpanRequest {
        days("2026-06-06", "2026-06-08")
    }

    #[test]
    fn each_kind_is_placed_with_its_own_buckets_and_total() {
        let starts_at = crate::fixture::at("2026-07-01T10:30:00Z");
        for (bookable, span, buckets) in [
            (Bookable::Nights, weekend(), 2),
            (Bookable::Slots { minutes: 30 }, instants("2026-06-06T01:00:00Z", "2026-06-06T02:30:00Z"), 3),
            (Bookable::Seats { starts_at }, SpanRequest::default(), 1),
        ] {
            let offering = offering(1, bookable, 5);
            let mut desk = Desk::with(std::slice::from_ref(&offering));
            let decision = desk.place(request(1, &offering, 2, span));
            let held = desk.stored(1);
            assert_eq!(decision, Decision::happened(Transition::Held, held.clone(), Told::begun(held.clone())));
            assert_eq!((held.version, held.booking.buckets.len()), (1, buckets));
            assert_eq!(held.booking.total, won(100 * 2 * i64::try_from(buckets).unwrap()));
            assert_eq!(held.state, State::Held { deadline: desk.now + SignedDuration::from_secs(600) });
            assert_eq!(held.intent_due, Some(desk.now + SignedDuration::from_secs(INTENT_SECONDS)));
            assert_eq!(desk.taken(1), vec![2; buckets]);
        }
    }

    #[test]
    fn nobody_else_calls_while_the_first_call_may_still_be_answered() {
        for (longest, due) in [(0, 2), (1, 2), (2, 3), (8, 9)] {
            let room = room(1);
            let mut desk = Desk::with(std::slice::from_ref(&room));
            desk.place(Place { call_seconds_max: Some(longest), ..request(1, &room, 1, weekend()) });
            assert_eq!(desk.stored(1).intent_due, Some(desk.now + SignedDuration::from_secs(due)));
        }
    }

    /// Each request has every fault of the rows below it, so that the first check wins.
    #[test]
    fn every_refusal_in_its_order() {
        let full = Offering { open: false, price: won(kernel::Money::AMOUNT_MAX), ..room(0) };
        let mut desk = Desk::with(&[]);
        let mut ask = Place { payment_method: None, ..request(1, &full, 0, SpanRequest::default()) };
        let adopt = |desk: &mut Desk, offering: &Offering| desk.working.offerings.insert(offering.id, offering.clone());
        let expect = |desk: &mut Desk, ask: &Place, refusal: Refusal| {
            let before = desk.working.clone();
            assert_eq!(desk.place(ask.clone()), Decision::from(refusal));
            assert_eq!(desk.working, before);
        };
        expect(&mut desk, &ask, Refusal::OfferingNotFound);
        adopt(&mut desk, &full);
        expect(&mut desk, &ask, Refusal::OfferingRetired);
        adopt(&mut desk, &Offering { open: true, ..full.clone() });
        for quantity in [0, -1, i64::MIN, QUANTITY_MAX + 1, i64::MAX] {
            ask.quantity = quantity;
            expect(&mut desk, &ask, Refusal::Quantity);
        }
        ask.quantity = QUANTITY_MAX;
        expect(&mut desk, &ask, Refusal::Span(SpanRefusal::WantsDates));
        ask.span = weekend();
        expect(&mut desk, &ask, Refusal::Amount(MoneyError::TooLarge));
        adopt(&mut desk, &room(0));
        expect(&mut desk, &ask, Refusal::MethodMissing);
        ask.payment_method = request(1, &full, 1, weekend()).payment_method;
        expect(&mut desk, &ask, Refusal::SoldOut { bucket: "2026-06-06".to_owned() });
        adopt(&mut desk, &room(QUANTITY_MAX));
        ask.call_seconds_max = None;
        expect(&mut desk, &ask, Refusal::PaymentUnavailable);
        ask.call_seconds_max = Some(1);
        assert!(desk.place(ask).told.is_ok());
    }

    #[test]
    fn a_span_is_taken_whole_or_not_at_all_and_names_its_first_full_bucket() {
        let room = room(2);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        assert!(desk.place(request(1, &room, 2, days("2026-06-08", "2026-06-10"))).told.is_ok());
        let before = desk.working.clone();
        let refused = desk.place(request(2, &room, 1, days("2026-06-05", "2026-06-12")));
        assert_eq!(refused.told, Err(Refusal::SoldOut { bucket: "2026-06-08".to_owned() }));
        assert_eq!(desk.working, before);
        assert!(desk.place(request(3, &room, 2, days("2026-06-05", "2026-06-08"))).told.is_ok());
        assert_eq!(desk.taken(3), [2, 2, 2]);
    }

    #[test]
    fn the_last_unit_is_sold_and_no_more() {
        let room = room(3);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        assert!(desk.place(request(1, &room, 2, weekend())).told.is_ok());
        let sold_out = Err(Refusal::SoldOut { bucket: "2026-06-06".to_owned() });
        assert_eq!(desk.place(request(2, &room, 2, weekend())).told, sold_out);
        assert!(desk.place(request(3, &room, 1, weekend())).told.is_ok());
        assert_eq!(desk.place(request(4, &room, 1, weekend())).told, sold_out);
    }

    #[test]
    fn rule_23_units_lowered_below_what_is_taken_sell_nothing_more_and_take_nothing_back() {
        let room = room(3);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 3, weekend()));
        desk.run(&Command::Adopt(Box::new(Offering { version: 2, units: 1, ..room.clone() })));
        assert_eq!(desk.taken(1), [3, 3]);
        assert!(desk.stored(1).state.holds_units());
        desk.place(request(2, &room, 2, days("2026-06-10", "2026-06-11")));
        assert_eq!(desk.working.reservation(case(2)), None);
        desk.run(&Command::Cancel { reservation: case(1) });
        assert_eq!(desk.taken(1), [0, 0]);
        assert!(desk.place(request(3, &room, 1, weekend())).told.is_ok());
    }

    #[test]
    fn what_costs_nothing_is_confirmed_at_once_and_wants_no_method() {
        let free = Offering { price: won(0), ..room(1) };
        let unpaid = Offering { payment: PaymentMode::None, ..room(1) };
        for offering in [free, unpaid] {
            let mut desk = Desk::with(std::slice::from_ref(&offering));
            let decision = desk.place(Place { payment_method: None, ..request(1, &offering, 1, weekend()) });
            let confirmed = desk.stored(1);
            assert_eq!((confirmed.state, confirmed.version, confirmed.intent_due), (State::Confirmed, 1, None));
            assert_eq!(confirmed.booking.capture, Capture::Nobody);
            let told = Told::settled(confirmed.clone());
            assert_eq!(decision, Decision::happened(Transition::Confirmed, confirmed, told));
        }
    }

    #[test]
    fn the_terms_say_who_begins_the_capture_and_whether_the_answer_waits_for_it() {
        for (payment, on_payment_outage, capture, stage, is_swept) in [
            (PaymentMode::Prepay, OutagePolicy::Refuse, Capture::ByCall, Stage::Begun, true),
            (PaymentMode::Prepay, OutagePolicy::Defer, Capture::ByCallThenEvent, Stage::Begun, false),
            (PaymentMode::SettleLater, OutagePolicy::Refuse, Capture::ByEvent, Stage::Settled, false),
            (PaymentMode::SettleLater, OutagePolicy::Defer, Capture::ByEvent, Stage::Settled, false),
        ] {
            let offering = Offering { payment, on_payment_outage, late_money: LateMoney::HonourIfFree, ..room(1) };
            let mut desk = Desk::with(std::slice::from_ref(&offering));
            let decision = desk.place(request(1, &offering, 1, weekend()));
            let held = desk.stored(1);
            assert_eq!((held.booking.capture, held.intent_due.is_some()), (capture, is_swept));
            assert_eq!(decision.told, Ok(Told::Stands { reservation: Box::new(held), stage }));
        }
    }

    #[test]
    fn a_repeat_is_answered_from_what_stands_and_takes_no_second_unit() {
        let room = room(5);
        let mut desk = Desk::with(std::slice::from_ref(&room));
        desk.place(request(1, &room, 2, weekend()));
        let before = desk.working.clone();
        assert_eq!(desk.place(request(1, &room, 2, weekend())), Decision::told(Told::begun(desk.stored(1))));
        assert_eq!(desk.working, before);
        desk.run(&Command::Cancel { reservation: case(1) });
        desk.working.offerings.clear();
        assert_eq!(desk.place(request(1, &room, 2, weekend())), Decision::told(Told::settled(desk.stored(1))));
        assert_eq!(desk.taken(1), [0, 0]);
    }
}
