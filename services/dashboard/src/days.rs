//! A business day by day: who comes and goes, what is sold of what is offered, and what it earns.
//!
//! Everything is counted of the newest known state of reservations and offerings, so the order of events leaves no trace.

use crate::calendar::{self, Grid};
use crate::store::{Offer, Sold, Span};
use contract::catalog::OpeningV1;
use std::collections::BTreeMap;
use std::ops::Range;

/// Statuses of reservations whose units are sold: the guest has them, had them, or let them go to waste.
const SOLD: [&str; 4] = ["confirmed", "checked_in", "completed", "no_show"];
/// Statuses of guests who come and go.
const PRESENT: [&str; 3] = ["confirmed", "checked_in", "completed"];
const HELD: &str = "held";

/// Money of one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    pub captured: i64,
    pub refunded: i64,
}

/// One local day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Guests' bookings that begin, and that end.
    pub arrivals: i64,
    pub departures: i64,
    /// Units in the day's buckets: sold, kept for a payment, taken out of sale by the host, and all there are.
    pub sold: i64,
    pub held: i64,
    pub blocked: i64,
    pub units: i64,
    /// Of guests' bookings that begin, whatever became of them, by currency.
    pub revenue: BTreeMap<String, Money>,
}

impl Day {
    /// Units that could be sold.
    pub fn offered(&self) -> i64 {
        (self.units - self.blocked).max(0)
    }

    /// The share that is sold, to four decimals; nothing if nothing is known to be offered.
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 units")]
    pub fn occupancy(&self) -> Option<f64> {
        let share = self.sold as f64 / self.offered() as f64;
        (self.offered() > 0).then(|| (share * 10_000.0).round() / 10_000.0)
    }
}

/// Some days in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    first: i64,
    days: Vec<Day>,
}

impl Days {
    /// Days of which nothing is known yet.
    pub fn new(days: Range<i64>) -> Self {
        Self { first: days.start, days: vec![Day::default(); usize::try_from(days.end - days.start).unwrap_or(0)] }
    }

    /// Each day with its number.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Day)> {
        (self.first..).zip(&self.days)
    }

    fn at(&mut self, number: i64) -> Option<&mut Day> {
        self.days.get_mut(usize::try_from(number - self.first).ok()?)
    }

    /// Adds what is offered. An offering counts for every day as it is now: what it was before is not known.
    pub fn offer(&mut self, offer: Offer) {
        let Offer { kind, timezone, slot_minutes, starts_day, opening_hours, units } = offer;
        match kind.as_str() {
            "nights" => self.days.iter_mut().for_each(|day| day.units += units),
            "seats" => {
                if let Some(day) = starts_day.and_then(|day| self.at(day)) {
                    day.units += units;
                }
            }
            "slots" => {
                let hours = opening_hours.and_then(|hours| serde_json::from_str::<Vec<OpeningV1>>(&hours).ok());
                let known = timezone.zip(slot_minutes);
                let grid = known.and_then(|(zone, minutes)| Grid::new(&zone, minutes, hours.unwrap_or_default()));
                let Some(mut grid) = grid else { return };
                for (number, day) in (self.first..).zip(&mut self.days) {
                    day.units += calendar::day(number).map_or(0, |date| grid.slots(date)) * units;
                }
            }
            // A line's seats are no buckets of a day.
            _ => {}
        }
    }

    /// Adds what is booked.
    pub fn book(&mut self, sold: &Sold) {
        let Sold { span, captured, refunded, .. } = sold;
        let is_block = span.purpose.is_some();
        let status = span.status.as_str();
        if !is_block && PRESENT.contains(&status) {
            if let Some(day) = self.at(span.first_day) {
                day.arrivals += span.reservations;
            }
            if let Some(day) = self.at(span.departs) {
                day.departures += span.reservations;
            }
        }
        let paid = span.payment_currency.as_ref().filter(|_| !is_block);
        if let Some((currency, day)) = paid.zip(self.at(span.first_day)) {
            let money = day.revenue.entry(currency.clone()).or_default();
            money.captured = money.captured.saturating_add(*captured);
            money.refunded = money.refunded.saturating_add(*refunded);
        }
        let count: fn(&mut Day) -> &mut i64 = match (is_block, status) {
            (true, status) if status == HELD || SOLD.contains(&status) => |day| &mut day.blocked,
            (false, HELD) => |day| &mut day.held,
            (false, status) if SOLD.contains(&status) => |day| &mut day.sold,
            (_, _) => return,
        };
        for (number, buckets) in buckets(span, sold.slot_minutes) {
            if let Some(day) = self.at(number) {
                *count(day) += buckets * span.quantity;
            }
        }
    }
}

/// The buckets of a span by day. Slots of a length that is not known count as one on each day they touch.
fn buckets(span: &Span, slot_minutes: Option<i64>) -> Vec<(i64, i64)> {
    let slots = slot_minutes
        .filter(|_| span.kind == "slots")
        .zip(span.span_to.as_deref())
        .and_then(|(minutes, to)| calendar::slots_by_day((&span.span_from, to), minutes, &span.timezone));
    match slots {
        Some(slots) => slots.into_iter().collect(),
        None => (span.first_day..span.end_day).map(|day| (day, 1)).collect(),
    }
}
