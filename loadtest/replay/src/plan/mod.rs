//! What is to be replayed: bookings, and the events of their lives in one order.

mod derived;
mod generated;
mod original;
mod recorded;
mod table;

pub use recorded::recorded_data;

use jiff::ToSpan;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Most nights of one stay: what the platform takes in one booking.
const NIGHTS_MAX: i32 = 400;

/// Whose rooms are booked; one pool of units each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hotel {
    City,
    Resort,
}

impl Hotel {
    /// Both, in the order in which hashes name them.
    pub const ALL: [Self; 2] = [Self::City, Self::Resort];

    /// As the reference writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Resort => "resort",
        }
    }
}

/// One stay that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Its row in the published file, from 1.
    pub number: u32,
    pub hotel: Hotel,
    pub from: Date,
    /// Not a night of the stay any more; equal to `from` for day use.
    pub to: Date,
}

impl Booking {
    /// The nights it takes; none for day use.
    pub fn nights(&self) -> impl Iterator<Item = Date> + use<> {
        let to = self.to;
        self.from.series(1.day()).take_while(move |night| *night < to)
    }

    /// Takes no night, so that the platform is not asked for it.
    #[must_use]
    pub fn is_day_use(&self) -> bool {
        self.from == self.to
    }

    fn check(self) -> Result<Self, String> {
        let days = self.from.until(self.to).map_or(i32::MAX, |span| span.get_days());
        match days {
            0..=NIGHTS_MAX => Ok(self),
            _ => Err(format!("a stay from {} to {} is not 0 to {NIGHTS_MAX} nights", self.from, self.to)),
        }
    }
}

/// What happens to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Book,
    Cancel,
    CheckIn,
    NoShow,
    CheckOut,
}

impl Op {
    /// As lists of events write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Cancel => "cancel",
            Self::CheckIn => "check_in",
            Self::NoShow => "no_show",
            Self::CheckOut => "check_out",
        }
    }
}

/// One step of the replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub on: Date,
    /// Position in [`Plan::bookings`].
    pub booking: usize,
    pub op: Op,
}

/// Bookings by rising number, and their events in the order in which they are decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    bookings: Vec<Booking>,
    events: Vec<Event>,
}

impl Plan {
    /// Reads the published file of 32 columns, plain or gzip, and derives the events.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it makes no sense; the message names the line.
    pub fn read_original(path: &Path) -> anyhow::Result<Self> {
        original::read(path)
    }

    /// Reads a list of events and the bookings that they name, each plain or gzip.
    ///
    /// # Errors
    /// As [`Plan::read_original`].
    pub fn read_derived(events: &Path, bookings: &Path) -> anyhow::Result<Self> {
        derived::read(events, bookings)
    }

    /// A plan of `events` events with the shape of the recorded ones; the same for the same seed, on every machine.
    #[must_use]
    pub fn generated(seed: u64, events: usize) -> Self {
        generated::plan(seed, events)
    }

    /// The first `events` events, and the bookings that they name.
    #[must_use]
    pub fn limited(mut self, events: usize) -> Self {
        self.events.truncate(events);
        self
    }

    #[must_use]
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The booking of an event.
    #[must_use]
    pub fn booking(&self, event: &Event) -> &Booking {
        &self.bookings[event.booking]
    }

    /// The first night and the day after the last one that a hotel's events name.
    #[must_use]
    pub fn span(&self, hotel: Hotel) -> Option<(Date, Date)> {
        let stays = || self.events.iter().map(|event| self.booking(event)).filter(move |one| one.hotel == hotel);
        let (from, to) = (stays().map(|one| one.from).min()?, stays().map(|one| one.to).max()?);
        (from < to).then_some((from, to))
    }

    /// Tells two plans apart: SHA-256 over every event and its stay.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for event in &self.events {
            let Booking { number, hotel, from, to } = self.booking(event);
            hash.update(format!("{number},{},{from},{to},{}\n", hotel.name(), event.op.name()));
        }
        crate::outcome::hexadecimal(hash)
    }
}

/// How a stay ended, with the day where the arrival does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    CheckedOut(Date),
    Cancelled(Date),
    NoShow,
}

/// A booking with its whole life, from which events are derived.
#[derive(Clone, Copy, Debug)]
struct Life {
    booking: Booking,
    booked_on: Date,
    ending: Ending,
}

/// Derives the events: by day, then phase, then number.
fn derive(lives: &[Life]) -> Plan {
    let mut ordered: Vec<(Date, u8, Event)> = Vec::with_capacity(lives.len() * 3);
    for (booking, life) in lives.iter().enumerate() {
        let arrival = life.booking.from;
        let mut push = |on, phase, op| ordered.push((on, phase, Event { on, booking, op }));
        push(life.booked_on, 2, Op::Book);
        match life.ending {
            // On the day of the booking it can only come after it, on another day it makes room for that day's.
            Ending::Cancelled(on) => push(on, if on == life.booked_on { 3 } else { 1 }, Op::Cancel),
            Ending::NoShow => push(arrival, 4, Op::NoShow),
            Ending::CheckedOut(on) => {
                push(arrival, 4, Op::CheckIn);
                push(on, if on == arrival { 5 } else { 0 }, Op::CheckOut);
            }
        }
    }
    // Lives come by rising number, so that a booking's position orders as its number does.
    ordered.sort_by_key(|(on, phase, event)| (*on, *phase, event.booking));
    Plan {
        bookings: lives.iter().map(|life| life.booking).collect(),
        events: ordered.into_iter().map(|(_, _, event)| event).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn life(number: u32, booked_on: Date, nights: i64, ending: Ending) -> Life {
        let from = date(2026, 3, 10);
        let booking = Booking { number, hotel: Hotel::City, from, to: from.saturating_add(nights.days()) };
        Life { booking, booked_on, ending }
    }

    #[test]
    fn within_a_day_old_stays_leave_and_cancel_before_new_ones_are_booked() {
        let (day, before) = (date(2026, 3, 10), date(2026, 3, 1));
        let plan = derive(&[
            life(1, day, 0, Ending::CheckedOut(day)),
            life(2, day, 1, Ending::Cancelled(day)),
            life(3, before, 1, Ending::Cancelled(day)),
            life(4, before, 2, Ending::NoShow),
        ]);
        let on_the_day: Vec<(u32, Op)> = plan
            .events()
            .iter()
            .filter(|event| event.on == day)
            .map(|event| (plan.booking(event).number, event.op))
            .collect();
        assert_eq!(
            on_the_day,
            [
                (3, Op::Cancel),
                (1, Op::Book),
                (2, Op::Book),
                (2, Op::Cancel),
                (1, Op::CheckIn),
                (4, Op::NoShow),
                (1, Op::CheckOut)
            ]
        );
    }

    #[test]
    fn a_stay_takes_the_nights_before_its_departure() {
        let nights = |count| life(1, date(2026, 3, 1), count, Ending::NoShow).booking.nights().count();
        assert_eq!((nights(0), nights(1), nights(69)), (0, 1, 69));
    }
}
