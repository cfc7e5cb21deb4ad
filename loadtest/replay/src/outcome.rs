//! What became of a plan: every decision, the figures and the nights at the end, and their two hashes.

use crate::plan::{Booking, Hotel, Op, Plan};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// Rooms of each hotel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacities {
    pub city: u32,
    pub resort: u32,
}

impl Capacities {
    /// What both hotels really had.
    pub const REALISED: Self = Self { city: 226, resort: 187 };

    #[must_use]
    pub const fn of(self, hotel: Hotel) -> u32 {
        match hotel {
            Hotel::City => self.city,
            Hotel::Resort => self.resort,
        }
    }

    /// A share of the rooms, rounded down; a divisor of 0 counts as 1.
    #[must_use]
    pub const fn divided(self, divisor: u32) -> Self {
        let divisor = if divisor == 0 { 1 } else { divisor };
        Self { city: self.city / divisor, resort: self.resort / divisor }
    }
}

/// Most rooms that were ever on the books for one night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    pub rooms: u32,
    /// The first night that had so many.
    pub night: Date,
    /// The day on which it came to that.
    pub reached_on: Date,
}

/// How a hotel fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Including day use.
    pub accepted: u32,
    pub rejected: u32,
    /// Cancelled after they were accepted.
    pub cancelled: u32,
    /// Accepted because they take no night.
    pub day_use: u32,
    pub peak: Option<Peak>,
}

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// By booking number: accepted or not.
    pub decisions: BTreeMap<u32, bool>,
    pub figures: BTreeMap<Hotel, Figures>,
    /// Rooms taken at the end, of every night that has any.
    pub occupancy: BTreeMap<(Hotel, Date), u32>,
}

impl Outcome {
    /// SHA-256 over a `1` or a `0` for each decision, by rising booking number.
    #[must_use]
    pub fn decisions_sha256(&self) -> String {
        let bits: Vec<u8> = self.decisions.values().map(|accepted| if *accepted { b'1' } else { b'0' }).collect();
        hexadecimal(Sha256::new_with_prefix(bits))
    }

    /// SHA-256 over a line `hotel,night,rooms` for each night with any room taken, by hotel and night.
    #[must_use]
    pub fn occupancy_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for ((hotel, night), rooms) in &self.occupancy {
            hash.update(format!("{},{night},{rooms}\n", hotel.name()));
        }
        hexadecimal(hash)
    }

    /// The outcome of a plan whose bookings are decided by `decide`, which sees the books as they stand then.
    pub(crate) fn tell(plan: &Plan, mut decide: impl FnMut(&Books, &Booking) -> bool) -> Self {
        let (mut books, mut outcome) = (Books::default(), Self::default());
        for event in plan.events() {
            let booking = plan.booking(event);
            let figures = outcome.figures.entry(booking.hotel).or_default();
            match event.op {
                Op::Book if decide(&books, booking) => {
                    outcome.decisions.insert(booking.number, true);
                    figures.accepted += 1;
                    figures.day_use += u32::from(booking.is_day_use());
                    books.take(booking, event.on, figures);
                }
                Op::Book => {
                    outcome.decisions.insert(booking.number, false);
                    figures.rejected += 1;
                }
                Op::Cancel if outcome.decisions.get(&booking.number) == Some(&true) => {
                    figures.cancelled += 1;
                    books.give_back(booking);
                }
                Op::Cancel | Op::CheckIn | Op::NoShow | Op::CheckOut => {}
            }
        }
        outcome.occupancy = books.0.into_iter().filter(|(_, rooms)| *rooms > 0).collect();
        outcome
    }
}

/// Decides a plan in memory: a booking is accepted if each of its nights has a room left.
#[must_use]
pub fn reference(plan: &Plan, capacities: Capacities) -> Outcome {
    Outcome::tell(plan, |books, booking| {
        booking.nights().all(|night| books.taken(booking.hotel, night) < capacities.of(booking.hotel))
    })
}

/// Rooms taken per night.
#[derive(Debug, Default)]
pub struct Books(HashMap<(Hotel, Date), u32>);

impl Books {
    fn taken(&self, hotel: Hotel, night: Date) -> u32 {
        self.0.get(&(hotel, night)).copied().unwrap_or_default()
    }

    fn take(&mut self, booking: &Booking, on: Date, figures: &mut Figures) {
        for night in booking.nights() {
            let rooms = self.0.entry((booking.hotel, night)).or_default();
            *rooms += 1;
            if figures.peak.is_none_or(|peak| *rooms > peak.rooms) {
                figures.peak = Some(Peak { rooms: *rooms, night, reached_on: on });
            }
        }
    }

    fn give_back(&mut self, booking: &Booking) {
        for night in booking.nights() {
            if let Some(rooms) = self.0.get_mut(&(booking.hotel, night)) {
                *rooms = rooms.saturating_sub(1);
            }
        }
    }
}

pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
