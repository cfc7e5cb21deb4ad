//! The same business once more, naively: a list of bookings, counted anew for every question.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{LateMoney, MoneyError, OutagePolicy, PaymentMode, ReservationId, SpanError};
use reservation_domain::{Bookable, Offering, Place, QUANTITY_MAX, Refusal, SpanRefusal, When};

/// A reservation as the reference knows it; `terms` is the offering as it was when it was placed.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: ReservationId,
    pub status: &'static str,
    pub version: i64,
    /// What the business keeps; none while nobody has decided.
    pub keep: Option<i64>,
    pub buckets: Vec<String>,
    pub quantity: i64,
    total: i64,
    starts_at: Timestamp,
    deadline: Timestamp,
    /// When the call may be made again.
    retry_at: Option<Timestamp>,
    terms: Offering,
}

/// The status and version that the asker is told, and whether something happened.
pub type Answer = Result<(&'static str, i64, bool), Refusal>;

#[derive(Debug, Default)]
pub struct Reference {
    pub rows: Vec<Row>,
    pub offerings: Vec<Offering>,
}

impl Reference {
    pub fn adopt(&mut self, offering: &Offering) {
        let newest = self.offerings.iter().filter(|known| known.id == offering.id).map(|known| known.version).max();
        if newest < Some(offering.version) {
            self.offerings.retain(|known| known.id != offering.id);
            self.offerings.push(offering.clone());
        }
    }

    /// Units of a bucket that somebody has.
    pub fn taken(&self, like: &Row, bucket: &String) -> i64 {
        let same = self.rows.iter().filter(|row| row.terms.id == like.terms.id && row.buckets.contains(bucket));
        same.filter(|row| !["rejected", "expired", "cancelled"].contains(&row.status)).map(|row| row.quantity).sum()
    }

    fn first_full(&self, row: &Row) -> Option<String> {
        let units = self.offerings.iter().find(|offering| offering.id == row.terms.id)?.units;
        row.buckets.iter().find(|bucket| units - self.taken(row, bucket) < row.quantity).cloned()
    }

    pub fn row(&self, id: ReservationId) -> Option<&Row> {
        self.rows.iter().rev().find(|row| row.id == id)
    }

    pub fn place(&mut self, place: &Place, now: Timestamp) -> Answer {
        if let Some(known) = self.row(place.id) {
            return Ok((known.status, known.version, false));
        }
        let found = self.offerings.iter().find(|offering| offering.id == place.offering);
        let terms = found.cloned().ok_or(Refusal::OfferingNotFound)?;
        if !terms.open {
            return Err(Refusal::OfferingRetired);
        }
        if place.quantity < 1 || place.quantity > QUANTITY_MAX {
            return Err(Refusal::Quantity);
        }
        let (buckets, starts_at) = cut(&terms, place)?;
        let total = i128::from(terms.price.amount()) * i128::from(place.quantity) * buckets.len() as i128;
        let total = i64::try_from(total).ok().filter(|total| *total < 1 << 53);
        let total = total.ok_or(Refusal::Amount(MoneyError::TooLarge))?;
        let is_paid = total > 0 && terms.payment != PaymentMode::None;
        if is_paid && place.payment_method.is_none() {
            return Err(Refusal::MethodMissing);
        }
        let is_called_only = terms.payment == PaymentMode::Prepay && terms.on_payment_outage == OutagePolicy::Refuse;
        let row = Row {
            id: place.id,
            status: if is_paid { "held" } else { "confirmed" },
            version: 1,
            keep: Some(total),
            buckets,
            quantity: place.quantity,
            total,
            starts_at,
            deadline: now + SignedDuration::from_secs(terms.hold_seconds),
            retry_at: (is_paid && is_called_only).then(|| now + SignedDuration::from_secs(2)),
            terms,
        };
        if let Some(bucket) = self.first_full(&row) {
            return Err(Refusal::SoldOut { bucket });
        }
        if is_paid && is_called_only && place.call_seconds_max.is_none() {
            return Err(Refusal::PaymentUnavailable);
        }
        self.rows.push(row);
        self.answer(place.id, true)
    }

    fn answer(&self, id: ReservationId, happened: bool) -> Answer {
        self.row(id).map(|row| (row.status, row.version, happened)).ok_or(Refusal::ReservationNotFound)
    }

    pub fn recall(&self, id: ReservationId) -> Answer {
        self.answer(id, false)
    }

    fn turn(&mut self, id: ReservationId, status: &'static str, keep: Option<i64>) -> Answer {
        for row in self.rows.iter_mut().filter(|row| row.id == id) {
            *row = Row { status, keep, version: row.version + 1, retry_at: None, ..row.clone() };
        }
        self.answer(id, true)
    }

    pub fn paid(&mut self, id: ReservationId, at: Timestamp) -> Answer {
        let row = self.row(id).cloned().ok_or(Refusal::ReservationNotFound)?;
        let is_honoured = row.terms.late_money == LateMoney::HonourIfFree;
        match row.status {
            "held" if at <= row.deadline || is_honoured => self.turn(id, "confirmed", Some(row.total)),
            "held" => self.turn(id, "expired", Some(0)),
            "expired" if is_honoured && self.first_full(&row).is_none() => self.turn(id, "confirmed", Some(row.total)),
            "expired" if is_honoured => self.turn(id, "rejected", Some(0)),
            _ => self.answer(id, false),
        }
    }

    pub fn declined(&mut self, id: ReservationId) -> Answer {
        match self.row(id).map(|row| row.status) {
            Some("held") => self.turn(id, "rejected", Some(0)),
            _ => self.answer(id, false),
        }
    }

    pub fn unanswered(&mut self, id: ReservationId) -> Answer {
        match self.row(id) {
            Some(row)
                if row.terms.payment == PaymentMode::Prepay && row.terms.on_payment_outage == OutagePolicy::Refuse =>
            {
                self.declined(id)
            }
            _ => self.answer(id, false),
        }
    }

    pub fn cancel(&mut self, id: ReservationId, now: Timestamp) -> Answer {
        let row = self.row(id).cloned().ok_or(Refusal::ReservationNotFound)?;
        match row.status {
            "held" => self.turn(id, "cancelled", Some(0)),
            "confirmed" => {
                let lead = row.starts_at.duration_since(now);
                // Tiers stand from the earliest cancel to the latest: the first that is still far enough away.
                let tier =
                    row.terms.cancellation.iter().find(|tier| lead >= SignedDuration::from_hours(tier.before_hours));
                let refunded = match tier {
                    Some(tier) => tier.refund_percent,
                    None if row.terms.cancellation.is_empty() && !lead.is_negative() => 100,
                    None => 0,
                };
                self.turn(id, "cancelled", Some(row.total * (100 - i64::from(refunded)) / 100))
            }
            "cancelled" => self.answer(id, false),
            status => Err(Refusal::WrongState { status }),
        }
    }

    /// The visit turns from one of `from` into `to`.
    pub fn attend(&mut self, id: ReservationId, from: &[&str], to: &'static str) -> Answer {
        let row = self.row(id).cloned().ok_or(Refusal::ReservationNotFound)?;
        match row.status {
            status if from.contains(&status) => self.turn(id, to, Some(row.total)),
            status if status == to => self.answer(id, false),
            status => Err(Refusal::WrongState { status }),
        }
    }

    pub fn expire(&mut self, id: ReservationId, now: Timestamp) -> Answer {
        let row = self.row(id).cloned().ok_or(Refusal::ReservationNotFound)?;
        match row.status {
            "held" if now < row.deadline => Err(Refusal::NotDue),
            "held" => self.turn(id, "expired", (row.terms.late_money == LateMoney::Refund).then_some(0)),
            "expired" => self.answer(id, false),
            status => Err(Refusal::WrongState { status }),
        }
    }

    pub fn take_up(&mut self, id: ReservationId, now: Timestamp, for_seconds: i64) -> Answer {
        let answer = self.answer(id, false)?;
        let mut due = self.rows.iter_mut().filter(|row| row.id == id && row.retry_at.is_some_and(|at| at <= now));
        due.next().ok_or(Refusal::NotDue)?.retry_at = Some(now + SignedDuration::from_secs(for_seconds));
        Ok(answer)
    }
}

/// The buckets by the names that the API gives them, and the start; slots are hours of India here.
fn cut(terms: &Offering, place: &Place) -> Result<(Vec<String>, Timestamp), SpanRefusal> {
    match (&terms.bookable, place.span.from, place.span.to) {
        (Bookable::Nights, Some(When::Day(from)), Some(When::Day(to))) => {
            let midnight = format!("{from}T00:00:00[{}]", terms.timezone()).parse::<jiff::Zoned>().unwrap();
            Ok((nights(from, to)?, midnight.timestamp()))
        }
        (Bookable::Slots { .. }, Some(When::Instant(from)), Some(When::Instant(to))) => Ok((hours(from, to)?, from)),
        (Bookable::Seats { starts_at }, None, None) => Ok((vec![starts_at.to_string()], *starts_at)),
        (Bookable::Nights, _, _) => Err(SpanRefusal::WantsDates),
        (Bookable::Slots { .. }, _, _) => Err(SpanRefusal::WantsInstants),
        (Bookable::Seats { .. }, _, _) => Err(SpanRefusal::WantsNothing),
        (Bookable::Line, _, _) => Err(SpanRefusal::IsLine),
    }
}

fn nights(from: Date, to: Date) -> Result<Vec<String>, SpanError> {
    let (mut night, mut nights) = (from, Vec::new());
    while night < to {
        nights.push(night.to_string());
        night = night.tomorrow().unwrap();
    }
    bounded(nights)
}

fn hours(from: Timestamp, to: Timestamp) -> Result<Vec<String>, SpanError> {
    let (mut hour, mut hours) = (from, Vec::new());
    while hour < to {
        hours.push(hour.to_string());
        hour += SignedDuration::from_hours(1);
    }
    let hours = bounded(hours)?;
    let is_on_grid = |at: Timestamp| (at.as_second() + 5 * 3600 + 1800) % 3600 == 0;
    if is_on_grid(from) && is_on_grid(to) { Ok(hours) } else { Err(SpanError::OffGrid) }
}

fn bounded(buckets: Vec<String>) -> Result<Vec<String>, SpanError> {
    match buckets.len() {
        0 => Err(SpanError::Empty),
        1..=400 => Ok(buckets),
        _ => Err(SpanError::TooLong { max: 400 }),
    }
}
