//! Replays recorded hotel bookings through the platform and compares every decision with the expected one.
#![doc = include_str!("../README.md")]

mod drive;
mod expect;
mod journal;
mod outcome;
mod plan;
mod platform;
mod schedule;

pub use drive::{Config, Payment, Progress, run};
pub use expect::{differences, differences_to_entry};
pub use outcome::{Capacities, Figures, Outcome, Peak, reference};
pub use plan::{Booking, Event, Hotel, Op, Plan, recorded_data};
pub use platform::Urls;
